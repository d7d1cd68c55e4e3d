/** Wiz's token endpoint, in the manners of its two identity providers. */
import { randomBytes } from 'node:crypto'
import type { ServiceRequest, ServiceResponse } from '../loopback.ts'

export type Issuer = 'cognito' | 'auth0'

export const AUDIENCES: Record<Issuer, string> = { cognito: 'wiz-api', auth0: 'beyond-api' }

export interface TokenIssuer {
  answer(request: ServiceRequest): ServiceResponse
  accepts(authorization: string | undefined): boolean
  revokeAll(): void
}

export interface TokenIssuerOptions {
  issuer: Issuer
  clientId: string
  clientSecret: string
  lifetimeSeconds: number
  now: () => number
}

const REFUSALS: Record<Issuer, ServiceResponse> = {
  auth0: { status: 401, body: { error: 'access_denied', error_description: 'Unauthorized' } },
  cognito: { status: 400, body: { error: 'invalid_client' } },
}

export function createTokenIssuer(options: TokenIssuerOptions): TokenIssuer {
  const tokens = new Map<string, number>()
  return {
    answer({ method, headers, body }) {
      if (method !== 'POST') return { status: 405, body: 'Method Not Allowed' }
      if (!headers['content-type']?.startsWith('application/x-www-form-urlencoded')) {
        return { status: 415, body: { error: 'invalid_request', error_description: 'expected a form' } }
      }
      const form = new URLSearchParams(body)
      if (form.get('grant_type') !== 'client_credentials')
        return { status: 400, body: { error: 'unsupported_grant_type' } }
      const known = form.get('client_id') === options.clientId && form.get('client_secret') === options.clientSecret
      if (!known || form.get('audience') !== AUDIENCES[options.issuer]) return REFUSALS[options.issuer]
      const token = `eyJhbGciOiJSUzI1NiJ9.${randomBytes(60).toString('base64url')}.${randomBytes(40).toString('base64url')}`
      tokens.set(token, options.now() + options.lifetimeSeconds * 1000)
      const answer = {
        access_token: token,
        refresh_token: null,
        token_type: 'Bearer',
        expires_in: options.lifetimeSeconds,
      }
      return { status: 200, body: answer }
    },
    accepts(authorization) {
      const token = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''
      return (tokens.get(token) ?? 0) > options.now()
    },
    revokeAll: () => tokens.clear(),
  }
}
