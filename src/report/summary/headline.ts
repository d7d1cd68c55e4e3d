/** The first lines of a summary: how it ended, in a few words and six numbers. */
import { code } from '../escape.ts'
import { format, seconds, text } from '../markup.ts'
import { COUNTS, hasChanges, isPlanned, type Report, totals } from '../model.ts'
import type { Section } from '../section.ts'

const HEADLINES: Record<Report['conclusion'], string> = {
  success: '✅ Port equals Wiz',
  failed: '❌ Wiz to Port failed',
  blocked: '🛑 Wiz to Port: deletion blocked',
}

/** So many of a live event's ids stand in the headline. */
const MAX_IDS = 20

export function headline(report: Report): Section[] {
  const [title, ...lines] = HEADS[report.mode](report)
  return [{ title: 'Headline', bare: true, share: 1, body: text([`## ${title}`, ...lines].join('\n\n')) }]
}

/** One line for the log and for the top of the summary. */
export function sayTotals(report: Report): string {
  const sum = totals(report)
  return COUNTS.map(column => `${format(sum[column])} ${column}`).join(', ')
}

type Head = [title: string, ...lines: string[]]

const HEADS: Record<Report['mode'], (report: Report) => Head> = {
  apply: applied,
  event: followed,
  plan: planned,
  validate: validated,
  webhook: ({ conclusion }) => [conclusion === 'success' ? '✅ The webhook is set up' : '❌ The webhook is not set up'],
}

function applied(report: Report): Head {
  const equal = report.conclusion === 'success' && !hasChanges(report)
  const title = equal ? '✅ Port equals Wiz: nothing to change' : HEADLINES[report.conclusion]
  return [title, `**${sayTotals(report)}** in ${seconds(report.durationMs)}`]
}

function followed(report: Report): Head {
  const { source = 'issues', ids = [] } = report.event ?? {}
  const done = hasChanges(report) ? 'followed' : 'followed, nothing to change'
  const what = { success: `✅ Live event ${done}`, failed: '❌ Live event failed', blocked: HEADLINES.blocked }
  const more = ids.length > MAX_IDS ? ', …' : ''
  const named =
    ids.length === 0
      ? []
      : [`<p>${format(ids.length)} ${source}: ${ids.slice(0, MAX_IDS).map(code).join(', ')}${more}</p>`]
  return [what[report.conclusion], `**${sayTotals(report)}** in ${seconds(report.durationMs)}`, ...named]
}

function planned(report: Report): Head {
  // What was seen until then is no plan: nothing says that apply would do it.
  if (!isPlanned(report)) return ['❌ There is no plan: the run ended before it was made', `**${sayTotals(report)}**`]
  const { created, updated, deleted } = totals(report)
  const what = hasChanges(report)
    ? `📋 Plan: ${format(created)} to create, ${format(updated)} to update, ${format(deleted)} to delete`
    : '📋 Plan: no changes'
  const titles = { success: what, failed: `❌ ${what}, and something failed`, blocked: `🛑 ${what}; deletion blocked` }
  return [titles[report.conclusion], `**${sayTotals(report)}**`]
}

function validated({ mapping, problems: { length }, warnings, notes, conclusion }: Report): Head {
  const title = conclusion === 'success' ? '✅ The mapping is valid' : '❌ The mapping has to be mended'
  const numbers = `${length} errors, ${warnings.length} warnings, ${notes.length} notes`
  return [title, `<p>${code(mapping)}: <b>${numbers}</b></p>`]
}
