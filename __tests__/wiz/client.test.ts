import { expect, it } from 'vitest'
import { ConfigError } from '../../src/errors.ts'
import { type Exchange, UnreachableError } from '../../src/http/exchange.ts'
import { OutageError } from '../../src/http/outage.ts'
import { createPacer } from '../../src/http/pacer.ts'
import { Traffic } from '../../src/http/traffic.ts'
import { createWizClient } from '../../src/wiz/client.ts'
import { audienceOf } from '../../src/wiz/token.ts'

function client(exchange: Exchange) {
  return createWizClient({
    apiUrl: 'https://api.us1.app.wiz.io/graphql',
    credentials: {
      clientId: 'id',
      clientSecret: 'secret',
      tokenUrl: 'https://auth.app.wiz.io/oauth/token',
      audience: 'wiz-api',
    },
    userAgent: 'test',
    exchange,
    pacer: createPacer(1000),
    traffic: new Traffic(),
    signal: new AbortController().signal,
    onToken: () => {},
    onWait: () => {},
    wait: async () => {},
  })
}

const token = { status: 200, headers: {}, text: '{"access_token":"t","expires_in":60}' }

it.each([
  ['wiz-token-url', 'https://auth.app.wiz.io/oauth/token', (url: string) => url.includes('oauth')],
  ['wiz-api-url', 'https://api.us1.app.wiz.io/graphql', (url: string) => url.includes('graphql')],
])('names %s when nobody answers there', async (input, url, isDown) => {
  const exchange: Exchange = async request => {
    if (isDown(request.url)) throw new UnreachableError('no answer from there (ENOTFOUND)')
    return token
  }
  const query = client(exchange).query('query { a }', {})
  await expect(query).rejects.toThrow(ConfigError)
  await expect(query).rejects.toThrow(`${input}: ${url} cannot be reached: no answer from there (ENOTFOUND)`)
})

it('never repeats the body of an answer that it cannot read', async () => {
  const exchange: Exchange = async ({ url }) =>
    url.includes('oauth')
      ? token
      : { status: 200, headers: { 'content-type': 'application/json' }, text: 'secret-in-body' }
  await expect(client(exchange).query('query { a }', {})).rejects.toThrow(/^wiz-api-url: (?!.*secret-in-body)/)
})

const answering =
  (body: unknown): Exchange =>
  async ({ url }) =>
    url.includes('oauth')
      ? token
      : { status: 200, headers: { 'content-type': 'application/json' }, text: JSON.stringify(body) }

it.each<[unknown, string]>([
  [{ message: 'partial' }, 'Wiz answered with an error: partial'],
  [{}, 'Wiz answered with an error: an error without a message'],
  [[null], 'Wiz answered with an error: an error without a message'],
  [['text'], 'Wiz answered with an error: an error without a message'],
  [[{ message: { a: 1 }, extensions: null }], 'Wiz answered with an error: an error without a message'],
  ['text', 'did not answer as a GraphQL endpoint'],
  [0, 'did not answer as a GraphQL endpoint'],
  [false, 'did not answer as a GraphQL endpoint'],
])('data beside the errors %j is no answer', async (errors, message) => {
  await expect(client(answering({ data: { a: 1 }, errors })).query('query { a }', {})).rejects.toThrow(message)
})

it.each([null, [], undefined])('data beside the errors %j is whole', async errors => {
  expect(await client(answering({ data: { a: 1 }, errors })).query('query { a }', {})).toEqual({ a: 1 })
})

it('asks no more of a Wiz that three queries in a row did not reach', async () => {
  let asked = 0
  const wiz = client(async ({ url }) => {
    if (url.includes('oauth')) return token
    asked += 1
    return { status: 503, headers: {}, text: '' }
  })
  for (let query = 0; query < 3; query += 1) {
    await expect(wiz.query('query { a }', {})).rejects.toThrow('Wiz answered 503 and may recover')
  }
  expect(asked).toBe(24)
  const query = wiz.query('query { a }', {})
  await expect(query).rejects.toThrow(OutageError)
  await expect(query).rejects.toThrow(/^Wiz is down: 3 calls in a row failed/)
  expect(asked).toBe(24)
})

it.each([
  ['https://auth.app.wiz.io/oauth/token', 'wiz-api'],
  ['https://auth.gov.wiz.io/oauth/token', 'wiz-api'],
  ['https://auth.app.wiz.us/oauth/token', 'wiz-api'],
  ['https://auth.wiz.io/oauth/token', 'beyond-api'],
  ['https://auth0.gov.wiz.io/oauth/token', 'beyond-api'],
])('a token of %s is for the audience %s', (url, audience) => {
  expect(audienceOf(url)).toBe(audience)
})
