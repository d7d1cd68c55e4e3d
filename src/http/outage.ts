/** Tells a service that is down from one that has trouble: every call of a long run would spend its retries on it. */
import { ServiceError } from '../errors.ts'

/** So many calls in a row, each with all of its attempts: half a minute of silence at the least. */
const CALLS_IN_A_ROW = 3

/** The service was found to be down: nothing more is asked of it in this run. */
export class OutageError extends ServiceError {
  constructor(message: string, options?: ErrorOptions) {
    super(message, 0, options)
    this.name = 'OutageError'
  }
}

/** Watches the calls of one sort: that a service can be read does not mean that it takes anything. */
export class Outage {
  /** Begins the sentence: `Port` or `Port (writing)`. */
  readonly #what: string
  #lost = 0
  #error: OutageError | undefined

  constructor(what: string) {
    this.#what = what
  }

  /** A call was answered, be it with a refusal. */
  answered(): void {
    this.#lost = 0
  }

  /** @param error the last one of a call whose attempts are used up */
  lost(error: Error): void {
    this.#lost += 1
    if (this.#lost < CALLS_IN_A_ROW) return
    this.#error ??= new OutageError(
      `${this.#what} is down: ${this.#lost} calls in a row failed with all of their attempts, the last one with: ${error.message}. Nothing more was tried; running again continues.`,
      { cause: error },
    )
  }

  /** @throws {OutageError} once the service counts as down */
  throwIfDown(): void {
    if (this.#error !== undefined) throw this.#error
  }
}
