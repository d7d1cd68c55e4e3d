/** Whatever Wiz, Port and the network between do: each fault is a row that says what must hold afterwards. */
import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'
import type { FaultAction, FaultMatch } from '../../sandbox/faults.ts'
import { shippedOracle } from '../../sandbox/oracle.ts'
import type { RunResult } from '../../sandbox/runner.ts'
import { held, startWorld, type World, type WorldOptions } from './harness.ts'

/**
 * `equal`: Port is what Wiz says. `safe`: nothing was deleted. `partial`: what could not be written is missing. Whatever
 * it is, nothing that Wiz still has is gone.
 */
type Outcome = 'equal' | 'safe' | 'partial'

interface Row {
  name: string
  options?: WorldOptions
  /** Of the tenant; a page of Wiz's has 500. */
  issues?: number
  arrange?: (world: World) => void
  inputs?: Record<string, string>
  expect: Outcome
  exit: 0 | 1
  /** Nothing at all is written. */
  silent?: true
  /** What the person is told, in the summary. */
  says?: string | RegExp
}

const ALWAYS = Number.POSITIVE_INFINITY
const CRAWL: FaultMatch = { body: /query Crawl\(/ }
const ISSUES: FaultMatch = { body: /issuesV2\(/ }
const SEARCH: FaultMatch = { path: /entities\/search$/ }
const BULK: FaultMatch = { path: /entities\/bulk$/ }
const DELETE: FaultMatch = { path: /bulk\/entities\/delete$/ }

const wiz =
  (match: FaultMatch, fault: FaultAction, times = 1) =>
  (world: World) =>
    void world.wiz.faults.push({ match: { ...match }, fault, times })
const port =
  (match: FaultMatch, fault: FaultAction, times = 1) =>
  (world: World) =>
    void world.port.faults.push({ match: { ...match }, fault, times })
const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}): FaultAction => ({
  kind: 'respond',
  status,
  body,
  headers,
})
const graphqlError = (code: string, message = 'failed'): FaultAction =>
  answer(200, { data: null, errors: [{ message, extensions: { code } }] })
const rewriteIssues = (change: (connection: Record<string, unknown>) => void): FaultAction => ({
  kind: 'rewrite',
  rewrite(body) {
    const connection = (body as { data: { issuesV2?: Record<string, unknown> } }).data.issuesV2
    if (connection !== undefined) change(connection)
    return body
  },
})
const rewrite = (change: (body: Record<string, unknown>) => unknown): FaultAction => ({
  kind: 'rewrite',
  rewrite: body => change(body as Record<string, unknown>),
})

/** Lets the answer be, and says this in its headers. */
const withHeaders = (headers: Record<string, string>): FaultAction => ({
  kind: 'rewrite',
  rewrite: body => body,
  headers,
})

/** Ever new cursors, and nothing behind them. */
function endless(): FaultAction {
  let pages = 0
  const rewrite = () => {
    pages += 1
    return { data: { issuesV2: { nodes: [], pageInfo: { hasNextPage: true, endCursor: `more-${pages}` } } } }
  }
  return { kind: 'rewrite', status: 200, rewrite }
}

/** Changes the texts of all issues on a page, where any text may stand. */
const named = (name: unknown): FaultAction =>
  rewriteIssues(({ nodes }) => {
    for (const node of nodes as { entitySnapshot: { name: unknown } }[]) node.entitySnapshot.name = name
  })

const passing: Row[] = [
  // F1: throttled, however it is said
  ...['0', '1', '-5', 'soon', new Date(0).toUTCString()].map(
    (after): Row => ({
      name: `F1 Wiz answers 429 with Retry-After ${after}`,
      arrange: wiz(CRAWL, answer(429, '', { 'retry-after': after }), 2),
      expect: 'equal',
      exit: 0,
    }),
  ),
  { name: 'F1 Port answers 429 without a word', arrange: port({}, answer(429), 3), expect: 'equal', exit: 0 },
  {
    name: 'F1 Port answers 429 with a reset as a time',
    arrange: port(BULK, answer(429, '', { 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 1) })),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F1 Retry-After is a time, by clocks that are ten minutes ahead',
    arrange(world) {
      world.clock.advance(600_000)
      // A minute passes before every run.
      const after = new Date(world.clock.now() + 62_000).toUTCString()
      for (const fault of [
        wiz(CRAWL, answer(429, '', { 'retry-after': after })),
        port(BULK, answer(503, '', { 'retry-after': after })),
      ])
        fault(world)
    },
    expect: 'equal',
    exit: 0,
  },
  // F2: little is left
  {
    name: 'F2 Port says that nothing is left for a day, and answers all the same',
    arrange: port(
      { path: /entities/ },
      withHeaders({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '86400' }),
      ALWAYS,
    ),
    expect: 'equal',
    exit: 0,
  },
  ...['', '-1', 'none'].map(
    (remaining): Row => ({
      name: `F2 Port says that ${JSON.stringify(remaining)} requests are left`,
      arrange: port(
        { path: /entities/ },
        withHeaders({ 'x-ratelimit-remaining': remaining, 'x-ratelimit-reset': '240' }),
        ALWAYS,
      ),
      expect: 'equal',
      exit: 0,
    }),
  ),
  {
    name: 'F2 Port says that nothing is left, on an answer that is fine',
    arrange: port(
      SEARCH,
      { kind: 'rewrite', rewrite: body => body, headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '1' } },
      3,
    ),
    expect: 'equal',
    exit: 0,
  },
  // F3: broken answers that pass
  ...[500, 502, 503, 504, 408, 425].map(
    (status): Row => ({
      name: `F3 both answer ${status} once`,
      arrange: world => [wiz(CRAWL, answer(status, '<html>'))(world), port(BULK, answer(status, '<html>'))(world)],
      expect: 'equal',
      exit: 0,
    }),
  ),
  {
    name: 'F3 Port answers 200 and a web page once',
    arrange: port(SEARCH, answer(200, '<html>maintenance</html>')),
    expect: 'equal',
    exit: 0,
  },
  { name: 'F3 Port answers 200 and nothing once', arrange: port(BULK, answer(200, '')), expect: 'equal', exit: 0 },
  // F4: the network
  {
    name: 'F4 connections are reset before an answer',
    arrange: world => [wiz({}, { kind: 'reset' }, 2)(world), port({}, { kind: 'reset' }, 3)(world)],
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F4 answers are cut in the middle',
    arrange: world => [
      wiz(CRAWL, { kind: 'cut-body', afterBytes: 300 })(world),
      port(SEARCH, { kind: 'cut-body', afterBytes: 30 })(world),
    ],
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F4 answers come in pieces',
    arrange: wiz({ path: '/oauth/token' }, { kind: 'trickle', everyMs: 1 }),
    expect: 'equal',
    exit: 0,
  },
  // F6: GraphQL errors that pass
  { name: 'F6 Wiz answers INTERNAL once', arrange: wiz(CRAWL, graphqlError('INTERNAL')), expect: 'equal', exit: 0 },
  {
    name: 'F6 Wiz answers RATE_LIMIT_EXCEEDED in a 200',
    arrange: wiz(CRAWL, graphqlError('RATE_LIMIT_EXCEEDED', 'Rate limit exceeded'), 2),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F6 Wiz answers UNAUTHENTICATED in a 200, once',
    arrange: wiz(CRAWL, graphqlError('UNAUTHENTICATED')),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F6 null for errors beside the data',
    arrange: wiz(
      CRAWL,
      rewrite(body => ({ ...body, errors: null })),
      ALWAYS,
    ),
    expect: 'equal',
    exit: 0,
  },
  // F7: tokens
  {
    name: 'F7 both answer 401 once',
    arrange: world => [
      wiz(CRAWL, answer(401, '<pre>Unauthorized</pre>'))(world),
      port(BULK, answer(401, { ok: false, error: 'unauthorized' }))(world),
    ],
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F7 tokens live for a second',
    options: { wiz: { tokenLifetimeSeconds: 1, latencyMs: 150 }, port: { tokenLifetimeSeconds: 1, latencyMs: 100 } },
    expect: 'equal',
    exit: 0,
  },
  ...[0, '3600', null, -1].map(
    (life): Row => ({
      name: `F7 a token says that it lives for ${JSON.stringify(life)} seconds`,
      arrange: world => [
        wiz(
          { path: '/oauth/token' },
          rewrite(body => ({ ...body, expires_in: life })),
        )(world),
        port(
          { path: /access_token/ },
          rewrite(body => ({ ...body, expiresIn: life })),
        )(world),
      ],
      expect: 'equal',
      exit: 0,
    }),
  ),
  // F8: pages that are odd and whole
  {
    name: 'F8 objects come twice',
    arrange: wiz(
      ISSUES,
      rewriteIssues(connection =>
        Object.assign(connection, { nodes: [...(connection.nodes as []), ...(connection.nodes as [])] }),
      ),
      9,
    ),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F8 totalCount is 0',
    arrange: wiz(
      ISSUES,
      rewriteIssues(connection => Object.assign(connection, { totalCount: 0 })),
      9,
    ),
    expect: 'equal',
    exit: 0,
  },
  // F10: Port has what it has
  {
    name: 'F10 a write succeeds and its answer is lost',
    arrange: port(BULK, { kind: 'lose-answer' }, 2),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F10 Port answers ok: false with a 200',
    arrange: port(
      BULK,
      rewrite(body => ({ ...body, ok: false })),
      9,
    ),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F10 a batch is too large for Port',
    arrange: port(BULK, answer(413, { ok: false, error: 'payload_too_large', message: 'too large' })),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F10 Port refuses a batch as a whole once',
    arrange: port(BULK, answer(422, { ok: false, error: 'invalid_request', message: 'one of them' })),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F10 Port has null among its results, and among its entities',
    arrange: world => [
      port(
        BULK,
        rewrite(body => ({ ...body, entities: [null, ...(body.entities as [])], errors: [null] })),
        ALWAYS,
      )(world),
      port(
        SEARCH,
        rewrite(body => ({ ...body, entities: [null, ...(body.entities as [])] })),
        ALWAYS,
      )(world),
    ],
    expect: 'equal',
    exit: 0,
  },
  // F11: deletions
  {
    name: 'F11 a deletion succeeds and its answer is lost',
    arrange: port(DELETE, { kind: 'lose-answer' }),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F11 Port lists fewer deletions than it made',
    arrange: port(
      DELETE,
      rewrite(body => ({ ...body, deletedEntities: [] })),
      9,
    ),
    expect: 'equal',
    exit: 0,
  },
  // F5 and F21: data
  {
    name: 'F5 names are half of a character, or have NUL in them',
    arrange: world => [wiz(ISSUES, named('half \ud800 of a pair and \u0000'))(world)],
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F21 names are commands',
    arrange: wiz(ISSUES, named('::error::x\n##[add-mask]a</td><script>@org/team')),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F26 names are 100,000 characters long',
    arrange: wiz(ISSUES, named('x'.repeat(100_000))),
    expect: 'equal',
    exit: 0,
  },
  // F15: clocks
  {
    name: 'F15 the services are ten minutes ahead',
    arrange: ({ clock }) => clock.advance(600_000),
    expect: 'equal',
    exit: 0,
  },
]

const failing: Row[] = [
  {
    name: 'F1 Wiz asks for a day of patience',
    arrange: wiz(ISSUES, answer(429, '', { 'retry-after': '86400' }), ALWAYS),
    expect: 'safe',
    exit: 1,
    says: 'for 86400 s, which is longer than a run waits',
  },
  {
    name: 'F1 Port asks for a day of patience with deletions',
    arrange: port(DELETE, answer(429, '', { 'retry-after': '86400' }), ALWAYS),
    expect: 'safe',
    exit: 1,
    says: 'longer than a run waits',
  },
  ...['<html>maintenance</html>', '', 'null', '[]', '{"data":null}'].map(
    (body): Row => ({
      name: `F3 Wiz answers 200 and ${JSON.stringify(body)}`,
      arrange: wiz(ISSUES, answer(200, body), ALWAYS),
      expect: 'safe',
      exit: 1,
      says: 'did not answer as a GraphQL endpoint',
    }),
  ),
  {
    name: 'F3 Port answers 200 and no list of entities',
    arrange: port(SEARCH, answer(200, { ok: true }), ALWAYS),
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'has no entities',
  },
  {
    name: 'F3 Port answers 200 and no list of blueprints',
    arrange: port({ path: '/v1/blueprints' }, answer(200, { ok: true }), ALWAYS),
    expect: 'safe',
    exit: 1,
    says: 'has no blueprints',
  },
  {
    name: 'F4 nobody answers at Wiz',
    arrange: world => void world.wiz.stop(),
    expect: 'safe',
    exit: 1,
    says: 'cannot be reached',
  },
  {
    name: 'F4 the host of Wiz does not exist',
    inputs: { 'wiz-api-url': 'https://wiz.invalid/graphql' },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'wiz-api-url: https://wiz.invalid/graphql cannot be reached: no answer from wiz.invalid (ENOTFOUND)',
  },
  {
    name: 'F4 the host of Port does not exist',
    inputs: { 'port-base-url': 'https://port.invalid' },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'port-base-url: https://port.invalid cannot be reached: no answer from port.invalid (ENOTFOUND)',
  },
  {
    name: 'F4 an answer is packed, which nobody asked for',
    arrange: wiz(
      ISSUES,
      answer(200, gzipSync('{"data":{}}').toString('latin1'), { 'content-encoding': 'gzip' }),
      ALWAYS,
    ),
    expect: 'safe',
    exit: 1,
    says: 'answered in an encoding that was not asked for (gzip)',
  },
  {
    name: 'F5 an answer that is cut and closed as if it were whole',
    arrange: wiz(ISSUES, answer(200, '{"data":{"issuesV2":{"nodes":[{"id":"a"'), ALWAYS),
    expect: 'safe',
    exit: 1,
  },
  {
    name: 'F5 data nested 10,000 deep',
    arrange: wiz(ISSUES, answer(200, `{"data":{"issuesV2":${'['.repeat(10_000)}${']'.repeat(10_000)}}}`), ALWAYS),
    expect: 'safe',
    exit: 1,
  },
  {
    name: 'F6 errors beside the data',
    arrange: wiz(
      ISSUES,
      rewrite(body => ({ ...body, errors: [{ message: 'one field', path: ['issuesV2', 'nodes', 0] }] })),
      ALWAYS,
    ),
    expect: 'safe',
    exit: 1,
    says: 'one field',
  },
  {
    name: 'F6 errors beside part of the data that are no list',
    arrange: wiz(
      ISSUES,
      rewrite(body => {
        const { issuesV2 } = body.data as { issuesV2: { nodes: unknown[]; totalCount: number } }
        issuesV2.nodes = issuesV2.nodes.slice(0, -2)
        return { ...body, errors: { message: 'some are missing' } }
      }),
      ALWAYS,
    ),
    expect: 'safe',
    exit: 1,
    says: 'some are missing',
  },
  {
    name: 'F6 null among the errors',
    arrange: wiz(ISSUES, answer(200, { data: null, errors: [null] }), ALWAYS),
    expect: 'safe',
    exit: 1,
    says: 'Wiz answered with an error: an error without a message',
  },
  {
    name: 'F6 a field that Wiz no longer has',
    arrange: wiz(
      ISSUES,
      answer(400, { errors: [{ message: 'Cannot query field', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] }),
      ALWAYS,
    ),
    expect: 'safe',
    exit: 1,
    says: 'Cannot query field',
  },
  {
    name: 'F7 a scope is missing',
    options: { wiz: { scopes: ['read:projects'] } },
    expect: 'safe',
    exit: 1,
    says: 'lacks the scope read:issues',
  },
  {
    name: 'F7 the audience is another one',
    inputs: { 'wiz-audience': 'beyond-api' },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'with audience "beyond-api"',
  },
  {
    name: 'F7 tokens can no longer be had',
    arrange: world => [wiz({ path: '/oauth/token' }, answer(403, { error: 'access_denied' }), ALWAYS)(world)],
    expect: 'safe',
    exit: 1,
    says: 'Wiz refused wiz-client-id',
  },
  {
    name: 'F8 the same cursor twice',
    arrange: wiz(
      ISSUES,
      rewriteIssues(connection => Object.assign(connection, { pageInfo: { hasNextPage: true, endCursor: 'again' } })),
      1,
    ),
    expect: 'safe',
    exit: 1,
  },
  {
    name: 'F8 ever new cursors, and nothing new',
    arrange: world => [
      wiz({ body: /"after":"more-/ }, endless(), ALWAYS)(world),
      wiz(
        ISSUES,
        rewriteIssues(connection =>
          Object.assign(connection, { pageInfo: { hasNextPage: true, endCursor: 'more-0' }, totalCount: 0 }),
        ),
        ALWAYS,
      )(world),
    ],
    expect: 'safe',
    exit: 1,
    says: 'Wiz gave 20 pages in a row with nothing new',
  },
  {
    name: 'F8 the same cursor of Port for ever',
    arrange: port(
      { path: /wizIssue\/entities\/search$/ },
      { kind: 'rewrite', status: 200, rewrite: () => ({ ok: true, entities: [], next: 'again' }) },
      ALWAYS,
    ),
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'Port gave the same cursor twice',
  },
  {
    name: 'F8 a cursor is no longer valid in the middle',
    issues: 1200,
    arrange: wiz({ body: /"after":"/ }, graphqlError('BAD_USER_INPUT', 'the cursor has expired'), ALWAYS),
    expect: 'safe',
    exit: 1,
    says: 'the cursor has expired',
  },
  {
    name: 'F8 no page info',
    arrange: wiz(
      ISSUES,
      rewriteIssues(connection => delete connection.pageInfo),
      ALWAYS,
    ),
    expect: 'safe',
    exit: 1,
    says: 'no pageInfo',
  },
  {
    name: 'F8 totalCount says more than comes',
    arrange: wiz(
      ISSUES,
      rewriteIssues(connection => Object.assign(connection, { totalCount: 9999 })),
      ALWAYS,
    ),
    expect: 'safe',
    exit: 1,
    says: 'Wiz counts 9999 objects',
  },
  {
    name: 'F9 Wiz answers no object at all, with success',
    arrange: wiz(
      CRAWL,
      {
        kind: 'rewrite',
        rewrite: body => ({
          data: Object.fromEntries(
            Object.keys((body as { data: object }).data).map(name => [
              name,
              { nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } },
            ]),
          ),
        }),
      },
      ALWAYS,
    ),
    expect: 'safe',
    exit: 1,
    says: 'Wiz returned no',
  },
  {
    name: 'F9 Wiz answers half of it, with success',
    arrange: wiz(
      ISSUES,
      rewriteIssues(connection =>
        Object.assign(connection, { nodes: (connection.nodes as unknown[]).slice(0, 30), totalCount: 30 }),
      ),
      ALWAYS,
    ),
    expect: 'safe',
    exit: 1,
    says: 'more than max-delete-percent',
  },
  {
    name: 'F10 Port refuses everything',
    arrange: port(BULK, answer(422, { ok: false, error: 'invalid_request', message: 'plan limit reached' }), ALWAYS),
    expect: 'partial',
    exit: 1,
    says: 'plan limit reached',
  },
  {
    name: 'F10 Port forbids everything',
    arrange: port(BULK, answer(403, { ok: false, error: 'forbidden', message: 'not allowed' }), ALWAYS),
    expect: 'partial',
    exit: 1,
    says: 'not allowed',
  },
  {
    name: 'F10 a blueprint is gone when it is written to',
    arrange: port(
      { path: /wizIssue\/entities\/bulk$/ },
      answer(404, { ok: false, error: 'not_found', message: 'Blueprint with identifier "wizIssue" was not found' }),
      ALWAYS,
    ),
    expect: 'partial',
    exit: 1,
    says: 'was not found',
  },
  { name: 'F11 Port refuses every deletion', arrange: port(DELETE, answer(500), ALWAYS), expect: 'safe', exit: 1 },
]

/** A world after a sync, with everything to do again: something new, something changed, something gone. */
async function start({ options, arrange, issues = 80 }: Pick<Row, 'options' | 'arrange' | 'issues'>) {
  const world = await startWorld({ tenant: { projects: 6, issues } })
  expect((await world.run()).exitCode).toBe(0)
  const open = [...world.tenant.openIssues()]
  for (const { id } of open.slice(0, 2)) world.tenant.resolve(id)
  for (const { id } of open.slice(2, 6)) world.tenant.editIssue(id, { dueAt: '2029-01-01T00:00:00Z' })
  world.tenant.addIssues(3)
  const before = held(world.port, 'wizIssue')
  const again = options === undefined ? world : await restarted(world, options)
  arrange?.(again)
  return { world: again, before, gone: open.slice(0, 2).map(({ id }) => id) }
}

/** The same tenant and catalog, with services that have other habits. */
async function restarted(world: World, options: WorldOptions): Promise<World> {
  const other = await startWorld(options, world.tenant)
  for (const blueprint of world.port.blueprints.values()) other.port.putBlueprint({ ...blueprint, relations: {} })
  for (const { identifier, relations } of world.port.blueprints.values())
    other.port.changeBlueprint(identifier, { relations })
  for (const blueprint of ['wizProject', 'wizControl', 'wizServiceTicket', 'wizIssue']) {
    for (const { datasource, ...entity } of world.port.entities(blueprint)) {
      const { identifier, title, properties, relations } = entity
      other.port.putEntity(
        blueprint,
        { identifier, ...(title !== null && { title }), properties, relations },
        datasource,
      )
    }
  }
  return other
}

function told({ summary, annotations }: RunResult): string {
  return [summary.replaceAll(/&#?\w+;/g, ' '), ...annotations.map(({ message }) => message)].join('\n')
}

it.each([...passing, ...failing].map(row => [row.name, row] as const))('%s', async (_, row) => {
  const { world, before, gone } = await start(row)
  const books = { ...world.port.writes }
  const result = await world.run(row.inputs)
  if (row.silent) expect(world.port.writes).toEqual(books)
  expect([result.exitCode, result.exitCode === 0 ? '' : result.log]).toEqual([
    row.exit,
    row.exit === 0 ? '' : result.log,
  ])
  expect(result.report?.conclusion === 'success').toBe(row.exit === 0)
  expect(result.summary).not.toBe('')
  if (row.says !== undefined) expect(told(result)).toMatch(row.says)
  // Whatever happens, what Wiz still has is never deleted.
  const left = held(world.port, 'wizIssue')
  expect(before.filter(id => !gone.includes(id) && !left.includes(id))).toEqual([])
  if (row.expect === 'safe') expect(gone.filter(id => !left.includes(id))).toEqual([])
  if (row.expect === 'equal') expectEqual(world)
})

/** Port is what Wiz says. */
function expectEqual(world: World): void {
  for (const [blueprint, wanted] of Object.entries(shippedOracle.wanted(world.tenant))) {
    const surplus = blueprint === 'wizProject' ? shippedOracle.bareProjects(world.port) : 0
    expect(held(world.port, blueprint)).toEqual(expect.arrayContaining(wanted))
    expect(held(world.port, blueprint)).toHaveLength(wanted.length + surplus)
  }
}

/** The first page and the one after it have been cut by now; `gone` were resolved before the run. */
type Change = (
  tenant: World['tenant'],
  page: { first: readonly string[]; second: readonly string[]; gone: readonly string[] },
) => void

it.each<[string, Change, 0 | 1]>([
  ['one that was read is resolved', (tenant, { first }) => tenant.resolve(first[0] ?? ''), 0],
  // Fewer than Wiz counted on its first page: nobody knows which one is missing.
  ['one that was not read yet is resolved', (tenant, { second }) => tenant.resolve(second[0] ?? ''), 1],
  ['one that was read vanishes', (tenant, { first }) => tenant.deleteIssue(first[0] ?? ''), 0],
  ['new ones come', tenant => void tenant.addIssues(3), 0],
  ['one is open again, where the crawl has been', (tenant, { gone }) => tenant.reopen(gone[0] ?? ''), 0],
  [
    'one that was not read yet moves to where the crawl has been, and another one is new',
    (tenant, { second }) => {
      tenant.editIssue(second[0] ?? '', { status: 'RESOLVED' })
      tenant.addIssues(1)
      tenant.reopen(second[0] ?? '')
    },
    0,
  ],
])('F8 between two pages %s: what Wiz has stays, and the next run ends it', async (_, change, exit) => {
  const { world, before, gone } = await start({ issues: 1200 })
  const open = [...world.tenant.openIssues()].map(({ id }) => id)
  const until = async () => change(world.tenant, { first: open.slice(0, 500), second: open.slice(500), gone })
  world.wiz.faults.push({ match: { body: /query Crawl\(.*"after":"/s }, times: 1, fault: { kind: 'hold', until } })
  const result = await world.run()
  expect([result.exitCode, result.log]).toEqual([exit, result.log])
  const { wizIssue: wanted = [] } = shippedOracle.wanted(world.tenant)
  const left = held(world.port, 'wizIssue')
  expect(before.filter(id => wanted.includes(id) && !left.includes(id))).toEqual([])
  expect((await world.run()).exitCode).toBe(0)
  expectEqual(world)
})
