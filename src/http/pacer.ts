/** Keeps calls at least an interval apart, and slows down when the service says that it is too much. */
import pLimit from 'p-limit'
import { type Sleep, sleep } from './sleep.ts'

export interface Pacer {
  /** Resolves when the next call may be sent, in the order of the calls. */
  turn(signal: AbortSignal): Promise<void>
  /** Called on a throttled answer: the pace halves, and recovers by a tenth with every {@link calm} answer. */
  throttled(): void
  calm(): void
}

export interface PacerOptions {
  /** Milliseconds that never go back. */
  clock?: () => number
  wait?: Sleep
}

/** The slowest pace a throttled pacer falls to, as a multiple of the configured interval. */
const SLOWEST = 16

/**
 * @param perSecond calls a second that are never exceeded
 */
export function createPacer(perSecond: number, options: PacerOptions = {}): Pacer {
  const { clock = () => performance.now(), wait = sleep } = options
  const interval = 1000 / perSecond
  const one = pLimit(1)
  let factor = 1
  let last = Number.NEGATIVE_INFINITY
  return {
    turn: signal =>
      one(async () => {
        // Counted from when the last call did go: a timer that fires late must not bring the next one closer to it. And
        // timers may fire a millisecond early, where a pace that is promised as a ceiling must not.
        const waitMs = Math.ceil(last + interval * factor - clock())
        if (waitMs > 0) await wait(waitMs, signal)
        last = clock()
      }),
    throttled() {
      factor = Math.min(SLOWEST, factor * 2)
    },
    calm() {
      factor = Math.max(1, factor * 0.9)
    },
  }
}
