import { expect, it } from 'vitest'
import { createTokenSource } from '../../src/http/token.ts'

function source(lifeSeconds: number) {
  const clock = { now: 0 }
  let fetched = 0
  const tokens = createTokenSource(
    async () => ({ value: `token-${++fetched}`, expiresInSeconds: lifeSeconds }),
    () => clock.now,
  )
  return { tokens, clock, fetched: () => fetched }
}

it('fetches one token for any number of callers', async () => {
  const { tokens, fetched } = source(3600)
  expect(new Set(await Promise.all(Array.from({ length: 100 }, () => tokens.get())))).toEqual(new Set(['token-1']))
  expect(fetched()).toBe(1)
})

it('renews before the token expires, and uses it until shortly before', async () => {
  const { tokens, clock } = source(3600)
  await tokens.get()
  clock.now = 3_539_000
  expect(await tokens.get()).toBe('token-1')
  clock.now = 3_541_000
  expect(await tokens.get()).toBe('token-2')
})

it('does not fetch at every call when the token has seconds left', async () => {
  const { tokens, clock } = source(1)
  await tokens.get()
  clock.now = 900
  expect(await tokens.get()).toBe('token-1')
})

it('fetches once for many callers whose token was refused', async () => {
  const { tokens, fetched } = source(3600)
  const old = await tokens.get()
  const renewed = await Promise.all(
    Array.from({ length: 20 }, async () => {
      tokens.refuse(old)
      return tokens.get()
    }),
  )
  expect(new Set(renewed)).toEqual(new Set(['token-2']))
  tokens.refuse(old)
  expect(await tokens.get()).toBe('token-2')
  expect(fetched()).toBe(2)
})

it('tries again after a failed fetch', async () => {
  let failing = true
  const tokens = createTokenSource(async () => {
    if (failing) throw new Error('down')
    return { value: 'token', expiresInSeconds: 60 }
  })
  await expect(tokens.get()).rejects.toThrow('down')
  failing = false
  expect(await tokens.get()).toBe('token')
})

it('counts the life of a token from when it was fetched, also long after the start of the process', async () => {
  const { tokens, clock, fetched } = source(3600)
  clock.now = 7 * 3_600_000
  for (let call = 0; call < 5; call += 1) await tokens.get()
  expect(fetched()).toBe(1)
})
