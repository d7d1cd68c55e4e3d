/** What takes operations: Port, by way of the writer, or a plan. Both are handed the same ones in the same order. */
import type { Operation } from './plan.ts'

export interface Sink {
  /** Takes an operation in; resolves when there is room for more. */
  add(operation: Operation): Promise<void>
  /** Resolves when everything that was taken in so far has taken effect. */
  drain(): Promise<void>
  /** As {@link drain}, for the end. */
  finish(): Promise<void>
}
