/** What was deleted, by name, and what was not. */
import { code, say } from '../escape.ts'
import { details, format, type Part, stack, table, text } from '../markup.ts'
import type { DeletionReport, Report } from '../model.ts'
import type { Section } from '../section.ts'

export function deletions({ deletions: all, mode }: Report): Section[] {
  const parts = all.flatMap(deletion => [...refused(deletion, mode), ...done(deletion, mode)])
  return parts.length === 0 ? [] : [{ title: 'Deletions', body: stack(parts, 'parts about deletions') }]
}

function refused({ blueprint, status, reason = '', owned, stale }: DeletionReport, mode: Report['mode']): Part[] {
  // A plan has it among its problems.
  if (status === 'blocked' && mode !== 'plan')
    return [text(`<p>🛑 ${code(blueprint)}: deletion blocked. ${say(reason)}</p>`)]
  if (status !== 'skip' || stale === 0) return []
  const what = `${format(stale)} of ${format(owned)} look stale and were not deleted`
  return [text(`<p>${code(blueprint)}: ${what}: ${say(reason)}</p>`)]
}

function done({ blueprint, owned, deleted, kept, touched }: DeletionReport, mode: Report['mode']): Part[] {
  const parts = [
    stayed(blueprint, kept, 'kept, because other entities depend on them'),
    stayed(blueprint, touched, 'kept, because they were written after this run had begun'),
  ].flat()
  if (deleted.length === 0) return parts
  const verb = mode === 'plan' ? 'would be deleted' : 'deleted'
  const names = table({
    head: ['Title', 'Identifier'],
    items: deleted,
    row: ({ identifier, title = '' }) => [code(title), code(identifier)],
    what: 'entities',
  })
  return [details(`${code(blueprint)}: ${format(deleted.length)} of ${format(owned)} ${verb}`, names), ...parts]
}

function stayed(blueprint: string, identifiers: readonly string[], why: string): Part[] {
  if (identifiers.length === 0) return []
  const row = (identifier: string) => [code(identifier)]
  const names = table({ head: ['Identifier'], items: identifiers, row, what: 'entities' })
  return [details(`${code(blueprint)}: ${format(identifiers.length)} ${why}`, names)]
}
