import { describe, expect, it } from 'vitest'
import { RetryableError, requestedWait, withRetry } from '../../src/http/retry.ts'
import { Traffic } from '../../src/http/traffic.ts'

function retrying(waits: number[], signal = new AbortController().signal) {
  const traffic = new Traffic()
  const wait = async (milliseconds: number) => void waits.push(milliseconds)
  return { signal, traffic, wait }
}

describe('withRetry', () => {
  it('waits exactly as long as the service asked and counts the wait', async () => {
    const waits: number[] = []
    const options = retrying(waits)
    let calls = 0
    const result = await withRetry(async () => {
      calls += 1
      if (calls < 3) throw new RetryableError('busy', { waitMs: 1500 })
      return 'done'
    }, options)
    expect(result).toBe('done')
    expect(waits).toEqual([1500, 1500])
    expect(options.traffic.counts).toEqual({ requests: 0, retries: 2, waitedMs: 3000 })
  })

  it('backs off further with each attempt and ends with the last error', async () => {
    const waits: number[] = []
    const attempt = () => Promise.reject(new RetryableError('still busy'))
    await expect(withRetry(attempt, retrying(waits))).rejects.toThrow('still busy')
    expect(waits).toHaveLength(7)
    for (const [index, wait] of waits.entries()) {
      expect(wait).toBeGreaterThanOrEqual(125 * 2 ** index)
      expect(wait).toBeLessThanOrEqual(250 * 2 ** index)
    }
  })

  it('does not repeat what is not retryable, nor wait for hours', async () => {
    const waits: number[] = []
    await expect(withRetry(() => Promise.reject(new Error('no')), retrying(waits))).rejects.toThrow('no')
    const patient = () => Promise.reject(new RetryableError('tomorrow', { waitMs: 86_400_000 }))
    await expect(withRetry(patient, retrying(waits))).rejects.toThrow(
      'tomorrow for 86400 s, which is longer than a run waits',
    )
    expect(waits).toEqual([])
  })

  it('ends with the reason of an aborted run', async () => {
    const controller = new AbortController()
    controller.abort(new Error('stopped'))
    await expect(withRetry(async () => 1, retrying([], controller.signal))).rejects.toThrow('stopped')
  })
})

describe('requestedWait', () => {
  const now = Date.parse('2026-01-01T00:00:00Z')
  it.each([
    [{ 'retry-after': '2' }, 2000],
    [{ 'retry-after': '0' }, 0],
    [{ 'retry-after': '-5' }, 0],
    [{ 'retry-after': 'Thu, 01 Jan 2026 00:00:30 GMT' }, 30_000],
    [{ 'retry-after': 'soon' }, undefined],
    [{ 'x-ratelimit-reset': '7' }, 7000],
    [{ 'x-ratelimit-reset': String(now / 1000 + 9) }, 9000],
    [{ 'retry-after': '1', 'x-ratelimit-reset': '99' }, 1000],
    [{ 'x-ratelimit-reset': 'later' }, undefined],
    [{ 'x-ratelimit-reset': '' }, undefined],
    [{}, undefined],
  ])('%j means %s ms', (headers, expected) => {
    expect(requestedWait(headers as Record<string, string>, now)).toBe(expected)
  })

  it.each([600_000, -600_000])('holds a date against the clock of who said it, which is %i ms off', ahead => {
    const date = new Date(Date.now() + ahead)
    const after = new Date(date.getTime() + 2000)
    expect(requestedWait({ date: date.toUTCString(), 'retry-after': after.toUTCString() })).toBe(2000)
  })
})
