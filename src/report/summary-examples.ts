/** What the mapping makes of recorded objects: one entity of each kind, and the expressions that gave nothing. */
import { code, html } from './escape.ts'
import { details, format, table } from './markup.ts'
import type { ExampleReport, Report } from './model.ts'

/** An entity larger than this is shown by its beginning. */
const MAX_SHOWN = 4_000

export function examples({ examples: list }: Report): string {
  const parts = list.filter(({ objects }) => objects > 0).map(example)
  return parts.length === 0 ? '' : `### Examples\n\n${parts.join('\n\n')}`
}

function example({ kind, resource, objects, shown, expressions }: ExampleReport): string {
  const parts: string[] = []
  if (shown !== undefined) {
    const { source, blueprint, entity } = shown
    const text = JSON.stringify(entity, null, 2)
    const cut = text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}\n…` : text
    parts.push(`<p>${code(source)} becomes ${code(blueprint)}:</p>\n<pre>${preformatted(cut)}</pre>`)
  }
  const rows = expressions
    .filter(({ empty, failed }) => empty + failed > 0)
    .map(tally => [
      code(tally.blueprint),
      code(tally.field),
      `${format(tally.empty)} of ${format(tally.objects)}`,
      `${format(tally.failed)} of ${format(tally.objects)}`,
    ])
  parts.push(
    rows.length === 0 ? '<p>Every expression gave a value.</p>' : table(['Blueprint', 'Field', 'Null', 'Failed'], rows),
  )
  const title = `${code(kind)} (resource ${resource + 1}): ${format(objects)} example objects`
  return details(title, parts.join('\n\n'))
}

/** A blank line would end the HTML block, and Markdown would be read again. */
function preformatted(text: string): string {
  return text.split('\n').map(html).join('\n')
}
