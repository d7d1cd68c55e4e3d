/** Speaks REST with Port: tokens, retries and the number of calls in flight are dealt with here. */
import pLimit from 'p-limit'
import { ConfigError } from '../errors.ts'
import { type Exchange, type HttpRequest, type HttpResponse, UnreachableError } from '../http/exchange.ts'
import { Outage } from '../http/outage.ts'
import { createQuota } from '../http/quota.ts'
import { RETRYABLE_STATUSES, RetryableError, withRetry } from '../http/retry.ts'
import type { Sleep } from '../http/sleep.ts'
import { createTokenSource, type Token } from '../http/token.ts'
import type { Traffic } from '../http/traffic.ts'
import { PortError, parse, refused, throwIfPassing } from './answer.ts'

export interface PortClientOptions {
  /** Such as `https://api.getport.io`, without a trailing slash. */
  baseUrl: string
  clientId: string
  clientSecret: string
  /** Port derives an entity's data source, and with it our ownership, from this header. */
  userAgent: string
  exchange: Exchange
  traffic: Traffic
  signal: AbortSignal
  onToken: (token: string) => void
  onWait: (message: string) => void
  /** Between attempts, and for a limit. */
  wait?: Sleep
}

export interface PortCall {
  method: HttpRequest['method']
  /** From `/v1/` on, encoded. */
  path: string
  query?: Readonly<Record<string, string | boolean>>
  headers?: Readonly<Record<string, string>>
  /** JSON text, so that whoever measured its bytes sends exactly these. */
  body?: string
  /**
   * Once this is aborted the call is not sent any more, and its reason is thrown, whatever the call was waiting for. What
   * is under way finishes.
   */
  unless?: AbortSignal
}

export interface PortClient {
  /**
   * @returns the parsed body of a 2xx answer
   * @throws {PortError} for every other answer, once retries are used up
   * @throws {OutageError} without sending anything, once Port was found to be down
   */
  call(call: PortCall): Promise<Record<string, unknown>>
}

/** Enough to use Port's published rate (117 bulk requests a second) at a latency of 100 ms, and no storm. */
const CONCURRENCY = 16
/** What calls in flight may grow to while Port keeps up. */
const MOST_CONCURRENCY = 32

/** Port tokens live three hours; this is assumed when the answer does not say. */
const USUAL_LIFE_SECONDS = 10_800

export function createPortClient(options: PortClientOptions): PortClient {
  const { baseUrl, traffic, signal, userAgent } = options
  const limit = pLimit(CONCURRENCY)
  const waiting = { onWait: options.onWait, ...(options.wait && { wait: options.wait }) }
  const quota = createQuota({ traffic, underWay: CONCURRENCY, ...waiting })
  let calm = 0
  /** Half as many calls when Port has trouble, one more for each round that it had none. */
  const adapt = (troubled: boolean) => {
    calm = troubled ? 0 : calm + 1
    if (troubled) limit.concurrency = Math.max(1, Math.floor(limit.concurrency / 2))
    else if (calm >= limit.concurrency && limit.concurrency < MOST_CONCURRENCY) {
      calm = 0
      limit.concurrency += 1
    }
  }
  const tokens = createTokenSource(async () => {
    try {
      return await withRetry(fetchToken, { ...retryOptions, outage: outages.token })
    } catch (error) {
      throw error instanceof RetryableError ? unreachable(baseUrl, error) : error
    }
  })
  const retryOptions = { signal, traffic, ...waiting }
  const outages = { token: new Outage('Port'), read: new Outage('Port'), write: new Outage("Port's API for writing") }

  async function send(request: HttpRequest, until: AbortSignal): Promise<HttpResponse> {
    const family = familyOf(new URL(request.url).pathname)
    await quota.turn(family, until)
    traffic.sent()
    try {
      const response = await options.exchange(request)
      quota.learn(family, response.headers)
      adapt(RETRYABLE_STATUSES.has(response.status))
      return response
    } catch (error) {
      adapt(error instanceof RetryableError)
      throw error instanceof UnreachableError ? unreachable(baseUrl, error) : error
    }
  }

  async function fetchToken(): Promise<Token> {
    const request: HttpRequest = {
      method: 'POST',
      url: `${baseUrl}/v1/auth/access_token`,
      headers: { 'content-type': 'application/json', 'user-agent': userAgent },
      body: JSON.stringify({ clientId: options.clientId, clientSecret: options.clientSecret }),
    }
    const response = await send(request, signal)
    throwIfPassing(response)
    const answer = parse(response.text) ?? {}
    if (response.status === 200 && typeof answer.accessToken === 'string') {
      options.onToken(answer.accessToken)
      const life = Number(answer.expiresIn)
      return { value: answer.accessToken, expiresInSeconds: life > 0 ? life : USUAL_LIFE_SECONDS }
    }
    if ([401, 403, 404, 422].includes(response.status) && answer.ok === false) {
      throw new ConfigError(
        `Port refused port-client-id and port-client-secret at ${baseUrl} (${response.status}). Check both secrets, and the region: port-base-url is https://api.getport.io for the EU and https://api.us.getport.io for the US.`,
      )
    }
    throw new ConfigError(
      `port-base-url: ${baseUrl} did not answer as Port does (status ${response.status}); expected https://api.getport.io, or https://api.us.getport.io for the US region.`,
    )
  }

  /** @param until what is not sent by then is not sent any more */
  async function attempt(call: PortCall, until: AbortSignal): Promise<Record<string, unknown>> {
    const { method, path, query, headers, body } = call
    const token = await tokens.get()
    const search = query === undefined ? '' : `?${new URLSearchParams(mapValues(query))}`
    const request: HttpRequest = {
      method,
      url: `${baseUrl}${path}${search}`,
      headers: {
        authorization: `Bearer ${token}`,
        'user-agent': userAgent,
        ...headers,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body }),
    }
    const response = await send(request, until)
    throwIfPassing(response)
    const answer = parse(response.text)
    if (response.status >= 200 && response.status < 300) {
      if (answer === undefined) throw new RetryableError(`Port answered ${response.status} with what is not its own`)
      return answer
    }
    if (response.status === 401) tokens.refuse(token)
    throw refused(response, answer ?? {})
  }

  const once = (call: PortCall) =>
    limit(() => {
      const until = call.unless === undefined ? signal : AbortSignal.any([signal, call.unless])
      return withRetry(() => attempt(call, until), {
        ...retryOptions,
        signal: until,
        outage: isRead(call) ? outages.read : outages.write,
      })
    })
  return {
    async call(call) {
      try {
        return await once(call)
      } catch (error) {
        // Port ends tokens on its own clock: one new token, one more try.
        if (error instanceof PortError && error.status === 401) return once(call)
        throw error
      }
    },
  }
}

/** Routes that share a limit, as Port publishes its limits. */
function familyOf(path: string): string {
  if (path === '/v1/auth/access_token') return 'unauthenticated'
  if (path.includes('/entities')) return 'entities'
  return path.startsWith('/v1/blueprints') ? 'blueprints' : 'other'
}

function isRead({ method, path }: PortCall): boolean {
  return method === 'GET' || path.endsWith('/search')
}

function unreachable(baseUrl: string, error: Error): ConfigError {
  return new ConfigError(`port-base-url: ${baseUrl} cannot be reached: ${error.message}. Check it for spelling.`, {
    cause: error,
  })
}

function mapValues(query: Readonly<Record<string, string | boolean>>): Record<string, string> {
  return Object.fromEntries(Object.entries(query).map(([name, value]) => [name, String(value)]))
}
