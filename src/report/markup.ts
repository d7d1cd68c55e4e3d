/** HTML that a job summary is put together from, in parts that make do with the room that is left for them. */

/** What a part may take. */
export interface Room {
  /** As UTF-8. */
  bytes: number
  /** Of each table and list in it. */
  rows: number
}

/** Renders what there is room for, and says how much more there is; undefined where the room is too small for any of it. */
export type Part = (room: Room) => string | undefined

/** All of it or nothing. */
export function text(content: string): Part {
  return ({ bytes }) => (size(content) <= bytes ? content : undefined)
}

export interface TableOptions<T> {
  head: readonly string[]
  items: readonly T[]
  /** Cells, HTML already. */
  row: (item: T) => readonly string[]
  /** What the items are, as in "… and 3 more failures". */
  what: string
  /** How many there are, where the report does not have them all. */
  total?: number
}

export function table<T>({ head, items, row, what, total = items.length }: TableOptions<T>): Part {
  const line = (cells: readonly string[], tag: string) =>
    `<tr>${cells.map(cell => `<${tag}>${cell}</${tag}>`).join('')}</tr>`
  return filled({
    open: `<table>\n${line(head, 'th')}\n`,
    items,
    line: item => line(row(item), 'td'),
    separator: '\n',
    rest: more => `<tr><td colspan="${head.length}">${sayRest(more, items.length, total, what)}</td></tr>`,
    close: '\n</table>',
    total,
  })
}

export function list<T>(items: readonly T[], line: (item: T) => string, what: string): Part {
  return filled({
    open: '<ul>\n',
    items,
    line: item => `<li>${line(item)}</li>`,
    separator: '\n',
    rest: more => `<li>${sayRest(more, items.length, items.length, what)}</li>`,
    close: '\n</ul>',
    total: items.length,
  })
}

/** Names in one sentence. */
export function sentence(before: string, names: readonly string[], after: string): Part {
  return filled({
    open: `<p>${before} `,
    items: names,
    line: name => name,
    separator: ', ',
    rest: more => `and ${format(more)} more`,
    close: `${after}</p>`,
    total: names.length,
  })
}

export function details(summary: string, content: Part): Part {
  return framed(`<details><summary>${summary}</summary>\n\n`, content, '\n\n</details>')
}

/** A part with something around it that does not stand without it. */
export function framed(before: string, content: Part, after = ''): Part {
  return ({ bytes, rows }) => {
    const inner = content({ bytes: bytes - size(before) - size(after), rows })
    return inner === undefined ? undefined : `${before}${inner}${after}`
  }
}

/** Parts one below the other: what has no room is counted. */
export function stack(parts: readonly Part[], what: string): Part {
  return room => {
    const all = parts.flatMap(part => part(room) ?? [])
    const whole = all.join(GAP)
    if (all.length === parts.length && size(whole) <= room.bytes) return whole
    const note = (count: number) => `<p>… and ${format(count)} more ${what}, which the report file has</p>`
    const texts = divide(parts, { ...room, bytes: room.bytes - size(note(parts.length)) })
    const kept = texts.filter(one => one !== undefined)
    const more = parts.length - kept.length
    return kept.length === 0 ? undefined : [...kept, ...(more > 0 ? [note(more)] : [])].join(GAP)
  }
}

/** What stands between parts. */
export const GAP = '\n\n'

/** Each of the parts in its share of a room: small ones get all they want, the others share the rest. */
export function divide(parts: readonly Part[], room: Room): (string | undefined)[] {
  const wanted = parts.map(part => size(part(room) ?? '') + GAP.length)
  const level = levelOf(wanted, room.bytes)
  let spare = 0
  return parts.map((part, index) => {
    const share = Math.min(wanted[index] ?? 0, level) + spare
    const content = part({ ...room, bytes: Math.floor(share) - GAP.length })
    spare = content === undefined ? share : share - size(content) - GAP.length
    return content
  })
}

/** What each may have at most, so that all of them together stay within the bytes. */
function levelOf(wanted: readonly number[], bytes: number): number {
  let left = bytes
  for (const [index, want] of [...wanted].sort((a, b) => a - b).entries()) {
    const share = left / (wanted.length - index)
    if (want > share) return share
    left -= want
  }
  return Number.POSITIVE_INFINITY
}

interface Filling<T> {
  open: string
  items: readonly T[]
  line: (item: T) => string
  separator: string
  rest: (more: number) => string
  close: string
  total: number
}

function filled<T>({ open, items, line, separator, rest, close, total }: Filling<T>): Part {
  return ({ bytes, rows }) => {
    const lines = items.slice(0, rows).map(line)
    const whole = `${open}${lines.join(separator)}${close}`
    if (lines.length === total && size(whole) <= bytes) return whole
    let left = bytes - size(open) - size(close) - size(rest(total))
    const tooMany = lines.findIndex(next => {
      left -= size(next) + separator.length
      return left < 0
    })
    const shown = tooMany === -1 ? lines : lines.slice(0, tooMany)
    return shown.length === 0 ? undefined : `${open}${[...shown, rest(total - shown.length)].join(separator)}${close}`
  }
}

function sayRest(more: number, inReport: number, total: number, what: string): string {
  const where = inReport < total ? `the first ${format(inReport)}` : 'all'
  return `… and ${format(more)} more ${what}; the report file has ${where} of them`
}

export function size(content: string): number {
  return Buffer.byteLength(content)
}

export function format(count: number): string {
  return count.toLocaleString('en-US')
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`
}
