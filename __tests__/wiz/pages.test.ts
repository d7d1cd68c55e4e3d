import { describe, expect, it } from 'vitest'
import type { WizClient } from '../../src/wiz/client.ts'
import { crawl } from '../../src/wiz/pages.ts'

/** More than any chain here has pages. */
const MANY = 100

interface Answer {
  ids: string[]
  /** Undefined at the end of the chain. */
  next?: string
}

/** A Wiz that gives these pages, by the number of the request. */
async function read(answer: (request: number) => Answer) {
  let requests = 0
  const client: WizClient = {
    async query() {
      if (requests === MANY) throw new Error('the chain has no end')
      const { ids, next } = answer(requests)
      requests += 1
      const pageInfo = { hasNextPage: next !== undefined, endCursor: next ?? null }
      return { issuesV2: { nodes: ids.map(id => ({ id })), pageInfo, totalCount: 0 } }
    },
  }
  const pages = crawl(client, { connection: 'issuesV2', document: '', filterBy: {}, pageSize: 500 })
  let result = await pages.next()
  while (!result.done) result = await pages.next()
  return { end: result.value, requests }
}

describe('a chain', () => {
  it.each<[string, string[]]>([
    ['nothing', []],
    ['what was there before', ['a']],
  ])('of ever new cursors that gives %s is left after 20 pages, and is not complete', async (_, ids) => {
    const { end, requests } = await read(at => ({ ids: at === 0 ? ['a'] : ids, next: `c${at}` }))
    expect(end).toEqual({ complete: false, objects: 1, reason: 'Wiz gave 20 pages in a row with nothing new' })
    expect(requests).toBe(21)
  })

  it('with as many empty pages, not in a row, is complete', async () => {
    const { end } = await read(at => ({
      ids: at % 19 === 0 ? [`i${at}`] : [],
      ...(at < 19 * 3 && { next: `c${at}` }),
    }))
    expect(end).toEqual({ complete: true, objects: 4 })
  })

  it('that ends with an empty page is complete, however many there were', async () => {
    const { end } = await read(at => ({ ids: at === 0 ? ['a'] : [], ...(at < 20 && { next: `c${at}` }) }))
    expect(end).toEqual({ complete: true, objects: 1 })
  })
})
