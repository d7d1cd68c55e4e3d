/** What blueprints in Port lack. */
import { code, html } from '../escape.ts'
import { details, framed, type Part, stack, text } from '../markup.ts'
import type { BlueprintDrift, Report } from '../model.ts'
import type { Section } from '../section.ts'

const WHAT =
  'The mapping writes fields that these blueprints in Port do not have. They are never changed by this action: add the fields in Port, or take them out of the mapping.'

export function drift({ drift: all }: Report): Section[] {
  if (all.length === 0) return []
  const body = framed(`<p>${WHAT}</p>\n\n`, stack(all.map(lacking), 'blueprints'))
  return [{ title: 'Blueprints in Port that lack fields', body }]
}

function lacking({ blueprint, properties, relations, guessed }: BlueprintDrift): Part {
  const look =
    guessed.length === 0 ? '' : `<p>No blueprint file describes ${guessed.map(code).join(', ')}: look these over.</p>`
  const content = [json('schema.properties', properties), json('relations', relations), look]
  return details(`${code(blueprint)}: JSON to add`, text(content.filter(part => part !== '').join('\n')))
}

function json(under: string, members: object): string {
  if (Object.keys(members).length === 0) return ''
  const lines = JSON.stringify(members, null, 2).split('\n').map(html)
  return `<p>Under <code>${under}</code>:</p>\n<pre>${lines.join('\n')}</pre>`
}
