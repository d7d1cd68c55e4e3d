/** What a run took, and which version it was. */
import { html } from '../escape.ts'
import { format, seconds, table } from '../markup.ts'
import type { Report } from '../model.ts'
import { plain, type Section } from '../section.ts'

export function traffic({ wiz, port }: Report): Section[] {
  const body = table({
    head: ['Service', 'Requests', 'Repeated', 'Waited'],
    items: Object.entries({ Wiz: wiz, Port: port }),
    row: ([name, { requests, retries, waitedMs }]) => [name, format(requests), format(retries), seconds(waitedMs)],
    what: 'services',
  })
  return [{ title: 'Requests', bare: true, body }]
}

export function version({ version: number }: Report): Section[] {
  return plain('Version', `<sub>wiz-to-port ${html(number)}</sub>`)
}
