/** What a row of the table of faults is made of. */
import type { FaultAction, FaultMatch } from '../../../sandbox/faults.ts'
import type { RunOptions } from '../../../sandbox/runner.ts'
import type { World, WorldOptions } from '../harness.ts'

/**
 * `equal`: Port is what Wiz says. `safe`: nothing was deleted. `partial`: what could not be written is missing. Whatever
 * it is, nothing that Wiz still has is gone.
 */
export type Outcome = 'equal' | 'safe' | 'partial'

export interface Row {
  name: string
  options?: WorldOptions
  /** Of the tenant; a page of Wiz's has 500. */
  issues?: number
  arrange?: (world: World) => void
  inputs?: Record<string, string>
  run?: Omit<RunOptions, 'inputs'>
  expect: Outcome
  exit: 0 | 1
  /** Nothing at all is written. */
  silent?: true
  /** Neither summary nor log is to be had. */
  unseen?: true
  /** What the person is told, in the summary. */
  says?: string | RegExp
}

export const ALWAYS = Number.POSITIVE_INFINITY
export const CRAWL: FaultMatch = { body: /query Crawl\(/ }
export const ISSUES: FaultMatch = { body: /issuesV2\(/ }
export const SEARCH: FaultMatch = { path: /entities\/search$/ }
export const BULK: FaultMatch = { path: /entities\/bulk$/ }
export const DELETE: FaultMatch = { path: /bulk\/entities\/delete$/ }

export const wiz =
  (match: FaultMatch, fault: FaultAction, times = 1) =>
  (world: World) =>
    void world.wiz.faults.push({ match: { ...match }, fault, times })
export const port =
  (match: FaultMatch, fault: FaultAction, times = 1) =>
  (world: World) =>
    void world.port.faults.push({ match: { ...match }, fault, times })
export const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}): FaultAction => ({
  kind: 'respond',
  status,
  body,
  headers,
})
export const graphqlError = (code: string, message = 'failed'): FaultAction =>
  answer(200, { data: null, errors: [{ message, extensions: { code } }] })
export const rewriteIssues = (change: (connection: Record<string, unknown>) => void): FaultAction => ({
  kind: 'rewrite',
  rewrite(body) {
    const connection = (body as { data: { issuesV2?: Record<string, unknown> } }).data.issuesV2
    if (connection !== undefined) change(connection)
    return body
  },
})
export const rewrite = (change: (body: Record<string, unknown>) => unknown): FaultAction => ({
  kind: 'rewrite',
  rewrite: body => change(body as Record<string, unknown>),
})

/** Lets the answer be, and says this in its headers. */
export const withHeaders = (headers: Record<string, string>): FaultAction => ({
  kind: 'rewrite',
  rewrite: body => body,
  headers,
})

/** Ever new cursors, and nothing behind them. */
export function endless(): FaultAction {
  let pages = 0
  const rewrite = () => {
    pages += 1
    return { data: { issuesV2: { nodes: [], pageInfo: { hasNextPage: true, endCursor: `more-${pages}` } } } }
  }
  return { kind: 'rewrite', status: 200, rewrite }
}

/** Changes the texts of all issues on a page, where any text may stand. */
export const named = (name: unknown): FaultAction =>
  rewriteIssues(({ nodes }) => {
    for (const node of nodes as { entitySnapshot: { name: unknown } }[]) node.entitySnapshot.name = name
  })
