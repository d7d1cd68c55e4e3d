import { expect, it } from 'vitest'
import { createPacer } from '../../src/http/pacer.ts'

/** A pacer on a clock that only its own waits move. */
function paced(perSecond: number) {
  const clock = { now: 0, late: 0 }
  const wait = async (milliseconds: number) => {
    clock.now += milliseconds + clock.late
  }
  const pacer = createPacer(perSecond, { clock: () => clock.now, wait })
  const turns = async (count: number) => {
    const times: number[] = []
    for (let index = 0; index < count; index += 1) {
      await pacer.turn(new AbortController().signal)
      times.push(clock.now)
    }
    return times
  }
  return { pacer, clock, turns }
}

it('never lets more calls pass than the ceiling allows, and saves nothing up while it is idle', async () => {
  const { turns, clock } = paced(4)
  expect(await turns(4)).toEqual([0, 250, 500, 750])
  clock.now = 60_000
  expect(await turns(3)).toEqual([60_000, 60_250, 60_500])
})

it('counts from when a call did go, also where timers fire late and calls wait together', async () => {
  const { pacer, clock, turns } = paced(4)
  clock.late = 40
  expect(await turns(3)).toEqual([0, 290, 580])
  await Promise.all([1, 2, 3].map(() => pacer.turn(new AbortController().signal)))
  expect(clock.now).toBe(580 + 3 * 290)
})

it('a call that is given up while it waits keeps nobody else waiting', async () => {
  const pacer = createPacer(0.001)
  await pacer.turn(new AbortController().signal)
  const given = new AbortController()
  const waiting = [pacer.turn(given.signal), pacer.turn(given.signal)]
  given.abort(new Error('given up'))
  expect((await Promise.allSettled(waiting)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

it('halves the pace when Wiz asks for it, and recovers step by step', async () => {
  const { pacer, turns } = paced(4)
  await turns(1)
  pacer.throttled()
  const [first = 0, second = 0, third = 0] = await turns(3)
  expect([second - first, third - second]).toEqual([500, 500])
  for (let index = 0; index < 10; index += 1) pacer.calm()
  const [, next = 0, last = 0] = await turns(3)
  expect(last - next).toBe(250)
})
