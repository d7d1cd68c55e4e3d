/** A few raw objects of each kind, for the page on which Port lets people try a mapping. */
import type { KindName } from '../wiz/kinds.ts'
import { maskSecrets, type Redact } from './mask.ts'

const MAX_OBJECTS = 5
/** Port takes 1 MiB for all of a kind; what does not fit is left out. */
const MAX_BYTES = 900_000

export class Examples {
  /** As JSON, so that nothing that is done to them reaches the sync. */
  readonly #objects = new Map<KindName, string[]>()
  readonly #redact: Redact

  /** @param redact takes the secrets of this run out of a text, as far as they are known when the examples leave */
  constructor(redact: Redact) {
    this.#redact = redact
  }

  /** Keeps an object, if there is room for it. */
  take(kind: KindName, object: string): void {
    const kept = this.#objects.get(kind) ?? []
    if (kept.length < MAX_OBJECTS) this.#objects.set(kind, [...kept, object])
  }

  /** Copies, with what looks secret masked. */
  masked(): [kind: KindName, objects: unknown[]][] {
    return [...this.#objects].map(([kind, objects]) => {
      let left = MAX_BYTES
      const copies = objects.map(object => maskSecrets(JSON.parse(object), this.#redact))
      return [
        kind,
        copies.filter(copy => {
          const bytes = Buffer.byteLength(JSON.stringify(copy))
          if (bytes > left) return false
          left -= bytes
          return true
        }),
      ]
    })
  }
}
