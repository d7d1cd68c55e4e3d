/** Takes operations in without writing them. */
import type { Operation } from './plan.ts'
import type { Sink } from './sink.ts'

export interface PlanSinkOptions {
  /** Called with every operation. */
  onOperation: (operation: Operation) => void
  /** How many operations are kept whole, to be shown, tried and, for all of them, written later. */
  keep: number
}

export class PlanSink implements Sink {
  /** The first ones, in their order. */
  readonly kept: Operation[] = []
  readonly #options: PlanSinkOptions

  constructor(options: PlanSinkOptions) {
    this.#options = options
  }

  add(operation: Operation): Promise<void> {
    if (this.kept.length < this.#options.keep) this.kept.push(operation)
    this.#options.onOperation(operation)
    return Promise.resolve()
  }

  drain(): Promise<void> {
    return Promise.resolve()
  }

  finish(): Promise<void> {
    return Promise.resolve()
  }
}
