/** What the mapping makes of recorded objects: one entity of each kind, and the expressions that gave nothing. */
import { code, html } from '../escape.ts'
import { details, format, type Part, stack, table, text } from '../markup.ts'
import type { ExampleReport, Report } from '../model.ts'
import type { Section } from '../section.ts'

/** An entity larger than this is shown by its beginning. */
const MAX_SHOWN = 4_000

export function examples({ examples: all }: Report): Section[] {
  const parts = all.filter(({ objects }) => objects > 0).map(example)
  return parts.length === 0 ? [] : [{ title: 'Examples', body: stack(parts, 'resources') }]
}

function example({ kind, resource, objects, shown, expressions }: ExampleReport): Part {
  const without = expressions.filter(({ empty, failed }) => empty + failed > 0)
  const tallies =
    without.length === 0
      ? text('<p>Every expression gave a value.</p>')
      : table({
          head: ['Blueprint', 'Field', 'Null', 'Failed'],
          items: without,
          row: tally => [
            code(tally.blueprint),
            code(tally.field),
            `${format(tally.empty)} of ${format(tally.objects)}`,
            `${format(tally.failed)} of ${format(tally.objects)}`,
          ],
          what: 'expressions',
        })
  const title = `${code(kind)} (resource ${resource + 1}): ${format(objects)} example objects`
  return details(title, stack([...(shown === undefined ? [] : [became(shown)]), tallies], 'parts of an example'))
}

function became({ source, blueprint, entity }: NonNullable<ExampleReport['shown']>): Part {
  const json = JSON.stringify(entity, null, 2)
  const cut = json.length > MAX_SHOWN ? `${json.slice(0, MAX_SHOWN)}\n…` : json
  // A blank line would end the HTML block, and Markdown would be read again.
  const lines = cut.split('\n').map(html)
  return text(`<p>${code(source)} becomes ${code(blueprint)}:</p>\n<pre>${lines.join('\n')}</pre>`)
}
