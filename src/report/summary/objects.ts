/** What was read from Wiz, and what about its objects deserves a look. */
import { code, say } from '../escape.ts'
import { format, framed, table } from '../markup.ts'
import type { Report } from '../model.ts'
import type { Section } from '../section.ts'

export function kinds({ kinds: items, mapping }: Report): Section[] {
  if (items.length === 0) return []
  const read = table({
    head: ['Kind', 'Objects', 'Read'],
    items,
    row: ({ kind, objects, incomplete }) => [
      code(kind),
      format(objects),
      incomplete === undefined ? 'complete' : `⚠️ ${say(incomplete)}`,
    ],
    what: 'resources',
  })
  return [{ title: 'Read from Wiz', body: framed(`<p>Mapping: ${code(mapping)}</p>\n\n`, read) }]
}

export function fieldErrors({ fieldErrors: items }: Report): Section[] {
  if (items.length === 0) return []
  const errors = table({
    head: ['Kind', 'Field', 'Message', 'Objects', 'For example'],
    items,
    row: ({ kind, field, message, count, examples }) => [
      code(kind),
      code(field),
      code(message),
      format(count),
      examples.map(code).join(' '),
    ],
    what: 'messages',
  })
  const what = 'These expressions failed on some objects. The field was left out there; Port keeps what it has.'
  return [{ title: 'Field errors', body: framed(`<p>${what}</p>\n\n`, errors) }]
}

export function collisions({ collisions: items, collisionCount }: Report): Section[] {
  if (items.length === 0) return []
  const found = table({
    head: ['Blueprint', 'Identifier', 'Fields'],
    items,
    row: ({ blueprint, identifier, fields }) => [code(blueprint), code(identifier), code(fields.join(', '))],
    what: 'collisions',
    total: collisionCount,
  })
  const what = 'Different objects map to the same entity and say different things about it; the last one holds.'
  return [{ title: 'Collisions', body: framed(`<p>${what}</p>\n\n`, found) }]
}

export function takeovers({ takeovers: items, mode }: Report): Section[] {
  if (items.length === 0) return []
  const taken = table({
    head: ['Blueprint', 'Entities', 'Written before by'],
    items,
    row: ({ blueprint, count, formerOwners }) => [code(blueprint), format(count), formerOwners.map(code).join(', ')],
    what: 'blueprints',
  })
  const done =
    mode === 'plan'
      ? 'Apply would write them once, and they would belong to this installation from then on.'
      : 'They were written once and belong to this installation now.'
  const what = `The mapping wants entities that somebody else wrote. ${done}`
  return [{ title: mode === 'plan' ? 'To be taken over' : 'Taken over', body: framed(`<p>${what}</p>\n\n`, taken) }]
}
