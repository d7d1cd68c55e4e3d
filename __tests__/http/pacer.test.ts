import { expect, it } from 'vitest'
import { createPacer } from '../../src/http/pacer.ts'

/** A pacer on a clock that only its own waits move. */
function paced(perSecond: number) {
  const clock = { now: 0 }
  const wait = async (milliseconds: number) => {
    clock.now += milliseconds
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
