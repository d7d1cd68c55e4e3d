/** The job summary: what happened, in the order in which a person wants to know it. A pure function of the report. */
import { code, html } from './escape.ts'
import { type BlueprintCounts, hasChanges, type Report, totals } from './model.ts'

/** GitHub drops a summary of over 1 MiB whole; this leaves room for other steps' tools that add to it. */
const MAX_BYTES = 900 * 1024
const MAX_ROWS = 100

const HEADLINES: Record<Report['conclusion'], string> = {
  success: '✅ Port equals Wiz',
  failed: '❌ Wiz to Port failed',
  blocked: '🛑 Wiz to Port: deletion blocked',
}

const COLUMNS: readonly (keyof BlueprintCounts)[] = ['created', 'updated', 'unchanged', 'deleted', 'skipped', 'failed']

/**
 * @returns Markdown with HTML in it, at most `maxBytes` as UTF-8; sections that do not fit are left out, and that is said
 */
export function renderSummary(report: Report, maxBytes: number = MAX_BYTES): string {
  const sections = [
    headline(report),
    problems(report),
    counts(report),
    failures(report),
    deletions(report),
    kinds(report),
    fieldErrors(report),
    collisions(report),
    takeovers(report),
    traffic(report),
  ]
  return within(
    sections.filter(section => section !== ''),
    maxBytes,
  )
}

/** One line for the log and for the top of the summary. */
export function sayTotals(report: Report): string {
  const sum = totals(report)
  return COLUMNS.map(column => `${format(sum[column])} ${column}`).join(', ')
}

function headline(report: Report): string {
  const title =
    report.conclusion === 'success' && !hasChanges(report)
      ? '✅ Port equals Wiz: nothing to change'
      : HEADLINES[report.conclusion]
  return `## ${title}\n\n**${sayTotals(report)}** in ${seconds(report.durationMs)}`
}

function problems({ problems: list, warnings }: Report): string {
  const lines = [
    ...list.map(problem => `<li>❌ ${code(problem)}</li>`),
    ...warnings.map(warning => `<li>⚠️ ${code(warning)}</li>`),
  ]
  return lines.length === 0 ? '' : `<ul>\n${limited(lines)}\n</ul>`
}

function counts({ blueprints, createdBlueprints }: Report): string {
  const rows = Object.entries(blueprints).map(([blueprint, row]) => [
    code(blueprint),
    ...COLUMNS.map(column => format(row[column])),
  ])
  if (rows.length === 0) return ''
  const created = createdBlueprints.map(code).join(', ')
  return `${table(['Blueprint', ...COLUMNS], rows)}${created === '' ? '' : `\n\n<p>Created the missing blueprints ${created}.</p>`}`
}

function failures(report: Report): string {
  const { failed } = totals(report)
  if (failed === 0) return ''
  const rows = report.failures.map(({ blueprint, kind, identifier, field, reason }) => [
    code(blueprint),
    code(kind ?? ''),
    code(identifier),
    code(field === undefined ? reason : `${field}: ${reason}`),
  ])
  return `### Failures (${format(failed)})\n\n${table(['Blueprint', 'Kind', 'Identifier', 'Reason'], rows, failed)}`
}

function deletions({ deletions: list }: Report): string {
  const parts = list.flatMap(({ blueprint, status, reason, owned, stale, deleted, kept }) => {
    const lines: string[] = []
    if (status === 'blocked') lines.push(`<p>🛑 ${code(blueprint)}: deletion blocked. ${html(reason ?? '')}</p>`)
    else if (status === 'skip' && stale > 0) {
      lines.push(
        `<p>${code(blueprint)}: ${format(stale)} of ${format(owned)} look stale and were not deleted: ${code(reason ?? '')}</p>`,
      )
    }
    if (deleted.length > 0) {
      const names = deleted.map(({ identifier, title }) => [code(title ?? ''), code(identifier)])
      const what = `${code(blueprint)}: ${format(deleted.length)} of ${format(owned)} deleted`
      lines.push(details(what, table(['Title', 'Identifier'], names, deleted.length)))
    }
    if (kept.length > 0) {
      const what = `${code(blueprint)}: ${format(kept.length)} kept, because other entities depend on them`
      lines.push(
        details(
          what,
          table(
            ['Identifier'],
            kept.map(identifier => [code(identifier)]),
            kept.length,
          ),
        ),
      )
    }
    return lines
  })
  return parts.length === 0 ? '' : `### Deletions\n\n${parts.join('\n\n')}`
}

function kinds({ kinds: list, mapping }: Report): string {
  if (list.length === 0) return ''
  const rows = list.map(({ kind, objects, incomplete }) => [
    code(kind),
    format(objects),
    incomplete === undefined ? 'complete' : `⚠️ ${code(incomplete)}`,
  ])
  return `### Read from Wiz\n\n<p>Mapping: ${code(mapping)}</p>\n\n${table(['Kind', 'Objects', 'Read'], rows)}`
}

function fieldErrors({ fieldErrors: list }: Report): string {
  if (list.length === 0) return ''
  const rows = list.map(({ kind, field, message, count, examples }) => [
    code(kind),
    code(field),
    code(message),
    format(count),
    examples.map(code).join(' '),
  ])
  const what = 'These expressions failed on some objects. The field was left out there; Port keeps what it has.'
  return `### Field errors\n\n${what}\n\n${table(['Kind', 'Field', 'Message', 'Objects', 'For example'], rows)}`
}

function collisions({ collisions: list, collisionCount }: Report): string {
  if (list.length === 0) return ''
  const rows = list.map(({ blueprint, identifier, fields }) => [
    code(blueprint),
    code(identifier),
    code(fields.join(', ')),
  ])
  const what = 'Different objects map to the same entity and say different things about it; the last one holds.'
  return `### Collisions\n\n${what}\n\n${table(['Blueprint', 'Identifier', 'Fields'], rows, collisionCount)}`
}

function takeovers({ takeovers: list }: Report): string {
  if (list.length === 0) return ''
  const rows = list.map(({ blueprint, count, formerOwners }) => [
    code(blueprint),
    format(count),
    formerOwners.map(code).join(', '),
  ])
  const what =
    'The mapping wants entities that somebody else wrote. They were written once and belong to this installation now.'
  return `### Taken over\n\n${what}\n\n${table(['Blueprint', 'Entities', 'Written before by'], rows)}`
}

function traffic({ wiz, port, version }: Report): string {
  const row = (name: string, { requests, retries, waitedMs }: Report['wiz']) => [
    name,
    format(requests),
    format(retries),
    seconds(waitedMs),
  ]
  const rows = [row('Wiz', wiz), row('Port', port)]
  return `${table(['Service', 'Requests', 'Repeated', 'Waited'], rows)}\n\n<sub>wiz-to-port ${html(version)}</sub>`
}

/** Cells are HTML already. */
function table(head: readonly string[], rows: readonly string[][], total: number = rows.length): string {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
  const body = limited(
    rows.map(cells => line(cells, 'td')),
    total,
    head.length,
  )
  return `<table>\n${line(head, 'th')}\n${body}\n</table>`
}

function details(summary: string, content: string): string {
  return `<details><summary>${summary}</summary>\n\n${content}\n\n</details>`
}

/** The first lines, and how many there are besides. */
function limited(lines: readonly string[], total: number = lines.length, columns = 1): string {
  const shown = lines.slice(0, MAX_ROWS)
  const rest = total - shown.length
  if (rest <= 0) return shown.join('\n')
  const note = `… and ${format(rest)} more; the report file has up to 10,000`
  return [...shown, columns > 1 ? `<tr><td colspan="${columns}">${note}</td></tr>` : `<li>${note}</li>`].join('\n')
}

function within(sections: readonly string[], maxBytes: number): string {
  const note = '\n\n⚠️ The rest of this summary was left out because it is too large; the report file has all of it.'
  const kept: string[] = []
  let left = maxBytes - Buffer.byteLength(note) - 1
  for (const section of sections) {
    left -= Buffer.byteLength(section) + 2
    if (left < 0) return `${kept.join('\n\n')}${note}\n`
    kept.push(section)
  }
  return `${kept.join('\n\n')}\n`
}

function format(count: number): string {
  return count.toLocaleString('en-US')
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
