/** What only a plan has: why, which properties, how some entities change, and how long apply would take. */
import { code } from '../escape.ts'
import { details, format, framed, type Part, stack, table } from '../markup.ts'
import type { Cause, ChangeReport, OperationReport, Report } from '../model.ts'
import { plain, type Section } from '../section.ts'

const CAUSES: Record<Cause, string> = {
  mapping: 'changed by the mapping',
  wiz: 'changed in Wiz',
  drift: 'changed by somebody else in Port',
  unmapped: 'no longer mapped',
}
const UNKNOWN = 'not known'
const CREATED_AGAIN =
  'Among what Wiz has for Port to create may be what somebody deleted there: Port does not tell it from what is new.'

export function causes({ operations }: Report): Section[] {
  if (operations.length === 0) return []
  const rows = new Map<string, Record<OperationReport['action'], number>>()
  for (const { blueprint, cause, action } of operations) {
    const key = JSON.stringify([blueprint, cause === undefined ? UNKNOWN : CAUSES[cause]])
    const row = rows.get(key) ?? { create: 0, update: 0, delete: 0 }
    row[action] += 1
    rows.set(key, row)
  }
  const body = table({
    head: ['Blueprint', 'Cause', 'Create', 'Update', 'Delete'],
    items: [...rows],
    row([key, row]) {
      const [blueprint, cause] = JSON.parse(key) as [string, string]
      return [code(blueprint), cause, format(row.create), format(row.update), format(row.delete)]
    },
    what: 'causes',
  })
  const blurred = operations.some(({ action, cause }) => action === 'create' && cause === 'wiz')
  return [{ title: 'Why', body: blurred ? framed('', body, `\n\n<p>${CREATED_AGAIN}</p>`) : body }]
}

/** A pie of what a reviewer asks first; GitHub draws it. */
export function chart({ operations }: Report): Section[] {
  const counts = new Map<string, number>()
  for (const { cause, action } of operations) {
    const name = `${action}: ${cause === undefined ? UNKNOWN : CAUSES[cause]}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  if (counts.size < 2) return []
  const slices = [...counts].map(([name, count]) => `  "${name}" : ${count}`)
  return plain('Chart', `\`\`\`mermaid\npie showData title Operations by cause\n${slices.join('\n')}\n\`\`\``)
}

export function changedFields({ operations }: Report): Section[] {
  const counts = new Map<string, number>()
  for (const { action, blueprint, fields } of operations) {
    if (action !== 'update') continue
    for (const field of fields) {
      const key = JSON.stringify([blueprint, field])
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  if (counts.size === 0) return []
  const body = table({
    head: ['Blueprint', 'Field', 'Entities'],
    items: [...counts].sort((a, b) => b[1] - a[1]),
    row([key, count]) {
      const [blueprint = '', field = ''] = JSON.parse(key) as string[]
      return [code(blueprint), code(field), format(count)]
    },
    what: 'fields',
  })
  return [{ title: 'Changed fields', body }]
}

/** The first ones open, the rest folded. */
const OPEN = 3

export function changes({ changes: all }: Report): Section[] {
  if (all.length === 0) return []
  const folded = all.slice(OPEN).map(change)
  const rest = folded.length === 0 ? [] : [details(`${format(folded.length)} more`, stack(folded, 'examples'))]
  return [{ title: 'For example', body: stack([...all.slice(0, OPEN).map(change), ...rest], 'examples') }]
}

function change({ blueprint, identifier, title, fields }: ChangeReport): Part {
  const name = `<p>${code(blueprint)} ${code(identifier)}${title === undefined ? '' : ` ${code(title)}`}</p>`
  const body = table({
    head: ['Field', 'Before', 'After'],
    items: fields,
    row: ({ field, values }) =>
      values === undefined
        ? [code(field), '(hidden)', '(hidden)']
        : [code(field), code(JSON.stringify(values.before)), code(JSON.stringify(values.after))],
    what: 'fields',
  })
  return framed(`${name}\n\n`, body)
}

export function created({ operations }: Report): Section[] {
  const creates = new Map<string, OperationReport[]>()
  for (const operation of operations) {
    if (operation.action !== 'create') continue
    const known = creates.get(operation.blueprint) ?? []
    known.push(operation)
    creates.set(operation.blueprint, known)
  }
  if (creates.size === 0) return []
  const parts = [...creates].map(([blueprint, items]) => {
    const row = ({ title = '', identifier }: OperationReport) => [code(title), code(identifier)]
    const names = table({ head: ['Title', 'Identifier'], items, row, what: 'entities' })
    return details(`${code(blueprint)}: ${format(items.length)} to create`, names)
  })
  return [{ title: 'New', body: stack(parts, 'blueprints') }]
}

export function outlook({ forecast, planId }: Report): Section[] {
  if (forecast === undefined) return []
  const { wizRequests, portRequests, minutes } = forecast
  const time = minutes < 1 ? 'less than a minute' : `about ${format(Math.ceil(minutes))} minutes`
  return plain(
    'Forecast',
    `<p>Apply would take ${time}: ${format(wizRequests)} requests to Wiz and ${format(portRequests)} to Port, at their known limits. Plan ${code(planId)}.</p>`,
  )
}
