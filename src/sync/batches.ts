/** Gathers what is to be written into bulks as Port takes them: what is pointed to goes before what points to it. */
import { bulkBody, MAX_BODY_BYTES, MAX_BULK_ENTITIES } from '../port/entities.ts'

export interface Batch<T> {
  blueprint: string
  items: readonly T[]
}

interface Open<T> {
  items: T[]
  bytes: number
}

export const ENVELOPE_BYTES = Buffer.byteLength(bulkBody([]))

export class Batches<T> {
  readonly #ranks: ReadonlyMap<string, number>
  readonly #open = new Map<string, Open<T>>()

  /** @param ranks from `rankBlueprints`: a lower rank is written first */
  constructor(ranks: ReadonlyMap<string, number>) {
    this.#ranks = ranks
  }

  /**
   * @param bytes of the item in a request
   * @returns the batches that are full by now, in the order of sending
   */
  add(blueprint: string, item: T, bytes: number): Batch<T>[] {
    const before = this.#open.get(blueprint)
    const full = before !== undefined && before.bytes + bytes > MAX_BODY_BYTES ? this.#close(blueprint) : []
    const open = this.#open.get(blueprint) ?? { items: [], bytes: ENVELOPE_BYTES }
    open.items.push(item)
    open.bytes += bytes
    this.#open.set(blueprint, open)
    return open.items.length < MAX_BULK_ENTITIES ? full : [...full, ...this.#close(blueprint)]
  }

  /** What is left, in the order of sending. */
  closeAll(): Batch<T>[] {
    return this.#inOrder().flatMap(blueprint => this.#close(blueprint))
  }

  rank(blueprint: string): number {
    return this.#ranks.get(blueprint) ?? 0
  }

  /** The batch of a blueprint, after those of the blueprints that it may point to. */
  #close(blueprint: string): Batch<T>[] {
    const before = this.#inOrder().filter(other => this.rank(other) < this.rank(blueprint))
    const batches = before.flatMap(other => this.#close(other))
    const items = this.#open.get(blueprint)?.items ?? []
    this.#open.delete(blueprint)
    return items.length === 0 ? batches : [...batches, { blueprint, items }]
  }

  #inOrder(): string[] {
    return [...this.#open.keys()].sort((a, b) => this.rank(a) - this.rank(b) || a.localeCompare(b))
  }
}
