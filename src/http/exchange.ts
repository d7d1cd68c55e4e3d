/** One HTTP exchange, whole: the answer's text is read inside, so that a broken body counts as a broken exchange. */
import { type Dispatcher, request } from 'undici'
import type { ServiceClock } from './clock.ts'
import { RetryableError } from './retry.ts'

export interface HttpRequest {
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE'
  url: string
  headers: Record<string, string>
  body?: string
}

export interface HttpResponse {
  status: number
  /** Names in lower case; the first value where a header is repeated. */
  headers: Record<string, string>
  text: string
}

/** There is nobody at this URL whom another attempt could reach. */
export class UnreachableError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'UnreachableError'
  }
}

export type Exchange = (request: HttpRequest) => Promise<HttpResponse>

/** Codes that no further attempt mends: the host does not exist, or its certificate is not trusted. */
const HOPELESS_CODES = new Set([
  'ENOTFOUND',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])

/**
 * Sends requests over one dispatcher. Redirects are not followed: neither API answers with one, and credentials must
 * not travel to another host.
 *
 * @param signal aborts what is in flight
 * @param clock learns the service's time
 * @throws {UnreachableError} when the host does not exist or is not trusted
 * @throws {RetryableError} when there was no whole answer and another attempt may get one
 */
export function createExchange(dispatcher: Dispatcher, signal: AbortSignal, clock: ServiceClock): Exchange {
  return async ({ method, url, headers, body }) => {
    try {
      const response = await request(url, { method, headers, body: body ?? null, dispatcher, signal })
      const answerHeaders = singleValued(response.headers)
      clock.learn(answerHeaders)
      return { status: response.statusCode, headers: answerHeaders, text: await response.body.text() }
    } catch (error) {
      if (signal.aborted) throw signal.reason
      const code = errorCode(error)
      const message = `no answer from ${new URL(url).host} (${code})`
      if (HOPELESS_CODES.has(code)) throw new UnreachableError(message, { cause: error })
      throw new RetryableError(message, { cause: error })
    }
  }
}

function singleValued(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const entries = Object.entries(headers).flatMap(([name, value]) => {
    const first = Array.isArray(value) ? value[0] : value
    return first === undefined ? [] : [[name.toLowerCase(), first] as const]
  })
  return Object.fromEntries(entries)
}

function errorCode(error: unknown): string {
  if (error instanceof AggregateError) return errorCode(error.errors[0])
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code
  return error instanceof Error ? error.name : 'unknown error'
}
