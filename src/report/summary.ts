/** The job summary: what happened, in the order in which a person wants to know it. A pure function of the report. */
import { sayProblem } from '../errors.ts'
import { code, html } from './escape.ts'
import { details, format, limited, seconds, table } from './markup.ts'
import { type BlueprintCounts, hasChanges, type Report, totals } from './model.ts'
import { drift } from './summary-drift.ts'
import { examples } from './summary-examples.ts'
import { causes, changedFields, changes, chart, created, outlook } from './summary-plan.ts'

/** GitHub drops a summary of over 1 MiB whole; this leaves room for other steps' tools that add to it. */
const MAX_BYTES = 900 * 1024

const HEADLINES: Record<Report['conclusion'], string> = {
  success: '✅ Port equals Wiz',
  failed: '❌ Wiz to Port failed',
  blocked: '🛑 Wiz to Port: deletion blocked',
}

const COLUMNS: readonly (keyof BlueprintCounts)[] = ['created', 'updated', 'unchanged', 'deleted', 'skipped', 'failed']

/**
 * @returns Markdown with HTML in it, at most `maxBytes` as UTF-8; sections that do not fit are left out, and that is said
 * @param where a comment has neither a chart nor what only the log's reader needs
 */
export function renderSummary(report: Report, maxBytes = MAX_BYTES, where: 'summary' | 'comment' = 'summary'): string {
  const plan = report.mode === 'plan'
  const sections = [
    headline(report),
    problems(report),
    drift(report),
    counts(report),
    failures(report),
    deletions(report),
    ...(plan ? [causes(report), where === 'summary' ? chart(report) : '', changedFields(report)] : []),
    ...(plan ? [changes(report), created(report), outlook(report)] : []),
    kinds(report),
    examples(report),
    fieldErrors(report),
    collisions(report),
    takeovers(report),
    report.mode === 'validate' ? version(report) : traffic(report),
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
  if (report.mode === 'validate') return validated(report)
  if (report.mode === 'plan') return planned(report)
  if (report.mode === 'event') return followed(report)
  if (report.mode === 'webhook') {
    return `## ${report.conclusion === 'success' ? '✅ The webhook is set up' : '❌ The webhook is not set up'}`
  }
  const title =
    report.conclusion === 'success' && !hasChanges(report)
      ? '✅ Port equals Wiz: nothing to change'
      : HEADLINES[report.conclusion]
  return `## ${title}\n\n**${sayTotals(report)}** in ${seconds(report.durationMs)}`
}

function followed(report: Report): string {
  const { source = 'issues', ids = [] } = report.event ?? {}
  const done = hasChanges(report) ? 'followed' : 'followed, nothing to change'
  const what = { success: `✅ Live event ${done}`, failed: '❌ Live event failed', blocked: HEADLINES.blocked }
  const named = ids.length === 0 ? '' : `\n\n<p>${format(ids.length)} ${source}: ${ids.map(code).join(', ')}</p>`
  return `## ${what[report.conclusion]}\n\n**${sayTotals(report)}** in ${seconds(report.durationMs)}${named}`
}

function planned(report: Report): string {
  const { created, updated, deleted } = totals(report)
  const what = hasChanges(report)
    ? `📋 Plan: ${format(created)} to create, ${format(updated)} to update, ${format(deleted)} to delete`
    : '📋 Plan: no changes'
  const titles = { success: what, failed: `❌ ${what}, and something failed`, blocked: `🛑 ${what}; deletion blocked` }
  return `## ${titles[report.conclusion]}\n\n**${sayTotals(report)}**`
}

function validated({ mapping, problems: { length }, warnings, notes, conclusion }: Report): string {
  const title = conclusion === 'success' ? '✅ The mapping is valid' : '❌ The mapping has to be mended'
  const numbers = `${length} errors, ${warnings.length} warnings, ${notes.length} notes`
  return `## ${title}\n\n<p>${code(mapping)}: <b>${numbers}</b></p>`
}

function problems({ problems: list, warnings, notes, deletions: decided, mode }: Report): string {
  const lines = [
    // In a plan this is what its reader has to decide about.
    ...decided.flatMap(({ status, blueprint, reason = '' }) =>
      mode === 'plan' && status === 'blocked'
        ? `<li>🛑 ${code(blueprint)}: deletion blocked. ${html(reason)}</li>`
        : [],
    ),
    ...list.map(problem => `<li>❌ ${code(sayProblem(problem))}</li>`),
    ...warnings.map(warning => `<li>⚠️ ${code(sayProblem(warning))}</li>`),
    ...notes.map(note => `<li>ℹ️ ${code(sayProblem(note))}</li>`),
  ]
  return lines.length === 0 ? '' : `<ul>\n${limited(lines)}\n</ul>`
}

function counts({ blueprints, createdBlueprints, mode }: Report): string {
  const done = mode === 'plan' ? 'Apply would create' : 'Created'
  const rows = Object.entries(blueprints).map(([blueprint, row]) => [
    code(blueprint),
    ...COLUMNS.map(column => format(row[column])),
  ])
  if (rows.length === 0) return ''
  const created = createdBlueprints.map(code).join(', ')
  return `${table(['Blueprint', ...COLUMNS], rows)}${created === '' ? '' : `\n\n<p>${done} the missing blueprints ${created}.</p>`}`
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

function deletions({ deletions: list, mode }: Report): string {
  const parts = list.flatMap(({ blueprint, status, reason, owned, stale, deleted, kept, touched }) => {
    const lines: string[] = []
    if (status === 'blocked' && mode !== 'plan') {
      lines.push(`<p>🛑 ${code(blueprint)}: deletion blocked. ${html(reason ?? '')}</p>`)
    } else if (status === 'skip' && stale > 0) {
      lines.push(
        `<p>${code(blueprint)}: ${format(stale)} of ${format(owned)} look stale and were not deleted: ${code(reason ?? '')}</p>`,
      )
    }
    if (deleted.length > 0) {
      const done = mode === 'plan' ? 'would be deleted' : 'deleted'
      const names = deleted.map(({ identifier, title }) => [code(title ?? ''), code(identifier)])
      const what = `${code(blueprint)}: ${format(deleted.length)} of ${format(owned)} ${done}`
      lines.push(details(what, table(['Title', 'Identifier'], names, deleted.length)))
    }
    lines.push(...stayed(blueprint, kept, 'kept, because other entities depend on them'))
    lines.push(...stayed(blueprint, touched, 'kept, because they were written after this run had begun'))
    return lines
  })
  return parts.length === 0 ? '' : `### Deletions\n\n${parts.join('\n\n')}`
}

function stayed(blueprint: string, identifiers: readonly string[], why: string): string[] {
  if (identifiers.length === 0) return []
  const rows = identifiers.map(identifier => [code(identifier)])
  return [
    details(
      `${code(blueprint)}: ${format(identifiers.length)} ${why}`,
      table(['Identifier'], rows, identifiers.length),
    ),
  ]
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

function traffic(report: Report): string {
  const { wiz, port } = report
  const row = (name: string, { requests, retries, waitedMs }: Report['wiz']) => [
    name,
    format(requests),
    format(retries),
    seconds(waitedMs),
  ]
  const rows = [row('Wiz', wiz), row('Port', port)]
  return `${table(['Service', 'Requests', 'Repeated', 'Waited'], rows)}\n\n${version(report)}`
}

function version({ version: number }: Report): string {
  return `<sub>wiz-to-port ${html(number)}</sub>`
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
