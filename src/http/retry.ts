/** The one retry policy of both clients. What counts as retryable is decided where the answer is understood. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Traffic } from './traffic.ts'

/** Statuses after which the same request may succeed. */
export const RETRYABLE_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 500, 502, 503, 504])

const ATTEMPTS = 8
const FIRST_BACKOFF_MS = 250
const LONGEST_BACKOFF_MS = 30_000
/** A service that asks for more patience than this is treated as down. */
const LONGEST_REQUESTED_WAIT_MS = 300_000

/** An attempt that failed in a way that may pass. */
export class RetryableError extends Error {
  /** What the service asked us to wait, in milliseconds; absent when it did not say. */
  readonly waitMs: number | undefined
  readonly status: number

  constructor(message: string, options: ErrorOptions & { waitMs?: number | undefined; status?: number } = {}) {
    super(message, options)
    this.name = 'RetryableError'
    this.waitMs = options.waitMs
    this.status = options.status ?? 0
  }
}

export interface RetryOptions {
  signal: AbortSignal
  traffic: Traffic
  /** Told about each wait, so that nobody watches a silent log. */
  onWait?: (message: string) => void
  wait?: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

/**
 * Runs `attempt` until it succeeds, fails for good, or has failed {@link ATTEMPTS} times.
 *
 * @throws the last {@link RetryableError}, or whatever else `attempt` throws, or the signal's reason
 */
export async function withRetry<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const wait = options.wait ?? waitFor
  for (let tried = 1; ; tried += 1) {
    options.signal.throwIfAborted()
    try {
      return await attempt()
    } catch (error) {
      if (!(error instanceof RetryableError) || tried >= ATTEMPTS) throw error
      if ((error.waitMs ?? 0) > LONGEST_REQUESTED_WAIT_MS) throw tooLong(error)
      const waitMs = Math.max(0, Math.round(error.waitMs ?? backoff(tried)))
      options.traffic.retried(waitMs)
      options.onWait?.(`${error.message}; attempt ${tried + 1} of ${ATTEMPTS} in ${(waitMs / 1000).toFixed(1)} s`)
      await wait(waitMs, options.signal)
    }
  }
}

/**
 * What the headers ask us to wait, in milliseconds. `Retry-After` comes as seconds or as a date. Port's
 * `x-ratelimit-reset` was documented as an epoch in seconds and later as seconds from now, so a large value is read as
 * the former and a small one as the latter.
 */
export function requestedWait(headers: Record<string, string>, now: number = Date.now()): number | undefined {
  const retryAfter = headers['retry-after']
  if (retryAfter !== undefined) {
    const seconds = Number(retryAfter)
    const until = Number.isFinite(seconds) ? now + seconds * 1000 : Date.parse(retryAfter)
    if (Number.isFinite(until)) return Math.max(0, until - now)
  }
  const reset = Number(headers['x-ratelimit-reset'])
  if (headers['x-ratelimit-reset'] === undefined || !Number.isFinite(reset)) return undefined
  return Math.max(0, reset > 1_000_000_000 ? reset * 1000 - now : reset * 1000)
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

async function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds, undefined, { signal })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}
