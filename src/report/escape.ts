/** Makes texts inert. Names and texts from Wiz, Port and the mapping pass through here at the place where they are written. */

/** Control and format characters, line separators; the joiners that emoji and some scripts need stay. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu

const LONGEST_DATA = 300

/**
 * A line for the log. The runner takes `::name` at the start of a line and `##[name` anywhere for a command; neither
 * survives here, nor do line breaks and terminal codes.
 */
export function logLine(text: string): string {
  const line = visible(text).replaceAll('##[', '#\u200b#[')
  return line.trimStart().startsWith('::') ? `| ${line}` : line
}

/**
 * Data inside the HTML of a summary: a code element, in which GitHub neither looks for mentions nor for emoji. It belongs
 * into a line that starts with a block tag (`<p>`, `<td>`, `<li>`): elsewhere Markdown is rendered inside of it too.
 */
export function code(text: string): string {
  return `<code>${html(shorten(text))}</code>`
}

/** Our own words with nothing to render in them. */
export function html(text: string): string {
  return visible(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
    .replaceAll('`', '&#96;')
    .replaceAll('|', '&#124;')
    .replaceAll('[', '&#91;')
    .replaceAll(']', '&#93;')
}

function visible(text: string): string {
  return text.replace(UNPRINTABLE, character =>
    character === '\n' || character === '\t' ? ' ' : `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`,
  )
}

function shorten(text: string): string {
  const characters = [...text]
  return characters.length <= LONGEST_DATA ? text : `${characters.slice(0, LONGEST_DATA).join('')}…`
}
