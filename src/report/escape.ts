/** Makes texts inert. Names and texts from Wiz, Port and the mapping pass through here at the place where they are written. */

/** Control and format characters, line separators; the joiners that emoji and some scripts need stay. */
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]|(?![\u200c\u200d])\p{Cf}/gu

const LONGEST_DATA = 300
/** Of sentences that are ours, with data in them. */
const LONGEST_SENTENCE = 1_000

/**
 * A line for the log. The runner takes `::name` at the start of a line and `##[name` anywhere for a command; neither
 * survives here, nor do line breaks and terminal codes.
 */
export function logLine(text: string): string {
  const line = visible(text).replaceAll('##[', '#\u200b#[')
  return line.trimStart().startsWith('::') ? `| ${line}` : line
}

/**
 * Data inside the HTML of a summary: a code element, in which GitHub looks neither for mentions, issues, commits and emoji
 * nor for addresses. It belongs into a line that starts with a block tag (`<p>`, `<tr>`, `<li>`): elsewhere Markdown is
 * rendered inside of it too.
 */
export function code(text: string): string {
  return `<code>${html(shorten(text, LONGEST_DATA))}</code>`
}

/** As {@link code}, for whole sentences: what to do about something stands at their end. */
export function say(sentence: string): string {
  return `<code>${html(shorten(sentence, LONGEST_SENTENCE))}</code>`
}

/** Text as HTML. GitHub still links what is in it, outside of `<code>` and `<pre>`. */
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

function shorten(text: string, longest: number): string {
  if (text.length <= longest) return text
  const characters = [...text.slice(0, 2 * longest + 2)]
  return characters.length <= longest ? text : `${characters.slice(0, longest).join('')}…`
}
