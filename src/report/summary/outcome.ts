/** What went wrong, and the numbers. */
import { sayProblem } from '../../errors.ts'
import { code, say } from '../escape.ts'
import { format, list, sentence, table } from '../markup.ts'
import { COUNTS, type Report, totals } from '../model.ts'
import type { Section } from '../section.ts'

export function problems({ problems: wrong, warnings, notes, deletions, mode }: Report): Section[] {
  const lines = [
    // In a plan this is what its reader has to decide about.
    ...deletions.flatMap(({ status, blueprint, reason = '' }) =>
      mode === 'plan' && status === 'blocked' ? `🛑 ${code(blueprint)}: deletion blocked. ${say(reason)}` : [],
    ),
    ...wrong.map(problem => `❌ ${say(sayProblem(problem))}`),
    ...warnings.map(warning => `⚠️ ${say(sayProblem(warning))}`),
    ...notes.map(note => `ℹ️ ${say(sayProblem(note))}`),
  ]
  if (lines.length === 0) return []
  return [{ title: 'Problems', bare: true, body: list(lines, line => line, 'problems, warnings and notes') }]
}

export function counts({ blueprints }: Report): Section[] {
  const items = Object.entries(blueprints)
  if (items.length === 0) return []
  const body = table({
    head: ['Blueprint', ...COUNTS],
    items,
    row: ([blueprint, row]) => [code(blueprint), ...COUNTS.map(column => format(row[column]))],
    what: 'blueprints',
  })
  return [{ title: 'Counts', bare: true, share: 1 / 2, body }]
}

export function createdBlueprints({ createdBlueprints: names, mode }: Report): Section[] {
  if (names.length === 0) return []
  const done = mode === 'plan' ? 'Apply would create' : 'Created'
  const body = sentence(`${done} the missing blueprints`, names.map(code), '.')
  return [{ title: 'Missing blueprints', bare: true, body }]
}

export function failures(report: Report): Section[] {
  const { failed } = totals(report)
  if (failed === 0) return []
  const body = table({
    head: ['Blueprint', 'Kind', 'Identifier', 'Reason'],
    items: report.failures,
    row: ({ blueprint, kind, identifier, field, reason }) => [
      code(blueprint),
      code(kind ?? ''),
      code(identifier),
      say(field === undefined ? reason : `${field}: ${reason}`),
    ],
    what: 'failures',
    total: failed,
  })
  return [{ title: `Failures (${format(failed)})`, share: 3 / 4, body }]
}
