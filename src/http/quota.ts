/**
 * Slows down before a limit is hit: Port's answers say how many requests are left, and when there will be more. Families
 * of routes have limits of their own.
 */
import { untilReset } from './retry.ts'
import { type Sleep, sleep } from './sleep.ts'
import type { Traffic } from './traffic.ts'

export interface Quota {
  /** Resolves when the next request of the family may be sent; throws the signal's reason once that is aborted. */
  turn(family: string, signal: AbortSignal): Promise<void>
  /** @param headers of an answer to a request of the family */
  learn(family: string, headers: Readonly<Record<string, string>>): void
}

export interface QuotaOptions {
  traffic: Traffic
  /** Requests that may be under way when an answer arrives. */
  underWay: number
  onWait: (message: string) => void
  clock?: () => number
  wait?: Sleep
}

/** With more than this share of a limit left there is no hurry to slow down. */
const RESERVE = 0.02
/** A limit that is back later than this is not waited for: when the service means it, it refuses, and says so. */
const LONGEST_WAIT_MS = 300_000
/** Shorter waits are the rhythm of a run near a limit, and not worth a line. */
const WORTH_A_LINE_MS = 5_000

interface Pace {
  intervalMs: number
  /** The earliest moment of the next request. */
  next: number
  /** There is more from this moment on, whatever was known before. */
  reset: number
}

export function createQuota(options: QuotaOptions): Quota {
  const { clock = () => performance.now(), wait = sleep } = options
  const families = new Map<string, Pace>()
  let saidUntil = 0

  /** Takes the next turn if it has come; otherwise how long it is until another look is worth it. */
  function take(family: string): number {
    const pace = families.get(family)
    const now = clock()
    if (pace === undefined) return 0
    if (now >= pace.reset) families.delete(family)
    else if (now < pace.next) return Math.ceil(Math.min(pace.next, pace.reset) - now)
    else pace.next = now + pace.intervalMs
    return 0
  }

  /** Whatever waits for the same moment gets one line together. */
  function say(waitMs: number): void {
    options.traffic.waited(waitMs)
    const until = clock() + waitMs
    if (waitMs < WORTH_A_LINE_MS || until < saidUntil + WORTH_A_LINE_MS) return
    saidUntil = until
    options.onWait(`its limit is nearly used up; going on in ${(waitMs / 1000).toFixed(1)} s`)
  }

  return {
    async turn(family, signal) {
      signal.throwIfAborted()
      for (let waitMs = take(family); waitMs > 0; waitMs = take(family)) {
        say(waitMs)
        await wait(waitMs, signal)
      }
    },
    learn(family, headers) {
      const remaining = count(headers['x-ratelimit-remaining'])
      const limit = count(headers['x-ratelimit-limit'])
      const resetMs = untilReset(headers)
      if (remaining === undefined || resetMs === undefined) return
      const reserve = limit === undefined ? options.underWay : Math.min(options.underWay, limit * RESERVE)
      if (remaining > reserve || resetMs > LONGEST_WAIT_MS) {
        families.delete(family)
        return
      }
      // What is left is spread over the time until there is more.
      const intervalMs = resetMs / (remaining + 1)
      const now = clock()
      const earliest = remaining === 0 ? now + intervalMs : now
      const known = Math.min(families.get(family)?.next ?? now, now + intervalMs)
      const next = Math.max(earliest, known)
      families.set(family, { intervalMs, next, reset: now + resetMs })
    },
  }
}

/** Undefined for what is no number of requests. */
function count(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined
}
