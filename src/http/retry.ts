/** The one retry policy of both clients. What counts as retryable is decided where the answer is understood. */
import { ServiceError } from '../errors.ts'
import type { Outage } from './outage.ts'
import { type Sleep, sleep } from './sleep.ts'
import type { Traffic } from './traffic.ts'

/** Statuses after which the same request may succeed. */
export const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

const ATTEMPTS = 8
const FIRST_BACKOFF_MS = 250
const LONGEST_BACKOFF_MS = 30_000
/** A service that asks for more patience than this is treated as down. */
const LONGEST_REQUESTED_WAIT_MS = 300_000
/** All attempts together. */
const DEADLINE_MS = 15 * 60_000

/** Statuses that say that an answer took too long. */
const TIMEOUT_STATUSES: ReadonlySet<number> = new Set([408, 504])

export interface RetryableOptions extends ErrorOptions {
  waitMs?: number | undefined
  status?: number
  /** Follows from the status where it is not given. */
  timedOut?: boolean
}

/** An attempt that failed in a way that may pass. */
export class RetryableError extends Error {
  /** What the service asked us to wait, in milliseconds; absent when it did not say. */
  readonly waitMs: number | undefined
  readonly status: number
  /** The service took too long: asking for less may help. */
  readonly timedOut: boolean

  constructor(message: string, options: RetryableOptions = {}) {
    super(message, options)
    this.name = 'RetryableError'
    this.waitMs = options.waitMs
    this.status = options.status ?? 0
    this.timedOut = options.timedOut ?? TIMEOUT_STATUSES.has(this.status)
  }
}

export interface RetryOptions {
  signal: AbortSignal
  traffic: Traffic
  /** Told about each wait, so that nobody watches a silent log. */
  onWait?: (message: string) => void
  /** Leaves a time-out to the caller, who may ask for less. */
  throwTimeouts?: boolean
  /** Ends the patience with a service that no call reaches. */
  outage?: Outage
  wait?: Sleep
  clock?: () => number
}

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed {@link ATTEMPTS} times.
 *
 * @throws the last {@link RetryableError}, or whatever else `attempt` throws, or the signal's reason
 * @throws {OutageError} when other calls have found the service to be down
 */
export async function withRetry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const { outage, wait = sleep, clock = () => performance.now() } = options
  const deadline = clock() + DEADLINE_MS
  for (let tried = 1; ; tried += 1) {
    options.signal.throwIfAborted()
    outage?.throwIfDown()
    try {
      const result = await attempt()
      outage?.answered()
      return result
    } catch (error) {
      if (error instanceof ServiceError && error.status > 0) outage?.answered()
      if (!(error instanceof RetryableError)) throw error
      if (options.throwTimeouts === true && error.timedOut) throw error
      // A service that says "now" and refuses again does not mean it.
      const least = error.waitMs === undefined || tried > 1 ? backoff(tried) : 0
      const waitMs = Math.round(Math.max(error.waitMs ?? 0, least))
      const last = lastOf(error, tried, waitMs > LONGEST_REQUESTED_WAIT_MS || clock() + waitMs > deadline)
      if (last !== undefined) {
        outage?.lost(last)
        throw last
      }
      options.traffic.retried(waitMs)
      options.onWait?.(`${error.message}; attempt ${tried + 1} of ${ATTEMPTS} in ${(waitMs / 1000).toFixed(1)} s`)
      await wait(waitMs, options.signal)
    }
  }
}

/** What a call ends with that is not tried again; undefined for one that is. */
function lastOf(error: RetryableError, tried: number, tooLate: boolean): RetryableError | undefined {
  if (tried >= ATTEMPTS) return error
  return tooLate ? tooLong(error) : undefined
}

/**
 * What the headers ask us to wait, in milliseconds. `Retry-After` comes as seconds or as a date.
 *
 * @param now the time of who answered: dates are by its clock, and a runner's may be off by minutes
 */
export function requestedWait(
  headers: Readonly<Record<string, string>>,
  now: number = timeOf(headers),
): number | undefined {
  const retryAfter = headers['retry-after']
  if (retryAfter !== undefined) {
    const seconds = Number(retryAfter)
    const until = Number.isFinite(seconds) ? now + seconds * 1000 : Date.parse(retryAfter)
    if (Number.isFinite(until)) return Math.max(0, until - now)
  }
  return untilReset(headers, now)
}

/**
 * When there will be more, in milliseconds from now. Port's `x-ratelimit-reset` was documented as an epoch in seconds and
 * later as seconds from now, so a large value is read as the former and a small one as the latter.
 *
 * @param now as for {@link requestedWait}
 */
export function untilReset(
  headers: Readonly<Record<string, string>>,
  now: number = timeOf(headers),
): number | undefined {
  const text = headers['x-ratelimit-reset']
  const reset = Number(text)
  if (text === undefined || text.trim() === '' || !Number.isFinite(reset)) return undefined
  return Math.max(0, reset > 1_000_000_000 ? reset * 1000 - now : reset * 1000)
}

/** What time it is where an answer comes from; where it does not say, the runner's clock has to do. */
function timeOf({ date = '' }: Readonly<Record<string, string>>): number {
  const time = Date.parse(date)
  return Number.isNaN(time) ? Date.now() : time
}

function tooLong(error: RetryableError): RetryableError {
  const seconds = Math.round((error.waitMs ?? 0) / 1000)
  return new RetryableError(`${error.message} for ${seconds} s, which is longer than a run waits`, { cause: error })
}

/** Exponential, with full jitter in its upper half, so that many callers do not come back at once. */
function backoff(tried: number): number {
  const ceiling = Math.min(LONGEST_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** (tried - 1))
  return ceiling / 2 + (Math.random() * ceiling) / 2
}
