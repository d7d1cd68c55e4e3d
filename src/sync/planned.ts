/** Takes operations in without writing them. */
import { Batches } from './batches.ts'
import { Origins } from './origins.ts'
import type { Operation } from './plan.ts'
import type { Sink } from './sink.ts'

export interface PlanSinkOptions {
  /** Called with every operation. */
  onOperation: (operation: Operation) => void
  /** How many operations are kept whole, to be shown, tried and, for all of them, written later. */
  keep: number
  /** In which order blueprints are written. */
  ranks: ReadonlyMap<string, number>
}

export class PlanSink implements Sink {
  /** The first creates and the first updates, in their order; neither leaves the other less than half of the room. */
  readonly kept: Operation[] = []
  /** Requests in which a writer would send all of them. */
  bulks = 0
  /** What an apply would have written, and look at once more. */
  readonly origins = new Origins()
  readonly #options: PlanSinkOptions
  readonly #batches: Batches<undefined>
  readonly #counts: Record<Operation['action'], number> = { create: 0, update: 0 }

  constructor(options: PlanSinkOptions) {
    this.#options = options
    this.#batches = new Batches(options.ranks)
  }

  add(operation: Operation): Promise<void> {
    this.#keep(operation)
    // Bulks that are full by their bytes are rare, and measuring is not cheap.
    this.bulks += this.#batches.add(operation.blueprint, undefined, 0).length
    this.origins.note(operation.origin)
    this.#options.onOperation(operation)
    return Promise.resolve()
  }

  drain(): Promise<void> {
    this.bulks += this.#batches.closeAll().length
    return Promise.resolve()
  }

  finish(): Promise<void> {
    return this.drain()
  }

  #keep(operation: Operation): void {
    const { keep } = this.#options
    const { action } = operation
    if (this.kept.length >= keep) {
      if (this.#counts[action] >= keep / 2) return
      const other = this.kept.findLastIndex(one => one.action !== action)
      this.#counts[action === 'create' ? 'update' : 'create'] -= 1
      this.kept.splice(other, 1)
    }
    this.kept.push(operation)
    this.#counts[action] += 1
  }
}
