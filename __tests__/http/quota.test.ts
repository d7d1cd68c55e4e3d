import { describe, expect, it } from 'vitest'
import { createQuota } from '../../src/http/quota.ts'
import { Traffic } from '../../src/http/traffic.ts'

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
  const headers = (remaining: number, reset: number, limit = 35_000) => ({
    'x-ratelimit-remaining': String(remaining),
    'x-ratelimit-reset': String(reset),
    'x-ratelimit-limit': String(limit),
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
    await turn()
    expect(waits).toEqual([])
  })
})
