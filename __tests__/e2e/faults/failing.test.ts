/** What does not pass: the step fails, says why, and nothing is gone that Wiz still has. */

import { gzipSync } from 'node:zlib'
import { it } from 'vitest'
import { hold } from './frame.ts'
import {
  ALWAYS,
  answer,
  BULK,
  CRAWL,
  DELETE,
  endless,
  graphqlError,
  ISSUES,
  port,
  type Row,
  rewrite,
  rewriteIssues,
  SEARCH,
  wiz,
} from './row.ts'

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

it.each(failing.map(row => [row.name, row] as const))('%s', (_, row) => hold(row))
