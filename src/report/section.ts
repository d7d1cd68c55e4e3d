/** Lays sections out within a number of bytes: what matters most has its room before everything else. */
import { divide, framed, GAP, type Part, type Room, size, text } from './markup.ts'

export interface Section {
  /** What it is called, also where it is left out. */
  title: string
  /** Stands without its title. */
  bare?: true
  /** Has its room before those that have none of this: at most this share of what is left then. */
  share?: number
  body: Part
}

/** @returns the sections in their order; those that have no room are named at the end */
export function layOut(sections: readonly Section[], { bytes, rows }: Room): string {
  const all = sections.map(({ title }) => title)
  const shown = new Map<Section, string>()
  let left = bytes - size(sayLeftOut(all)) - GAP.length
  const wanted = new Map(sections.map(one => [one, size(whole(one)({ bytes, rows }) ?? '') + GAP.length]))
  for (const section of sections) {
    if (section.share === undefined) continue
    wanted.delete(section)
    const spare = left - [...wanted.values()].reduce((sum, want) => sum + want, 0)
    const share = Math.max(spare, Math.floor(left * section.share))
    const content = whole(section)({ bytes: share - GAP.length, rows })
    if (content === undefined) continue
    shown.set(section, content)
    left -= size(content) + GAP.length
  }
  const others = sections.filter(({ share }) => share === undefined)
  for (const [index, content] of divide(others.map(whole), { bytes: left, rows }).entries()) {
    const section = others[index]
    if (section !== undefined && content !== undefined) shown.set(section, content)
  }
  const texts = sections.flatMap(section => shown.get(section) ?? [])
  const leftOut = sections.filter(section => !shown.has(section)).map(({ title }) => title)
  return `${[...texts, ...(leftOut.length > 0 ? [sayLeftOut(leftOut)] : [])].join(GAP)}\n`
}

function whole({ title, bare, body }: Section): Part {
  return bare ? body : framed(`### ${title}${GAP}`, body)
}

function sayLeftOut(titles: readonly string[]): string {
  return `<p>⚠️ Left out, because it would be too large: ${titles.join(', ')}. The report file has all operations, and the first 10,000 failures and collisions.</p>`
}

/** Nothing but a text. */
export function plain(title: string, content: string): Section[] {
  return content === '' ? [] : [{ title, bare: true, body: text(content) }]
}
