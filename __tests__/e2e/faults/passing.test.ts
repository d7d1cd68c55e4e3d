/** What passes, and leaves Port as Wiz says. */
import { it } from 'vitest'
import { hold } from './frame.ts'
import {
  ALWAYS,
  answer,
  BULK,
  CRAWL,
  DELETE,
  graphqlError,
  ISSUES,
  named,
  port,
  type Row,
  rewrite,
  rewriteIssues,
  SEARCH,
  withHeaders,
  wiz,
} from './row.ts'

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

it.each(passing.map(row => [row.name, row] as const))('%s', (_, row) => hold(row))
