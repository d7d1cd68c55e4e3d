/** The part of a summary that says what blueprints in Port lack. */
import { code, html } from './escape.ts'
import { details } from './markup.ts'
import type { Report } from './model.ts'

export function drift({ drift: list }: Report): string {
  const parts = list.map(({ blueprint, properties, relations, guessed }) => {
    const json = (under: string, members: object) =>
      Object.keys(members).length === 0 ? '' : `<p>Under <code>${under}</code>:</p>\n<pre>${lines(members)}</pre>`
    const look =
      guessed.length === 0 ? '' : `<p>No blueprint file describes ${guessed.map(code).join(', ')}: look these over.</p>`
    const content = [json('schema.properties', properties), json('relations', relations), look]
    return details(`${code(blueprint)}: JSON to add`, content.filter(text => text !== '').join('\n'))
  })
  if (parts.length === 0) return ''
  const what =
    'The mapping writes fields that these blueprints in Port do not have. They are never changed by this action: add the fields in Port, or take them out of the mapping.'
  return `### Blueprints in Port that lack fields\n\n<p>${what}</p>\n\n${parts.join('\n\n')}`
}

function lines(members: object): string {
  return JSON.stringify(members, null, 2).split('\n').map(html).join('\n')
}
