/** Takes secrets out of texts, in every form in which they get into one. */

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
  return [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    new URLSearchParams({ '': secret }).toString().slice(1),
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
