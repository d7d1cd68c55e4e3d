/**
 * Slows down before a limit is hit: Port's answers say how many requests are left, and when there will be more. Families
 * of routes have limits of their own.
 */
import { requestedWait } from './retry.ts'
import { type Sleep, sleep } from './sleep.ts'
import type { Traffic } from './traffic.ts'

export interface Quota {
  /** Resolves when the next request of the family may be sent. */
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
/** A service that asks for more patience is answered by the retries. */
const LONGEST_WAIT_MS = 300_000
/** Shorter waits are the rhythm of a run near a limit, and not worth a line. */
const WORTH_A_LINE_MS = 5_000

export function createQuota(options: QuotaOptions): Quota {
  const { clock = () => performance.now(), wait = sleep } = options
  const families = new Map<string, { intervalMs: number; next: number }>()
  return {
    async turn(family, signal) {
      const pace = families.get(family)
      if (pace === undefined || pace.intervalMs === 0) return
      const now = clock()
      const at = Math.max(now, pace.next)
      pace.next = at + pace.intervalMs
      const waitMs = Math.ceil(at - now)
      if (waitMs <= 0) return
      options.traffic.waited(waitMs)
      if (waitMs >= WORTH_A_LINE_MS)
        options.onWait(`its limit is nearly used up; going on in ${(waitMs / 1000).toFixed(1)} s`)
      await wait(waitMs, signal)
    },
    learn(family, headers) {
      const remaining = Number(headers['x-ratelimit-remaining'])
      const limit = Number(headers['x-ratelimit-limit'])
      const resetMs = requestedWait({ 'x-ratelimit-reset': headers['x-ratelimit-reset'] ?? '' })
      if (headers['x-ratelimit-remaining'] === undefined || Number.isNaN(remaining) || resetMs === undefined) return
      const reserve = Number.isFinite(limit) ? Math.min(options.underWay, limit * RESERVE) : options.underWay
      // What is left is spread over the time until there is more.
      const intervalMs = remaining > reserve ? 0 : Math.min(LONGEST_WAIT_MS, resetMs / (remaining + 1))
      const now = clock()
      const known = families.get(family)
      const next = remaining === 0 && intervalMs > 0 ? now + intervalMs : (known?.next ?? now)
      families.set(family, { intervalMs, next: Math.max(next, known?.next ?? 0) })
    },
  }
}
