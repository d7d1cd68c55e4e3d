/** Gathers what is to be written into bulks as Port takes them: what is pointed to goes before what points to it. */
import { bulkBody, MAX_BODY_BYTES, MAX_BULK_ENTITIES } from '../port/entities.ts'

export interface Batch<T> {
  blueprint: string
  /** What is not sent stays; otherwise Port drops it. */
  merge: boolean
  items: readonly T[]
}

interface Open<T> extends Batch<T> {
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
  add(blueprint: string, item: T, bytes: number, merge = true): Batch<T>[] {
    const key = JSON.stringify([blueprint, merge])
    const before = this.#open.get(key)
    const full = before !== undefined && before.bytes + bytes > MAX_BODY_BYTES ? this.#close(key) : []
    const open = this.#open.get(key) ?? { blueprint, merge, items: [], bytes: ENVELOPE_BYTES }
    open.items.push(item)
    open.bytes += bytes
    this.#open.set(key, open)
    return open.items.length < MAX_BULK_ENTITIES ? full : [...full, ...this.#close(key)]
  }

  /** What is left, in the order of sending. */
  closeAll(): Batch<T>[] {
    return this.#inOrder().flatMap(key => this.#close(key))
  }

  rank(blueprint: string): number {
    return this.#ranks.get(blueprint) ?? 0
  }

  /** A batch, after those of the blueprints that it may point to. */
  #close(key: string): Batch<T>[] {
    const open = this.#open.get(key)
    if (open === undefined) return []
    const { blueprint, merge, items } = open
    const before = this.#inOrder().filter(other => this.#rankOf(other) < this.rank(blueprint))
    const batches = before.flatMap(other => this.#close(other))
    this.#open.delete(key)
    return [...batches, { blueprint, merge, items }]
  }

  #inOrder(): string[] {
    return [...this.#open.keys()].sort((a, b) => this.#rankOf(a) - this.#rankOf(b) || a.localeCompare(b))
  }

  #rankOf(key: string): number {
    return this.rank(this.#open.get(key)?.blueprint ?? '')
  }
}
