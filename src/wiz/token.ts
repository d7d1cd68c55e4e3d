/** Asks Wiz for a token: OAuth client credentials, form-encoded, at Cognito or (older tenants) Auth0. */
import { ConfigError } from '../errors.ts'
import type { Exchange } from '../http/exchange.ts'
import { RETRYABLE_STATUSES, RetryableError, requestedWait } from '../http/retry.ts'
import type { Token } from '../http/token.ts'

export interface WizCredentials {
  clientId: string
  clientSecret: string
  tokenUrl: string
  audience: string
}

/** Wiz tokens live a day; this is assumed when the answer does not say. */
const USUAL_LIFE_SECONDS = 86_400

/**
 * The audience that a token URL needs: `beyond-api` for the Auth0 hosts (`auth.wiz.io`, `auth0.*`), else `wiz-api`.
 * Hosts and audiences as published in Wiz's own Backstage plugin and in the XSOAR pack.
 */
export function audienceOf(tokenUrl: string): 'beyond-api' | 'wiz-api' {
  const { hostname } = new URL(tokenUrl)
  return hostname.startsWith('auth.wiz.io') || hostname.startsWith('auth0.') ? 'beyond-api' : 'wiz-api'
}

/**
 * One request for a token.
 *
 * @throws {ConfigError} when Wiz refuses the credentials, or the URL is not a token endpoint
 * @throws {RetryableError} when another attempt may succeed
 */
export async function fetchWizToken(
  exchange: Exchange,
  credentials: WizCredentials,
  userAgent: string,
): Promise<Token> {
  const { status, headers, text } = await exchange({
    method: 'POST',
    url: credentials.tokenUrl,
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      accept: 'application/json',
      'user-agent': userAgent,
    },
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: credentials.clientId,
      client_secret: credentials.clientSecret,
      audience: credentials.audience,
    }).toString(),
  })
  if (RETRYABLE_STATUSES.has(status)) {
    throw new RetryableError(`Wiz's token endpoint answered ${status}`, { waitMs: requestedWait(headers), status })
  }
  const answer = parse(text)
  // Auth0 refuses with 401 or 403, Cognito with 400; both say why in the form of OAuth.
  if ([400, 401, 403].includes(status) && typeof answer?.error === 'string') throw refusal(credentials)
  if (status !== 200 || typeof answer?.access_token !== 'string') {
    throw new ConfigError(
      `wiz-token-url: ${credentials.tokenUrl} is not a Wiz token endpoint (it answered ${status}${answer ? '' : ' and no JSON'}); expected something like https://auth.app.wiz.io/oauth/token.`,
    )
  }
  const expiresIn = Number(answer.expires_in)
  return { value: answer.access_token, expiresInSeconds: expiresIn > 0 ? expiresIn : USUAL_LIFE_SECONDS }
}

function refusal(credentials: WizCredentials): ConfigError {
  return new ConfigError(
    `Wiz refused wiz-client-id and wiz-client-secret at ${credentials.tokenUrl} with audience "${credentials.audience}". Check both secrets, that the service account has not expired, and that wiz-token-url is the one of your tenant (commercial: https://auth.app.wiz.io/oauth/token, FedRAMP: https://auth.app.wiz.us/oauth/token, gov: https://auth.gov.wiz.io/oauth/token).`,
  )
}

function parse(text: string): { access_token?: unknown; expires_in?: unknown; error?: unknown } | undefined {
  try {
    const answer: unknown = JSON.parse(text)
    return answer !== null && typeof answer === 'object' ? answer : undefined
  } catch {
    return undefined
  }
}
