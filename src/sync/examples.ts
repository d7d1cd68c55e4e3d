/** A few raw objects of each kind, for the page on which Port lets people try a mapping. */
import type { KindName } from '../wiz/kinds.ts'
import { maskSecrets } from './mask.ts'

const MAX_OBJECTS = 5
/** A larger object is left out: Port takes 1 MiB for all of a kind. */
const MAX_CHARACTERS = 100_000

export class Examples {
  /** As JSON, so that nothing that is done to them reaches the sync. */
  readonly #objects = new Map<KindName, string[]>()
  readonly #secrets: () => readonly string[]

  /** @param secrets those of this run, as far as they are known when the examples leave */
  constructor(secrets: () => readonly string[]) {
    this.#secrets = secrets
  }

  /** Keeps an object, if there is room for it. */
  take(kind: KindName, object: string): void {
    const kept = this.#objects.get(kind) ?? []
    if (kept.length < MAX_OBJECTS) this.#objects.set(kind, [...kept, object])
  }

  /** Copies, with what looks secret masked. */
  masked(): [kind: KindName, objects: unknown[]][] {
    return [...this.#objects].map(([kind, objects]) => [
      kind,
      objects
        .filter(({ length }) => length <= MAX_CHARACTERS)
        .map(object => maskSecrets(JSON.parse(object), this.#secrets())),
    ])
  }
}
