/** Walks the cursor chain of a Wiz connection, and says at the end whether everything was seen. */
import { ServiceError } from '../errors.ts'
import { RetryableError } from '../http/retry.ts'
import type { WizClient } from './client.ts'

/** A Wiz object as it came: a JSON object with an `id`. */
export type WizObject = { id: string } & Record<string, unknown>

export interface ConnectionQuery {
  /** Name of the connection in the query document, such as `issuesV2`. */
  connection: string
  document: string
  filterBy: Record<string, unknown>
  orderBy?: { field: string; direction: 'ASC' | 'DESC' }
  /** Largest `first` that Wiz takes for this connection. */
  pageSize: number
  /** Read no more than this many objects. */
  maxObjects?: number
}

export interface Page {
  /** Objects of this page that no page before it had. */
  objects: WizObject[]
  /** How many objects the whole connection has, as far as Wiz says. */
  totalCount: number
}

/** How a crawl ended. `reason` is a clause that follows "not complete: ". */
export type CrawlEnd = { complete: true; objects: number } | { complete: false; objects: number; reason: string }

interface Connection {
  nodes?: unknown
  pageInfo?: { hasNextPage?: unknown; endCursor?: unknown }
  totalCount?: unknown
}

/**
 * A page may be empty because what stood on it is gone. So many in a row, 10,000 places of issues with nothing new, are a
 * chain without end.
 */
const MAX_BARREN_PAGES = 20

/**
 * Yields page after page. The next page is asked for while the caller works on the one before it.
 *
 * A chain that breaks (no page info, no cursor, a cursor that was there before, a failed request) ends the crawl as
 * incomplete, and so does one without end, a cap, or fewer objects than `totalCount` promised and still does. Wiz was
 * seen to answer a `totalCount` of 0 next to objects, so a count below what arrived says nothing. Pages may overlap;
 * objects are taken once, by id.
 *
 * A page that takes Wiz too long is asked for again with half the size, and so are those after it.
 *
 * @returns how it ended; nothing is thrown but the client's {@link ConfigError} and the abort reason
 */
export async function* crawl(client: WizClient, query: ConnectionQuery): AsyncGenerator<Page, CrawlEnd> {
  const seen = new Set<string>()
  const cursors = new Set<string>()
  let totalCount = 0
  let barren = 0
  const incomplete = (reason: string): CrawlEnd => ({ complete: false, objects: seen.size, reason })

  const size = { page: query.pageSize }
  let pending = request(client, query, size, undefined, seen.size)
  for (;;) {
    const page = await readPage(pending, query.connection)
    if (typeof page === 'string') return incomplete(page)
    totalCount = Math.max(totalCount, page.totalCount)

    const objects = page.nodes.filter(node => !seen.has(node.id))
    for (const node of objects) seen.add(node.id)
    barren = objects.length === 0 ? barren + 1 : 0
    const endless = barren >= MAX_BARREN_PAGES
    const capped = query.maxObjects !== undefined && seen.size >= query.maxObjects
    const next = page.next
    const repeated = next !== undefined && cursors.has(next)
    const goOn = next !== undefined && !repeated && !endless && !capped
    if (goOn) {
      cursors.add(next)
      pending = request(client, query, size, next, seen.size)
      // The caller may stop early; a page that nobody waits for any more must not end the process.
      pending.catch(() => {})
    }
    yield { objects, totalCount }
    if (goOn) continue
    if (repeated) return incomplete('Wiz gave the same cursor twice')
    if (next !== undefined && endless) return incomplete(`Wiz gave ${barren} pages in a row with nothing new`)
    if (next !== undefined) return incomplete(`stopped at maxPages, after ${seen.size} objects`)
    if (seen.size < totalCount && !(cursors.size > 0 && (await isFewerNow(client, query, seen.size)))) {
      return incomplete(`Wiz counts ${totalCount} objects but gave only ${seen.size}`)
    }
    return { complete: true, objects: seen.size }
  }
}

/**
 * Whether Wiz counts no more by now than it gave: what was counted on the first page may have left before its page came. A
 * crawl of many pages would rarely be complete otherwise. A count of 0 says nothing.
 */
async function isFewerNow(client: WizClient, query: ConnectionQuery, given: number): Promise<boolean> {
  const page = await readPage(request(client, query, { page: 1 }, undefined, 0), query.connection)
  return typeof page !== 'string' && page.totalCount > 0 && page.totalCount <= given
}

/** A page of this size that takes too long is not made quicker by asking for less. */
const SMALLEST_PAGE = 25

/** @param size of the pages of this crawl; it only ever falls */
async function request(
  client: WizClient,
  query: ConnectionQuery,
  size: { page: number },
  after: string | undefined,
  seen: number,
): Promise<unknown> {
  const left = query.maxObjects === undefined ? query.pageSize : query.maxObjects - seen
  for (;;) {
    const first = Math.min(size.page, left)
    const variables = {
      first,
      // Counting is expensive for Wiz, so it is asked once.
      withTotalCount: after === undefined,
      ...(after === undefined ? {} : { after }),
      ...(Object.keys(query.filterBy).length === 0 ? {} : { filterBy: query.filterBy }),
      ...(query.orderBy === undefined ? {} : { orderBy: query.orderBy }),
    }
    try {
      return await client.query(query.document, variables, { throwTimeouts: first > SMALLEST_PAGE })
    } catch (error) {
      if (!(error instanceof RetryableError && error.timedOut) || first <= SMALLEST_PAGE) throw error
      size.page = Math.max(SMALLEST_PAGE, Math.floor(first / 2))
    }
  }
}

interface ReadPage {
  nodes: WizObject[]
  next: string | undefined
  totalCount: number
}

/** A page, or why there is none. */
async function readPage(pending: Promise<unknown>, connection: string): Promise<ReadPage | string> {
  try {
    return readConnection(await pending, connection)
  } catch (error) {
    if (error instanceof ServiceError || error instanceof RetryableError) return error.message.replace(/\.$/, '')
    throw error
  }
}

/** The parts of an answer that a crawl needs, or what is wrong with it. */
function readConnection(data: unknown, name: string): ReadPage | string {
  const connection = (data as Record<string, Connection | null | undefined>)[name]
  if (connection === null || connection === undefined) return `the answer has no ${name}`
  const { nodes, pageInfo, totalCount } = connection
  if (!Array.isArray(nodes)) return `a page of ${name} has no nodes`
  if (!nodes.every(isWizObject)) return `a page of ${name} has an object without an id`
  if (typeof pageInfo?.hasNextPage !== 'boolean') return `a page of ${name} has no pageInfo`
  const total = typeof totalCount === 'number' ? totalCount : 0
  if (!pageInfo.hasNextPage) return { nodes, next: undefined, totalCount: total }
  if (typeof pageInfo.endCursor !== 'string' || pageInfo.endCursor === '') {
    return `a page of ${name} has hasNextPage but no cursor`
  }
  return { nodes, next: pageInfo.endCursor, totalCount: total }
}

export function isWizObject(node: unknown): node is WizObject {
  return node !== null && typeof node === 'object' && 'id' in node && typeof node.id === 'string' && node.id !== ''
}
