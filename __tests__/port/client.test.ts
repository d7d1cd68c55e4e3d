import { setImmediate } from 'node:timers/promises'
import { Agent } from 'undici'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { FaultAction } from '../../sandbox/faults.ts'
import { type PortSandbox, startPort } from '../../sandbox/port/index.ts'
import { ServiceClock } from '../../src/http/clock.ts'
import { createExchange } from '../../src/http/exchange.ts'
import { OutageError } from '../../src/http/outage.ts'
import type { Sleep } from '../../src/http/sleep.ts'
import { Traffic } from '../../src/http/traffic.ts'
import { createPortClient, type PortClient } from '../../src/port/client.ts'
import { findEntities, searchBlueprints, upsertBulk } from '../../src/port/entities.ts'

const ALWAYS = Number.POSITIVE_INFINITY
const BULK = /entities\/bulk$/
const NEVER = new AbortController().signal

let sandbox: PortSandbox
let dispatcher: Agent

beforeEach(async () => {
  sandbox = await startPort()
  sandbox.putBlueprint({ identifier: 'a', title: 'A', schema: { properties: {} }, relations: {} })
  dispatcher = new Agent()
})

afterEach(() => Promise.all([sandbox.stop(), dispatcher.destroy()]))

/** A client whose waits pass at once, unless the test has others. */
function client(wait: Sleep = async () => {}): PortClient {
  return createPortClient({
    baseUrl: sandbox.url,
    clientId: sandbox.clientId,
    clientSecret: sandbox.clientSecret,
    userAgent: 'test/1',
    exchange: createExchange({ dispatcher, signal: NEVER, clock: new ServiceClock() }),
    traffic: new Traffic(),
    signal: NEVER,
    onToken: () => {},
    onWait: () => {},
    wait,
  })
}

function write(port: PortClient, stop = NEVER, ...identifiers: string[]) {
  const texts = (identifiers.length === 0 ? ['x'] : identifiers).map(identifier => JSON.stringify({ identifier }))
  return upsertBulk(port, 'a', texts, { merge: true, createMissingRelatedEntities: true }, stop)
}

const find = (port: PortClient) => findEntities(port, 'a', ['x'], ['$identifier'])
const sent = (path: RegExp) => sandbox.requests.filter(request => path.test(request.path)).length
const respond = (body: unknown): FaultAction => ({ kind: 'respond', status: 200, body })

describe('an outage', () => {
  const down: FaultAction = { kind: 'respond', status: 503 }

  it('is found when three calls in a row have used up their attempts; then nothing more is sent', async () => {
    sandbox.faults.push({ match: { path: BULK }, times: ALWAYS, fault: down })
    const port = client()
    for (let call = 0; call < 3; call += 1) await expect(write(port)).rejects.toThrow('Port answered 503')
    expect(sent(BULK)).toBe(24)
    const error = await write(port).catch(reason => reason)
    expect(error).toBeInstanceOf(OutageError)
    expect(error.message).toBe(
      "Port's API for writing is down: 3 calls in a row failed with all of their attempts, the last one with: Port answered 503. Nothing more was tried; running again continues.",
    )
    expect(sent(BULK)).toBe(24)
    // Reading is another matter.
    expect(await find(port)).toEqual([])
  })

  it.each<[string, FaultAction]>([
    ['success', { kind: 'rewrite', rewrite: body => body }],
    ['refusal', { kind: 'respond', status: 403, body: { ok: false, error: 'forbidden' } }],
  ])('is none when a %s comes in between', async (_, fault) => {
    const port = client()
    for (let round = 0; round < 3; round += 1) {
      sandbox.faults.push({ match: { path: BULK }, times: 16, fault: down })
      sandbox.faults.push({ match: { path: BULK }, times: 1, fault })
      await expect(write(port)).rejects.toThrow('Port answered 503')
      await expect(write(port)).rejects.toThrow('Port answered 503')
      await write(port).catch(() => {})
    }
    expect(sent(BULK)).toBe(51)
  })

  it('is one too when Port asks for more patience than a run has', async () => {
    const fault: FaultAction = { kind: 'respond', status: 429, headers: { 'retry-after': '86400' } }
    sandbox.faults.push({ match: { path: BULK }, times: ALWAYS, fault })
    const port = client()
    for (let call = 0; call < 3; call += 1) await expect(write(port)).rejects.toThrow('longer than a run waits')
    await expect(write(port)).rejects.toThrow(OutageError)
    expect(sent(BULK)).toBe(3)
  })

  it('of the tokens ends the calls as well', async () => {
    sandbox.faults.push({ match: { path: /access_token/ }, times: ALWAYS, fault: down })
    const port = client()
    for (let call = 0; call < 3; call += 1) await expect(find(port)).rejects.toThrow('cannot be reached')
    await expect(find(port)).rejects.toThrow(OutageError)
    expect(sent(/access_token/)).toBe(24)
  })
})

describe('a call that is not to be sent after a signal', () => {
  it.each<[string, FaultAction]>([
    [
      'its limit',
      {
        kind: 'rewrite',
        rewrite: body => body,
        headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '60' },
      },
    ],
    ['another attempt', { kind: 'respond', status: 503 }],
  ])('is not sent when the signal comes while it waits for %s', async (_, fault) => {
    const waits: number[] = []
    const port = client(
      (milliseconds, signal) =>
        new Promise((_resolve, reject) => {
          waits.push(milliseconds)
          signal.addEventListener('abort', () => reject(signal.reason))
        }),
    )
    await find(port)
    sandbox.faults.push({ match: { path: fault.kind === 'respond' ? BULK : /search$/ }, times: 1, fault })
    if (fault.kind !== 'respond') await find(port)
    const before = sent(BULK)
    const stop = new AbortController()
    const ended = write(port, stop.signal).catch(error => error)
    while (waits.length === 0) await setImmediate()
    const reason = new Error('told to stop')
    stop.abort(reason)
    expect(await ended).toBe(reason)
    expect(await write(port, stop.signal).catch(error => error)).toBe(reason)
    expect(sent(BULK) - before).toBe(fault.kind === 'respond' ? 1 : 0)
  })
})

describe('odd answers', () => {
  it('nothing in a list of results takes no result away, and a place that was not sent is nobody', async () => {
    sandbox.faults.push({
      match: { path: BULK },
      times: 1,
      fault: respond({
        ok: true,
        entities: [null, 7, { index: 0, created: true }, { index: 99, created: true }, { index: -1 }, { index: 0.5 }],
        errors: [null, 'x', { index: 1, statusCode: 422, error: 'invalid', message: 'no' }, { index: 7 }, {}],
      }),
    })
    const results = await write(client(), NEVER, 'x', 'y', 'z')
    expect(results).toEqual([
      { status: 'created' },
      { status: 'refused', statusCode: 422, reason: 'invalid: no' },
      { status: 'refused', statusCode: 0, reason: 'Port said nothing about it' },
    ])
    expect(Object.keys(results)).toHaveLength(3)
  })

  it('nothing in a list of entities is no entity', async () => {
    const entities = [null, 'x', {}, { identifier: 7 }, { identifier: 'x' }]
    sandbox.faults.push({ match: { path: /search$/ }, times: 2, fault: respond({ ok: true, entities }) })
    expect(await find(client())).toEqual([{ identifier: 'x' }])
    expect(await searchBlueprints(client(), [])).toEqual([{ identifier: 'x' }])
  })

  it('a chain of pages that comes back to where it was is an error', async () => {
    for (const next of ['one', 'two', 'one']) {
      sandbox.faults.push({ match: { path: /search$/ }, times: 1, fault: respond({ ok: true, entities: [], next }) })
    }
    await expect(find(client())).rejects.toThrow(
      'Port gave the same cursor twice when it was asked for the entities of a',
    )
    expect(sent(/search$/)).toBe(3)
  })

  it('an empty page within a chain is none', async () => {
    const pages = [
      { ok: true, entities: [{ identifier: 'x' }], next: 'one' },
      { ok: true, entities: [], next: 'two' },
      { ok: true, entities: [{ identifier: 'y' }] },
    ]
    for (const page of pages) sandbox.faults.push({ match: { path: /search$/ }, times: 1, fault: respond(page) })
    expect(await find(client())).toEqual([{ identifier: 'x' }, { identifier: 'y' }])
  })
})
