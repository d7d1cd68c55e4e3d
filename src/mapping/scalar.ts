/** Finds the characters of a YAML text's value in the file, through quotes, escapes, folding and indentation. */
import { getScalarValue, SCALAR_STYLE, type ScalarEvent } from 'js-yaml'

/** How many characters an escape has after its backslash, where it is not one. */
const ESCAPE_LENGTHS: Readonly<Record<string, number>> = { x: 3, u: 5, U: 9 }

/**
 * @returns for each UTF-16 unit of the value its offset in the file, and one more for its end
 */
export function scalarOffsets(source: string, event: ScalarEvent): number[] {
  const value = getScalarValue(source, event)
  const { valueStart, valueEnd, style } = event
  const block = style === SCALAR_STYLE.LITERAL_BLOCK || style === SCALAR_STYLE.FOLDED_BLOCK
  const offsets: number[] = []
  let at = valueStart
  if (block) {
    const indentation = blanks(source, at, valueEnd)
    takeBreak(indentation)
    at += indentation
  }
  while (offsets.length < value.length && at < valueEnd) {
    if (style === SCALAR_STYLE.DOUBLE_QUOTED && source[at] === '\\') {
      at = takeEscape(at)
      continue
    }
    const run = blanks(source, at, valueEnd)
    if (run > 0 && source.slice(at, at + run).includes('\n')) {
      takeBreak(run)
      at += run
      continue
    }
    offsets.push(at)
    at += style === SCALAR_STYLE.SINGLE_QUOTED && source[at] === "'" ? 2 : 1
  }
  // A line break at the end of a block has no character after it.
  while (offsets.length < value.length) offsets.push(at)
  return [...offsets, at]

  function takeEscape(start: number): number {
    const next = source[start + 1] ?? ''
    // A line that ends with a backslash goes on in the next one, without a space.
    if (next === '\n') return start + 2 + blanks(source, start + 2, valueEnd)
    const long = value.codePointAt(offsets.length) ?? 0
    offsets.push(start)
    if (next === 'U' && long > 0xffff) offsets.push(start)
    return start + 1 + (ESCAPE_LENGTHS[next] ?? 1)
  }

  /** Lines that were folded or cut free of their indentation: as many characters as the value has blanks here. */
  function takeBreak(run: number): void {
    const blank = blanks(value, offsets.length, value.length)
    const count = style === SCALAR_STYLE.DOUBLE_QUOTED ? Math.min(blank, Math.max(1, lines(at, run) - 1)) : blank
    for (let index = 0; index < count; index += 1) offsets.push(at + Math.max(0, run - count + index))
  }

  function lines(start: number, run: number): number {
    return source.slice(start, start + run).split('\n').length - 1
  }
}

function blanks(text: string, start: number, end: number): number {
  let at = start
  while (at < end && ' \t\r\n'.includes(text[at] ?? '')) at += 1
  return at - start
}
