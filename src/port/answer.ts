/** What Port's answers mean. */
import { ServiceError } from '../errors.ts'
import type { HttpResponse } from '../http/exchange.ts'
import { RETRYABLE_STATUSES, RetryableError, requestedWait } from '../http/retry.ts'

/** An answer by which Port refused a request. */
export class PortError extends ServiceError {
  /** Port's own code, such as `not_found` or `invalid_request`; empty where it gave none. */
  readonly code: string

  constructor(message: string, status: number, code: string) {
    super(message, status)
    this.name = 'PortError'
    this.code = code
  }
}

/** @throws {RetryableError} for an answer that may be another one when it is asked for again */
export function throwIfPassing({ status, headers }: HttpResponse): void {
  if (!RETRYABLE_STATUSES.has(status)) return
  const message = status === 429 ? 'Port asks us to slow down' : `Port answered ${status}`
  throw new RetryableError(message, { waitMs: status === 429 ? requestedWait(headers) : retryAfter(headers), status })
}

/** On other errors `x-ratelimit-reset` is the quota's business, not a wish to wait. */
function retryAfter(headers: Record<string, string>): number | undefined {
  const { 'retry-after': after, date = '' } = headers
  return after === undefined ? undefined : requestedWait({ 'retry-after': after, date })
}

/** @param answer its body, as {@link parse} reads it */
export function refused(response: HttpResponse, answer: Record<string, unknown>): PortError {
  const code = typeof answer.error === 'string' ? answer.error : ''
  const message = typeof answer.message === 'string' ? answer.message : 'no message'
  const trace = response.headers['x-trace-id']
  return new PortError(
    `Port answered ${response.status}${code === '' ? '' : ` ${code}`}: ${message}${trace ? ` (trace ${trace})` : ''}`,
    response.status,
    code,
  )
}

/** @returns undefined for what is no JSON object: every answer of Port's is one */
export function parse(text: string): Record<string, unknown> | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    return answer !== null && typeof answer === 'object' && !Array.isArray(answer) ? { ...answer } : undefined
  } catch {
    return undefined
  }
}

/**
 * A list that an answer has to have: taking its absence for an empty list would make everything look missing. What in it
 * is no object, and has no identifier, is nothing.
 *
 * @throws {ServiceError} when it is not there
 */
export function listIn(answer: Record<string, unknown>, member: string): ({ identifier: string } & object)[] {
  const list = answer[member]
  if (Array.isArray(list)) return list.filter(hasIdentifier)
  throw new ServiceError(`Port's answer has no ${member}`, 200)
}

function hasIdentifier(item: unknown): item is { identifier: string } {
  return item !== null && typeof item === 'object' && 'identifier' in item && typeof item.identifier === 'string'
}
