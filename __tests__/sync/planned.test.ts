/** What a plan keeps of its operations, and in how many requests they would be written. */
import { describe, expect, it } from 'vitest'
import { Batches } from '../../src/sync/batches.ts'
import type { Operation } from '../../src/sync/plan.ts'
import { PlanSink } from '../../src/sync/planned.ts'

const operation = (action: Operation['action'], identifier: string, blueprint = 'b'): Operation => ({
  action,
  blueprint,
  entity: { identifier, properties: {}, relations: {} },
  takeover: false,
  again: false,
  fields: [],
  partial: false,
})

async function sinkOf(keep: number, operations: readonly Operation[]): Promise<PlanSink> {
  const sink = new PlanSink({ keep, ranks: new Map([['t', 0]]), onOperation: () => {} })
  for (const one of operations) await sink.add(one)
  await sink.finish()
  return sink
}

const many = (action: Operation['action'], count: number) =>
  Array.from({ length: count }, (_, index) => operation(action, `${action}${index}`))

describe('a plan keeps', () => {
  it.each([
    ['creates that leave room for updates', [...many('create', 30), ...many('update', 30)], 5, 5],
    ['updates that leave room for creates', [...many('update', 30), ...many('create', 30)], 5, 5],
    ['all updates when they are few', [...many('create', 30), ...many('update', 2)], 8, 2],
    ['as many creates as there is room for', many('create', 30), 10, 0],
  ])('%s', async (_, operations, creates, updates) => {
    const { kept } = await sinkOf(10, operations)
    const names = (action: string) => kept.filter(one => one.action === action).map(({ entity }) => entity.identifier)
    expect(names('create')).toEqual(many('create', creates).map(({ entity }) => entity.identifier))
    expect(names('update')).toEqual(many('update', updates).map(({ entity }) => entity.identifier))
  })

  it('everything, in its order, when there is room for all', async () => {
    const operations = [...many('create', 3), ...many('update', 3), ...many('create', 1)]
    expect((await sinkOf(Number.POSITIVE_INFINITY, operations)).kept).toEqual(operations)
  })
})

it('a batch is full at 20, and takes those before it that it may point to', () => {
  const batches = new Batches<number>(
    new Map([
      ['t', 0],
      ['b', 1],
    ]),
  )
  expect(batches.add('t', 0, 1)).toEqual([])
  for (let at = 1; at < 20; at += 1) expect(batches.add('b', at, 1)).toEqual([])
  expect(batches.add('b', 20, 1)).toMatchObject([{ blueprint: 't', items: [0] }, { blueprint: 'b' }])
  batches.add('b', 1, 1)
  batches.add('t', 1, 1)
  expect(batches.closeAll().map(({ blueprint }) => blueprint)).toEqual(['t', 'b'])
  batches.add('b', 1, 1_000_000)
  expect(batches.add('b', 2, 1_000_000)).toEqual([{ blueprint: 'b', merge: true, items: [1] }])
})

it('counts the requests of a writer', async () => {
  const { bulks } = await sinkOf(0, [...many('create', 41), operation('create', 'x', 't')])
  expect(bulks).toBe(4)
})
