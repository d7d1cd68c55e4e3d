import { setImmediate } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { createQuota } from '../../src/http/quota.ts'
import { Traffic } from '../../src/http/traffic.ts'

const headers = (remaining: number, reset: number, limit = 35_000) => ({
  'x-ratelimit-remaining': String(remaining),
  'x-ratelimit-reset': String(reset),
  'x-ratelimit-limit': String(limit),
})

/** A quota on a clock that the test moves, for many that wait at once. */
function startTogether() {
  let now = 0
  const sleepers: { until: number; wake: () => void }[] = []
  const times: number[] = []
  const said: string[] = []
  const quota = createQuota({
    traffic: new Traffic(),
    underWay: 16,
    onWait: message => said.push(message),
    clock: () => now,
    wait: (milliseconds, signal) =>
      new Promise((wake, reject) => {
        sleepers.push({ until: now + milliseconds, wake: () => wake() })
        signal.addEventListener('abort', () => reject(signal.reason))
      }),
  })
  return {
    quota,
    headers,
    /** When those whose turn has come went on. */
    times,
    said,
    turns(count: number) {
      for (let index = 0; index < count; index += 1) {
        void quota.turn('entities', new AbortController().signal).then(() => times.push(now))
      }
    },
    async pass(until: number) {
      for (;;) {
        await setImmediate()
        const next = sleepers.sort((a, b) => a.until - b.until)[0]
        if (next === undefined || next.until > until) return
        now = next.until
        sleepers.shift()?.wake()
      }
    },
  }
}

/** A quota on a clock that only waiting moves. */
function start() {
  let now = 0
  const waits: number[] = []
  const traffic = new Traffic()
  const quota = createQuota({
    traffic,
    underWay: 16,
    onWait: () => {},
    clock: () => now,
    wait: async milliseconds => {
      waits.push(milliseconds)
      now += milliseconds
    },
  })
  const turn = (family = 'entities') => quota.turn(family, new AbortController().signal)
  return { quota, headers, turn, waits, traffic }
}

describe('a quota', () => {
  it('lets everything pass while there is plenty left', async () => {
    const { quota, headers, turn, waits } = start()
    quota.learn('entities', headers(500, 10))
    for (let count = 0; count < 50; count += 1) await turn()
    expect(waits).toEqual([])
  })

  it('spreads what is left over the time until there is more', async () => {
    const { quota, headers, turn, waits, traffic } = start()
    quota.learn('entities', headers(9, 10))
    for (let count = 0; count < 4; count += 1) await turn()
    expect(waits).toEqual([1000, 1000, 1000])
    expect(traffic.counts.waitedMs).toBe(3000)
  })

  it('waits for the reset when nothing is left, whether it is said in seconds or as a time', async () => {
    const inSeconds = start()
    inSeconds.quota.learn('entities', inSeconds.headers(0, 7))
    await inSeconds.turn()
    expect(inSeconds.waits).toEqual([7000])

    const asTime = start()
    asTime.quota.learn('entities', asTime.headers(0, Math.ceil(Date.now() / 1000) + 7))
    await asTime.turn()
    expect(asTime.waits[0]).toBeGreaterThan(5900)
    expect(asTime.waits[0]).toBeLessThanOrEqual(8000)
  })

  it('keeps families apart, and a small limit is not taken for one that is nearly used up', async () => {
    const { quota, headers, turn, waits } = start()
    quota.learn('unauthenticated', headers(9, 60, 100))
    quota.learn('entities', headers(0, 60))
    await turn('unauthenticated')
    await turn('blueprints')
    expect(waits).toEqual([])
  })

  it('does without headers, and with headers that make no sense', async () => {
    const { quota, turn, waits } = start()
    quota.learn('entities', {})
    quota.learn('entities', { 'x-ratelimit-remaining': 'many', 'x-ratelimit-reset': 'soon' })
    for (const remaining of ['', ' ', '-1', '0x0', 'Infinity']) {
      quota.learn('entities', { 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': '9', 'x-ratelimit-limit': '' })
    }
    quota.learn('entities', { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '' })
    await turn()
    expect(waits).toEqual([])
  })

  it('does not wait for what is further away than a run waits', async () => {
    const { quota, headers, turn, waits } = start()
    quota.learn('entities', headers(0, 86_400))
    await turn()
    expect(waits).toEqual([])
  })

  it('reads a reset that is a time by the clock of who said it', async () => {
    const { quota, headers, turn, waits } = start()
    const there = Date.now() + 600_000
    const date = new Date(there).toUTCString()
    quota.learn('entities', { ...headers(0, Date.parse(date) / 1000 + 3), date })
    await turn()
    expect(waits).toEqual([3000])
  })

  it('lets all that wait go on when there is more, however many they are', async () => {
    const { quota, headers, turns, times, pass } = startTogether()
    quota.learn('entities', headers(0, 6))
    turns(10)
    await pass(6000)
    expect(times).toEqual(Array(10).fill(6000))
  })

  it('keeps those that wait apart until there is more, and looks again after each wait', async () => {
    const { quota, headers, turns, times, pass } = startTogether()
    quota.learn('entities', headers(3, 8))
    turns(6)
    await pass(4000)
    expect(times).toEqual([0, 2000, 4000])
    await pass(8000)
    expect(times).toEqual([0, 2000, 4000, 6000, 8000, 8000])
  })

  it('ends the wait of who is told to stop, and of nobody else', async () => {
    const { quota, headers, turns, times, pass } = startTogether()
    quota.learn('entities', headers(0, 6))
    const stop = new AbortController()
    const stopped = quota.turn('entities', stop.signal)
    turns(1)
    stop.abort(new Error('told to stop'))
    await expect(stopped).rejects.toThrow('told to stop')
    await expect(quota.turn('other', stop.signal)).rejects.toThrow('told to stop')
    await pass(6000)
    expect(times).toEqual([6000])
  })

  it('says once for how long it waits, however many wait', async () => {
    const { quota, headers, turns, said, pass } = startTogether()
    quota.learn('entities', headers(0, 6))
    turns(10)
    await pass(6000)
    expect(said).toEqual(['its limit is nearly used up; going on in 6.0 s'])
  })
})
