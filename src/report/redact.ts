/** Takes secrets out of texts, in every form in which they get into one. */
import { html } from './escape.ts'

const MASK = '***'
/** Shorter ones would take ordinary words apart. */
const SHORTEST = 4

export class Redactor {
  readonly #forms = new Set<string>()
  #pattern: RegExp | undefined

  /** @returns the forms that were not known yet, for the runner to mask */
  add(secret: string): string[] {
    const fresh = [...new Set(secret.split(/\r?\n/).concat(secret).flatMap(formsOf))].filter(
      form => form.length >= SHORTEST && !this.#forms.has(form),
    )
    for (const form of fresh) this.#forms.add(form)
    // The longest goes first, because it may hold a shorter one.
    const all = [...this.#forms].sort((a, b) => b.length - a.length).map(escapePattern)
    this.#pattern = all.length === 0 ? undefined : new RegExp(all.join('|'), 'g')
    return fresh
  }

  text(text: string): string {
    return this.#pattern === undefined ? text : text.replace(this.#pattern, MASK)
  }

  /**
   * The same data without a secret in any text or name of it, before a text is cut or escaped and a secret in it no
   * longer looks like one. What has none in it is handed back as it is, not copied.
   */
  data<T>(value: T): T {
    return this.#pattern === undefined ? value : (this.#clean(value, new Map()) as T)
  }

  /** @param known lists that many share, such as the fields of operations */
  #clean(value: unknown, known: Map<unknown, unknown>): unknown {
    if (typeof value === 'string') return this.text(value)
    if (typeof value !== 'object' || value === null) return value
    if (!Array.isArray(value)) return this.#cleanMembers(value, known)
    const seen = known.get(value)
    if (seen !== undefined) return seen
    const items = value.map(item => this.#clean(item, known))
    const clean = items.every((item, index) => item === value[index]) ? value : items
    known.set(value, clean)
    return clean
  }

  #cleanMembers(value: object, known: Map<unknown, unknown>): object {
    let changed = false
    const members = Object.entries(value).map(([name, member]): [string, unknown] => {
      const clean: [string, unknown] = [this.text(name), this.#clean(member, known)]
      changed ||= clean[0] !== name || clean[1] !== member
      return clean
    })
    return changed ? Object.fromEntries(members) : value
  }
}

/** As it is, inside JSON, a URL or HTML, and as base64 wherever it begins in the encoded text. */
function formsOf(secret: string): string[] {
  const base64 = [0, 1, 2].map(offset => {
    const text = Buffer.from(`${'x'.repeat(offset)}${secret}`)
      .toString('base64')
      .replace(/=+$/, '')
    // Its ends depend on what stands beside it.
    const [start, end] = [offset === 0 ? 0 : offset + 1, (Buffer.byteLength(secret) + offset) % 3 === 0 ? 0 : 1]
    return text.slice(start, text.length - end)
  })
  const percentEncoded = [encodeURIComponent(secret), new URLSearchParams({ '': secret }).toString().slice(1)]
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    ...percentEncoded.flatMap(text => [text, text.replaceAll(/%../g, hex => hex.toLowerCase())]),
    html(secret),
    secret
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;'),
    ...base64.filter(text => text.length >= SHORTEST * 2),
    ...base64.map(text => text.replaceAll('+', '-').replaceAll('/', '_')).filter(text => text.length >= SHORTEST * 2),
  ]
}

function escapePattern(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&')
}
