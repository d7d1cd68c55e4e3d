import { expect, it } from 'vitest'
import { ahead } from '../../src/sync/ahead.ts'
import { rankBlueprints } from '../../src/sync/order.ts'

it('ranks what is pointed to before what points to it, through any number of steps', () => {
  const ranks = rankBlueprints(
    new Map([
      ['issue', ['project', 'control', '_team']],
      ['control', ['framework']],
      ['framework', []],
      ['project', []],
    ]),
  )
  expect(Object.fromEntries(ranks)).toEqual({ framework: 0, control: 1, project: 0, issue: 2 })
})

it('ranks blueprints that point at each other or at themselves, without end', () => {
  const ranks = rankBlueprints(
    new Map([
      ['a', ['b']],
      ['b', ['a']],
      ['c', ['c']],
    ]),
  )
  expect([...ranks.keys()].sort()).toEqual(['a', 'b', 'c'])
})

it('reads ahead no further than asked, keeps the order, and returns what the source returns', async () => {
  let produced = 0
  async function* source() {
    for (let item = 0; item < 10; item += 1) {
      produced += 1
      yield item
    }
    return 'end'
  }
  const items: number[] = []
  const reader = ahead(source(), 3)
  let result = await reader.next()
  while (!result.done) {
    items.push(result.value)
    expect(produced).toBeLessThanOrEqual(items.length + 3)
    result = await reader.next()
  }
  expect(items).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  expect(result.value).toBe('end')
})

it('throws an error of the source where its item would have come', async () => {
  async function* source() {
    yield 1
    throw new Error('broken')
  }
  const reader = ahead(source(), 3)
  expect(await reader.next()).toEqual({ done: false, value: 1 })
  await expect(reader.next()).rejects.toThrow('broken')
})
