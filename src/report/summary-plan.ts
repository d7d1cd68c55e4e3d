/** What only a plan has: why, which properties, how some entities change, and how long apply would take. */
import { code } from './escape.ts'
import { details, format, table } from './markup.ts'
import type { Cause, ChangeReport, OperationReport, Report } from './model.ts'

const CAUSES: Record<Cause, string> = {
  mapping: 'changed by the mapping',
  wiz: 'changed in Wiz',
  drift: 'changed by somebody else in Port',
  unmapped: 'no longer mapped',
}
const UNKNOWN = 'not known'

export function causes({ operations }: Report): string {
  if (operations.length === 0) return ''
  const rows = new Map<string, Record<OperationReport['action'], number>>()
  for (const { blueprint, cause, action } of operations) {
    const key = JSON.stringify([blueprint, cause === undefined ? UNKNOWN : CAUSES[cause]])
    const row = rows.get(key) ?? { create: 0, update: 0, delete: 0 }
    row[action] += 1
    rows.set(key, row)
  }
  const cells = [...rows].map(([key, row]) => {
    const [blueprint, cause] = JSON.parse(key) as [string, string]
    return [code(blueprint), cause, format(row.create), format(row.update), format(row.delete)]
  })
  return `### Why\n\n${table(['Blueprint', 'Cause', 'Create', 'Update', 'Delete'], cells)}`
}

/** A pie of what a reviewer asks first; GitHub draws it. */
export function chart({ operations }: Report): string {
  const counts = new Map<string, number>()
  for (const { cause, action } of operations) {
    const name = `${action}: ${cause === undefined ? UNKNOWN : CAUSES[cause]}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  if (counts.size < 2) return ''
  const slices = [...counts].map(([name, count]) => `  "${name}" : ${count}`)
  return `\`\`\`mermaid\npie showData title Operations by cause\n${slices.join('\n')}\n\`\`\``
}

export function changedFields({ operations }: Report): string {
  const counts = new Map<string, number>()
  for (const { action, blueprint, fields } of operations) {
    if (action !== 'update') continue
    for (const field of fields) {
      const key = JSON.stringify([blueprint, field])
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
  }
  if (counts.size === 0) return ''
  const rows = [...counts]
    .sort((a, b) => b[1] - a[1])
    .map(([key, count]) => {
      const [blueprint = '', field = ''] = JSON.parse(key) as string[]
      return [code(blueprint), code(field), format(count)]
    })
  return `### Changed fields\n\n${table(['Blueprint', 'Field', 'Entities'], rows)}`
}

/** The first ones open, the rest folded. */
const OPEN = 3

export function changes({ changes: list }: Report): string {
  if (list.length === 0) return ''
  const open = list.slice(0, OPEN).map(change)
  const folded = list.slice(OPEN).map(change)
  const rest = folded.length === 0 ? '' : `\n\n${details(`${format(folded.length)} more`, folded.join('\n\n'))}`
  return `### For example\n\n${open.join('\n\n')}${rest}`
}

function change({ blueprint, identifier, title, fields }: ChangeReport): string {
  const name = `<p>${code(blueprint)} ${code(identifier)}${title === undefined ? '' : ` ${code(title)}`}</p>`
  const rows = fields.map(({ field, values }) =>
    values === undefined
      ? [code(field), '(hidden)', '(hidden)']
      : [code(field), code(JSON.stringify(values.before)), code(JSON.stringify(values.after))],
  )
  return `${name}\n\n${table(['Field', 'Before', 'After'], rows)}`
}

export function created({ operations }: Report): string {
  const parts = [...new Set(operations.map(({ blueprint }) => blueprint))].flatMap(blueprint => {
    const all = operations.filter(one => one.blueprint === blueprint && one.action === 'create')
    if (all.length === 0) return []
    const rows = all.slice(0, 100).map(({ title = '', identifier }) => [code(title), code(identifier)])
    return details(
      `${code(blueprint)}: ${format(all.length)} to create`,
      table(['Title', 'Identifier'], rows, all.length),
    )
  })
  return parts.length === 0 ? '' : `### New\n\n${parts.join('\n\n')}`
}

export function outlook({ forecast, planId }: Report): string {
  if (forecast === undefined) return ''
  const { wizRequests, portRequests, minutes } = forecast
  const time = minutes < 1 ? 'less than a minute' : `about ${format(Math.ceil(minutes))} minutes`
  return `<p>Apply would take ${time}: ${format(wizRequests)} requests to Wiz and ${format(portRequests)} to Port, at their known limits. Plan ${code(planId)}.</p>`
}
