/** Speaks GraphQL with Wiz: one query in, its data out; throttling, lost answers and old tokens are dealt with here. */
import { ClientError, GraphQLClient } from 'graphql-request'
import { ConfigError, ServiceError } from '../errors.ts'
import { type Exchange, UnreachableError } from '../http/exchange.ts'
import { Outage } from '../http/outage.ts'
import type { Pacer } from '../http/pacer.ts'
import { RETRYABLE_STATUSES, RetryableError, requestedWait, withRetry } from '../http/retry.ts'
import type { Sleep } from '../http/sleep.ts'
import { createTokenSource } from '../http/token.ts'
import type { Traffic } from '../http/traffic.ts'
import { parseJson } from '../json.ts'
import { fetchWizToken, type WizCredentials } from './token.ts'

export interface WizClient {
  /**
   * @throws {ServiceError} when Wiz answers with an error that no further attempt mends, GraphQL errors included
   * @throws {ConfigError} when the credentials, the URL or the service account's scopes are wrong
   */
  query(document: string, variables: Record<string, unknown>, options?: QueryOptions): Promise<unknown>
}

export interface QueryOptions {
  /** Throws a {@link RetryableError} when Wiz takes too long, instead of asking for the same again. */
  throwTimeouts?: boolean
}

export interface WizClientOptions {
  apiUrl: string
  credentials: WizCredentials
  userAgent: string
  exchange: Exchange
  pacer: Pacer
  traffic: Traffic
  signal: AbortSignal
  /** Told each new token before it is used, so that it can be masked. */
  onToken: (token: string) => void
  onWait: (message: string) => void
  /** Between attempts. */
  wait?: Sleep
}

interface GraphqlError {
  message?: string
  extensions?: { code?: string; retryAfter?: number }
}

/** Wiz's error codes that pass by themselves (listed in Wiz's own Backstage plugin). */
const PASSING_CODES: ReadonlySet<string> = new Set(['RATE_LIMIT_EXCEEDED', 'INTERNAL'])

export function createWizClient(options: WizClientOptions): WizClient {
  const { traffic, pacer, signal } = options
  const retryOptions = { signal, traffic, onWait: options.onWait, ...(options.wait && { wait: options.wait }) }
  const outage = new Outage('Wiz')

  // Every call to Wiz goes through here, the token's too: the pace is a ceiling for all of them.
  const paced: Exchange = async request => {
    await pacer.turn(signal)
    traffic.sent()
    return options.exchange(request)
  }
  const tokens = createTokenSource(async () => {
    try {
      const token = await withRetry(() => fetchWizToken(paced, options.credentials, options.userAgent), retryOptions)
      options.onToken(token.value)
      return token
    } catch (error) {
      throw unreachable('wiz-token-url', options.credentials.tokenUrl, error)
    }
  })
  const graphql = new GraphQLClient(options.apiUrl, {
    errorPolicy: 'all',
    jsonSerializer: { parse: parseAnswer, stringify: JSON.stringify },
    fetch: async (url, init) => {
      const headers = Object.fromEntries(new Headers(init?.headers).entries())
      const response = await paced({ method: 'POST', url: String(url), headers, body: String(init?.body) })
      return new Response(response.text, { status: response.status, headers: response.headers })
    },
  })

  async function attempt(document: string, variables: Record<string, unknown>): Promise<unknown> {
    const token = await tokens.get()
    const answer = await post(document, variables, token)
    const throttled = answer.status === 429 || answer.errors.some(isThrottle)
    if (throttled) pacer.throttled()
    else pacer.calm()
    if (RETRYABLE_STATUSES.has(answer.status) || answer.errors.some(isPassing)) {
      const waitMs = requestedWait(answer.headers) ?? retryAfterOf(answer.errors)
      throw new RetryableError(
        throttled ? 'Wiz asks us to slow down' : `Wiz answered ${answer.status} and may recover`,
        {
          waitMs,
          status: answer.status,
        },
      )
    }
    if (answer.status === 401 || answer.errors.some(error => error.extensions?.code === 'UNAUTHENTICATED')) {
      tokens.refuse(token)
      throw tokenNotAccepted(options.apiUrl)
    }
    if (answer.errors.length > 0) throw explain(answer.errors, answer.status)
    if (answer.status !== 200 || answer.data === undefined || answer.data === null) {
      throw notGraphql(options.apiUrl, answer.status)
    }
    return answer.data
  }

  async function post(document: string, variables: Record<string, unknown>, token: string) {
    const headers = { authorization: `Bearer ${token}`, 'user-agent': options.userAgent }
    try {
      const answer = await graphql.rawRequest<unknown>(document, variables, headers)
      return { status: answer.status, headers: plain(answer.headers), data: answer.data, errors: list(answer.errors) }
    } catch (error) {
      // graphql-request puts the whole answer and the variables into its message: only the status and errors are kept.
      if (error instanceof ClientError) {
        const { status, errors, headers: answered } = error.response
        return { status, headers: plain(answered), data: undefined, errors: list(errors) }
      }
      if (error instanceof RetryableError || error instanceof ServiceError || error instanceof ConfigError) throw error
      if (signal.aborted) throw error
      if (error instanceof UnreachableError) throw unreachable('wiz-api-url', options.apiUrl, error)
      // graphql-request could not read the answer; its message would repeat the body.
      throw notGraphql(options.apiUrl, 200)
    }
  }

  const once = (document: string, variables: Record<string, unknown>, asked: QueryOptions) =>
    withRetry(() => attempt(document, variables), { ...retryOptions, outage, ...asked })
  // Before Wiz has answered a query, an answer that is not Wiz's means a wrong URL; after that, it is an outage.
  let answered = false

  return {
    async query(document, variables, asked = {}) {
      try {
        const data = await once(document, variables, asked).catch(error => {
          // A token can be revoked before it expires: one new token, one more try.
          if (error instanceof MisdirectedError && error.status === 401) return once(document, variables, asked)
          throw error
        })
        answered = true
        return data
      } catch (error) {
        if (error instanceof MisdirectedError && !answered) throw new ConfigError(error.message, { cause: error })
        throw error
      }
    },
  }
}

/** What answered is not the GraphQL API that the token is for. */
class MisdirectedError extends ServiceError {}

/** Names the input when nobody answers at its URL; every other error stays what it is. */
function unreachable(input: string, url: string, error: unknown): unknown {
  if (!(error instanceof UnreachableError) && !(error instanceof RetryableError)) return error
  return new ConfigError(`${input}: ${url} cannot be reached: ${error.message}. Check it for spelling and region.`, {
    cause: error,
  })
}

function plain(headers: unknown): Record<string, string> {
  return headers instanceof Headers ? Object.fromEntries(headers.entries()) : {}
}

/** An answer without `errors: null`, which graphql-request takes for no answer. */
function parseAnswer(text: string): unknown {
  const answer = parseJson(text)
  if (answer !== null && typeof answer === 'object' && 'errors' in answer && answer.errors === null)
    delete answer.errors
  return answer
}

/** Whatever stands where errors stand says that something is missing, whether it has the form of an error or not. */
function list(errors: unknown): GraphqlError[] {
  if (errors === undefined || errors === null) return []
  return [errors].flat().map(error => (error !== null && typeof error === 'object' ? error : {}))
}

function isThrottle(error: GraphqlError): boolean {
  return error.extensions?.code === 'RATE_LIMIT_EXCEEDED' || /rate limit exceeded/i.test(error.message ?? '')
}

function isPassing(error: GraphqlError): boolean {
  return isThrottle(error) || PASSING_CODES.has(error.extensions?.code ?? '')
}

/** Seconds in `extensions.retryAfter`, as milliseconds. */
function retryAfterOf(errors: GraphqlError[]): number | undefined {
  const seconds = errors.map(error => error.extensions?.retryAfter).find(value => typeof value === 'number')
  return seconds === undefined ? undefined : seconds * 1000
}

/** The missing scope is in the message: "at least one of the following is required: [read:all read:issues]". */
function explain(errors: GraphqlError[], status: number): Error {
  const [first] = errors
  const message = typeof first?.message === 'string' ? first.message : 'an error without a message'
  const scopes = /required: \[([^\]]*)\]/.exec(message)?.[1]
  if (scopes !== undefined) {
    const scope = scopes.split(/[\s,]+/).find(name => name !== 'read:all') ?? scopes
    return new ConfigError(
      `The Wiz service account lacks the scope ${scope}: add it under Settings > Service Accounts > API Scopes in Wiz.`,
    )
  }
  const code = first?.extensions?.code
  if (code === 'FORBIDDEN_IP') {
    return new ConfigError("Wiz refuses this runner's IP address: allow it in Wiz, or run on a runner that is allowed.")
  }
  return new ServiceError(`Wiz answered with an error${code ? ` (${code})` : ''}: ${message}`, status)
}

function notGraphql(apiUrl: string, status: number): MisdirectedError {
  return new MisdirectedError(
    `wiz-api-url: ${apiUrl} did not answer as a GraphQL endpoint (status ${status}); expected https://api.<data centre>.app.wiz.io/graphql, as shown in Wiz under User Settings > Tenant.`,
    status,
  )
}

function tokenNotAccepted(apiUrl: string): MisdirectedError {
  return new MisdirectedError(
    `Wiz does not accept a fresh token at ${apiUrl}: check that wiz-api-url and wiz-token-url belong to the same tenant and environment.`,
    401,
  )
}
