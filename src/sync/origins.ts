/** Which objects of Wiz a run has made entities of, as long as they are few. */
import { kinds, type SourceName } from '../wiz/kinds.ts'
import type { Origin } from './plan.ts'

/**
 * A look costs two or three requests for each hundred: so many are looked at in under half a minute, and a run that writes
 * more is a first one, or comes after a change of the mapping.
 */
export const MAX_ORIGINS = 1_000

export class Origins {
  readonly #ids = new Map<SourceName, Set<string>>()
  #count = 0

  /** @param origin one that many objects of Wiz carry is not noted: none of them is it */
  note(origin: Origin | undefined): void {
    if (origin === undefined || kinds[origin.kind].repeats || this.areMany) return
    const { source } = kinds[origin.kind]
    const ids = this.#ids.get(source) ?? new Set()
    if (ids.has(origin.id)) return
    this.#ids.set(source, ids.add(origin.id))
    this.#count += 1
  }

  /** Whether there are more than are looked at; then they are not all known. */
  get areMany(): boolean {
    return this.#count > MAX_ORIGINS
  }

  /** None when there are too many. */
  idsOf(source: SourceName): readonly string[] {
    return this.areMany ? [] : [...(this.#ids.get(source) ?? [])]
  }
}
