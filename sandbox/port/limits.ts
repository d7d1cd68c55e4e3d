/** Port's tokens and its rate limits. */
import { randomBytes } from 'node:crypto'
import { type Bucket, createBucket } from '../random.ts'
import { ApiError, type Json } from './model.ts'

export interface Tokens {
  /** While a token lives the same one is handed out, with what is left of its life. */
  issue(body: Json): Json
  accepts(authorization: string | undefined): boolean
  revoke(): void
}

export function createTokens(
  clientId: string,
  clientSecret: string,
  lifetimeSeconds: number,
  now: () => number,
): Tokens {
  let current: { value: string; expiresAt: number } | undefined
  return {
    issue(body) {
      if (body.clientId !== clientId || body.clientSecret !== clientSecret) {
        throw new ApiError(401, 'unauthorized', 'Client id or secret are not valid')
      }
      if (current === undefined || current.expiresAt <= now()) {
        const value = `eyJhbGciOiJIUzI1NiJ9.${randomBytes(80).toString('base64url')}.${randomBytes(24).toString('base64url')}`
        current = { value, expiresAt: now() + lifetimeSeconds * 1000 }
      }
      return {
        ok: true,
        accessToken: current.value,
        expiresIn: Math.floor((current.expiresAt - now()) / 1000),
        tokenType: 'Bearer',
      }
    },
    accepts: authorization =>
      current !== undefined && current.expiresAt > now() && authorization === `Bearer ${current.value}`,
    revoke() {
      current = undefined
    },
  }
}

/** Requests in five minutes and at once, as Port publishes them by family of routes. */
const FAMILIES = {
  entities: [35_000, 3_500],
  single: [10_000, 200],
  blueprints: [15_000, 1_500],
  other: [15_000, 1_500],
  unauthenticated: [100, 10],
} as const

type Family = keyof typeof FAMILIES

const PERIOD_SECONDS = 300

export interface RateLimits {
  /** @returns the headers that every answer carries, and whether the request may pass */
  take(method: string, path: string): { headers: Record<string, string>; passed: boolean }
}

export function createRateLimits(
  enabled: boolean,
  dialect: 'epoch' | 'delta' | 'alternate',
  now: () => number,
): RateLimits {
  const buckets = new Map<Family, Bucket>()
  let answers = 0
  return {
    take(method, path) {
      const family = familyOf(method, path)
      const [limit, burst] = FAMILIES[family]
      const bucket = buckets.get(family) ?? createBucket(limit / PERIOD_SECONDS, burst, now)
      buckets.set(family, bucket)
      const passed = !enabled || bucket.take()
      answers += 1
      // Documented as an epoch once and as seconds from now later: a client has to understand both.
      const epoch = dialect === 'epoch' || (dialect === 'alternate' && answers % 2 === 0)
      const reset = epoch ? Math.ceil(Date.now() / 1000) + 1 : 1
      const headers = {
        'x-ratelimit-period': String(PERIOD_SECONDS),
        'x-ratelimit-limit': String(limit),
        'x-ratelimit-remaining': String(bucket.left()),
        'x-ratelimit-reset': String(reset),
      }
      return { headers, passed }
    },
  }
}

function familyOf(method: string, path: string): Family {
  if (path === '/v1/auth/access_token') return 'unauthenticated'
  if (method === 'POST' && /\/entities$/.test(path)) return 'single'
  if (/entities/.test(path)) return 'entities'
  return path.startsWith('/v1/blueprints') ? 'blueprints' : 'other'
}
