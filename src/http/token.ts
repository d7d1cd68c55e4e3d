/** A bearer token that is fetched once for any number of callers and renewed before it expires. */

export interface Token {
  value: string
  /** Seconds that the token is valid from now on, as the service says. */
  expiresInSeconds: number
}

export interface TokenSource {
  /** The token to use now. */
  get(): Promise<string>
  /** Forgets `token` after it was refused; a token that another caller has renewed meanwhile stays. */
  refuse(token: string): void
}

/** Renewed this long before it expires, but not earlier than after half of its life. */
const MARGIN_SECONDS = 60
/** Port hands out the same token until it expires, so one with seconds left must not be fetched at every call. */
const SHORTEST_USE_SECONDS = 1

/**
 * @param fetchToken asks the service; concurrent callers share one call
 * @param clock milliseconds that never go back: the wall clock of a runner may jump
 */
export function createTokenSource(
  fetchToken: () => Promise<Token>,
  clock: () => number = () => performance.now(),
): TokenSource {
  let current: { value: string; renewAt: number } | undefined
  let pending: Promise<string> | undefined

  async function renew(): Promise<string> {
    const token = await fetchToken()
    const usable = Math.max(token.expiresInSeconds - MARGIN_SECONDS, token.expiresInSeconds / 2, SHORTEST_USE_SECONDS)
    current = { value: token.value, renewAt: clock() + usable * 1000 }
    return token.value
  }

  return {
    async get() {
      if (current && clock() < current.renewAt) return current.value
      pending ??= renew().finally(() => {
        pending = undefined
      })
      return pending
    },
    refuse(token) {
      if (current?.value === token) current = undefined
    },
  }
}
