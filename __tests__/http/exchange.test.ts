import { gzipSync } from 'node:zlib'
import { Agent } from 'undici'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { FaultAction } from '../../sandbox/faults.ts'
import { type LoopbackServer, startLoopback } from '../../sandbox/loopback.ts'
import { ServiceError } from '../../src/errors.ts'
import { ServiceClock } from '../../src/http/clock.ts'
import { createExchange, UnreachableError } from '../../src/http/exchange.ts'
import { RetryableError } from '../../src/http/retry.ts'

let server: LoopbackServer
let dispatcher: Agent

beforeEach(async () => {
  server = await startLoopback(() => ({ status: 200, body: { text: 'x'.repeat(500) } }))
  dispatcher = new Agent({ headersTimeout: 300, bodyTimeout: 300, connect: { timeout: 300 } })
})

afterEach(() => Promise.all([server.stop(), dispatcher.destroy()]))

/** Asks a server that misbehaves once. */
function ask(fault?: FaultAction, limits: { timeoutMs?: number; maxBytes?: number } = {}, url = server.url) {
  if (fault !== undefined) server.faults.push({ match: {}, times: 1, fault })
  const exchange = createExchange({
    dispatcher,
    signal: new AbortController().signal,
    clock: new ServiceClock(),
    ...limits,
  })
  return exchange({ method: 'GET', url, headers: {} })
}

it.each<[string, FaultAction, number?]>([
  ['no answer at all', { kind: 'hold', until: () => new Promise(() => {}) }],
  ['headers and then nothing', { kind: 'stall', afterBytes: 0 }],
  ['half of a body and then nothing', { kind: 'stall', afterBytes: 100 }],
  ['a byte at a time, none of them late', { kind: 'trickle', everyMs: 20 }, 500],
])('%s takes too long, which may pass', async (_, fault, timeoutMs = 60_000) => {
  const error = await ask(fault, { timeoutMs }).catch(reason => reason)
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.timedOut).toBe(true)
})

it.each<[string, FaultAction]>([
  ['a connection that is reset', { kind: 'reset' }],
  ['a body that is cut', { kind: 'cut-body', afterBytes: 10 }],
])('%s may pass, and was not late', async (_, fault) => {
  const error = await ask(fault).catch(reason => reason)
  expect(error).toBeInstanceOf(RetryableError)
  expect(error.timedOut).toBe(false)
})

it('an answer without end is given up at its limit', async () => {
  await expect(ask({ kind: 'respond', status: 200, body: 'x'.repeat(5000) }, { maxBytes: 1000 })).rejects.toThrow(
    'answered more than 1000 bytes',
  )
})

it('an answer in an encoding that nobody asked for is not unfolded', async () => {
  const body = gzipSync('x'.repeat(1_000_000)).toString('latin1')
  const fault: FaultAction = { kind: 'respond', status: 200, body, headers: { 'content-encoding': 'gzip, gzip' } }
  const error = await ask(fault).catch(reason => reason)
  expect(error).toBeInstanceOf(ServiceError)
  expect(error.message).toContain('an encoding that was not asked for (gzip, gzip)')
  expect(server.requests[0]?.headers['accept-encoding']).toBeUndefined()
})

it('a redirect is an answer like any other, and is not followed', async () => {
  const { status } = await ask({ kind: 'respond', status: 307, body: '', headers: { location: 'http://127.0.0.1:9/' } })
  expect(status).toBe(307)
  expect(server.requests).toHaveLength(1)
})

it('a host that does not exist is not tried again', async () => {
  await expect(ask(undefined, {}, 'http://no-such-host.invalid/')).rejects.toBeInstanceOf(UnreachableError)
})

it('a byte order mark is no part of the text', async () => {
  const { text } = await ask({ kind: 'respond', status: 200, body: '\ufeff{"a":1}' })
  expect(JSON.parse(text)).toEqual({ a: 1 })
})
