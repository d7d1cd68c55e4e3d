/** One HTTP exchange, whole: the answer's text is read inside, so that a broken body counts as a broken exchange. */
import { type Dispatcher, request } from 'undici'
import { ServiceError } from '../errors.ts'
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

export interface ExchangeOptions {
  dispatcher: Dispatcher
  /** Aborts what is in flight. */
  signal: AbortSignal
  /** Learns the service's time. */
  clock: ServiceClock
  /** For the whole exchange: a body that trickles in would never be late between two of its bytes. */
  timeoutMs?: number
  /** Of an answer. */
  maxBytes?: number
}

/** Wiz's gateway gives up after about two minutes; an answer that takes longer than this is no answer. */
const TIMEOUT_MS = 180_000
/** A page of 500 large issues has a few MiB. */
const MAX_BYTES = 128 * 1024 * 1024

/** Codes that no further attempt mends: the host does not exist, or its certificate is not trusted. */
const HOPELESS_CODES = new Set([
  'ENOTFOUND',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'CERT_HAS_EXPIRED',
  'ERR_TLS_CERT_ALTNAME_INVALID',
])
const TIMEOUT_CODES = new Set(['UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT', 'TimeoutError'])

/**
 * Sends requests over one dispatcher. Redirects are not followed: neither API answers with one, and credentials must
 * not travel to another host. No encoding is asked for, so that nothing can unfold into more than was received.
 *
 * The exchange throws an {@link UnreachableError} when the host does not exist or is not trusted, a
 * {@link RetryableError} when there was no whole answer and another attempt may get one, and a {@link ServiceError} for an
 * answer that is too large or encoded.
 */
export function createExchange(options: ExchangeOptions): Exchange {
  const { dispatcher, clock, timeoutMs = TIMEOUT_MS, maxBytes = MAX_BYTES } = options
  return async ({ method, url, headers, body }) => {
    const { host } = new URL(url)
    const limit = limited(options.signal, timeoutMs)
    try {
      const response = await request(url, { method, headers, body: body ?? null, dispatcher, signal: limit.signal })
      const answerHeaders = singleValued(response.headers)
      clock.learn(answerHeaders)
      const encoding = answerHeaders['content-encoding'] ?? 'identity'
      if (encoding !== 'identity') {
        // Without a listener its end would end the process.
        response.body.on('error', () => {}).destroy()
        throw new ServiceError(`${host} answered in an encoding that was not asked for (${encoding})`, 0)
      }
      return {
        status: response.statusCode,
        headers: answerHeaders,
        text: await readText(response.body, host, maxBytes),
      }
    } catch (error) {
      if (options.signal.aborted) throw options.signal.reason
      if (error instanceof ServiceError) throw error
      const code = errorCode(error)
      const message = `no answer from ${host} (${code})`
      if (HOPELESS_CODES.has(code)) throw new UnreachableError(message, { cause: error })
      throw new RetryableError(message, { cause: error, timedOut: TIMEOUT_CODES.has(code) })
    } finally {
      limit.release()
    }
  }
}

/** The run's signal, and one that ends this exchange alone. */
function limited(signal: AbortSignal, timeoutMs: number): { signal: AbortSignal; release: () => void } {
  const controller = new AbortController()
  const abort = () => controller.abort(signal.reason)
  if (signal.aborted) abort()
  signal.addEventListener('abort', abort, { once: true })
  const timer = setTimeout(() => controller.abort(new DOMException('took too long', 'TimeoutError')), timeoutMs)
  return {
    signal: controller.signal,
    release() {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
    },
  }
}

async function readText(body: Dispatcher.ResponseData['body'], host: string, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of body) {
    chunks.push(chunk)
    bytes += chunk.length
    if (bytes > maxBytes) throw new ServiceError(`${host} answered more than ${maxBytes} bytes`, 0)
  }
  // Without a byte order mark, and with a replacement for what is no UTF-8.
  return new TextDecoder().decode(Buffer.concat(chunks))
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
