import { afterEach, describe, expect, it } from 'vitest'
import { createTenant, startWiz, type WizSandbox, type WizSandboxOptions } from '../../sandbox/wiz/index.ts'

const running: WizSandbox[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(wiz => wiz.stop()))
})

const PAGE = 'nodes { id status severity createdAt } pageInfo { hasNextPage endCursor } totalCount'
const ISSUES = `query ($first: Int, $after: String, $filterBy: IssueFilters, $orderBy: IssueOrder) { issuesV2(first: $first, after: $after, filterBy: $filterBy, orderBy: $orderBy) { ${PAGE} } }`

async function start(options: Partial<WizSandboxOptions> = {}) {
  const wiz = await startWiz({
    tenant: createTenant({ issues: 300, projects: 20 }),
    requestsPerSecond: Number.POSITIVE_INFINITY,
    ...options,
  })
  running.push(wiz)
  const fetchToken = (fields: Record<string, string> = {}, headers: Record<string, string> = {}) =>
    fetch(wiz.tokenUrl, {
      method: 'POST',
      headers,
      body: new URLSearchParams({
        grant_type: 'client_credentials',
        client_id: wiz.clientId,
        client_secret: wiz.clientSecret,
        audience: wiz.audience,
        ...fields,
      }),
    })
  const { access_token: token } = (await (await fetchToken()).json()) as { access_token: string }
  const ask = async (query: string, variables: object = {}, bearer = token) => {
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${bearer}` }
    const response = await fetch(wiz.apiUrl, { method: 'POST', headers, body: JSON.stringify({ query, variables }) })
    const text = await response.text()
    return {
      status: response.status,
      headers: response.headers,
      text,
      ...(text.startsWith('{') ? JSON.parse(text) : {}),
    }
  }
  return { wiz, ask, fetchToken, tenant: wiz.tenant }
}

type World = Awaited<ReturnType<typeof start>>

async function crawl({ ask }: World, variables: { first: number } & Record<string, unknown>): Promise<string[]> {
  const ids: string[] = []
  let after: string | null = null
  do {
    const { data } = await ask(ISSUES, { ...variables, after })
    ids.push(...data.issuesV2.nodes.map(({ id }: { id: string }) => id))
    after = data.issuesV2.pageInfo.hasNextPage ? data.issuesV2.pageInfo.endCursor : null
  } while (after !== null)
  return ids
}

describe('the token endpoint', () => {
  it.each([
    ['cognito', 400, { error: 'invalid_client' }],
    ['auth0', 401, { error: 'access_denied', error_description: 'Unauthorized' }],
  ] as const)('of %s refuses bad credentials and foreign audiences in its own form', async (issuer, status, body) => {
    const { fetchToken } = await start({ issuer })
    for (const wrong of [{ client_secret: 'no' }, { client_id: 'no' }, { audience: 'other' }]) {
      const response = await fetchToken(wrong as Record<string, string>)
      expect([response.status, await response.json()]).toEqual([status, body])
    }
    const grant = await fetchToken({ grant_type: 'password' })
    expect([grant.status, await grant.json()]).toEqual([400, { error: 'unsupported_grant_type' }])
    expect((await fetchToken({}, { 'content-type': 'application/json' })).status).toBe(415)
  })

  it('gives tokens that end: by time, and when they are revoked, with an HTML page', async () => {
    const world = await start({ tokenLifetimeSeconds: 0 })
    const expired = await world.ask(ISSUES, { first: 1 })
    expect([expired.status, expired.text]).toEqual([401, expect.stringContaining('<pre>Unauthorized</pre>')])
    const living = await start()
    expect((await living.ask(ISSUES, { first: 1 })).status).toBe(200)
    living.wiz.revokeTokens()
    expect((await living.ask(ISSUES, { first: 1 })).status).toBe(401)
    expect((await living.ask(ISSUES, { first: 1 }, 'made-up')).status).toBe(401)
  })
})

describe('GraphQL', () => {
  it.each([
    [
      'a field that does not exist',
      'query { issuesV2(first: 1) { nodes { severityLevel } } }',
      {},
      400,
      'GRAPHQL_VALIDATION_FAILED',
    ],
    ['a variable of a wrong type', ISSUES, { first: 'many' }, 400, 'BAD_USER_INPUT'],
    ['an unknown enum value', ISSUES, { first: 1, filterBy: { status: ['CLOSED'] } }, 400, 'BAD_USER_INPUT'],
    ['no first', ISSUES, {}, 400, 'BAD_USER_INPUT'],
    ['more than 500 issues', ISSUES, { first: 501 }, 400, 'BAD_USER_INPUT'],
    ['more than 100 projects', 'query { projects(first: 101) { nodes { id } } }', {}, 400, 'BAD_USER_INPUT'],
    ['an empty filter list', ISSUES, { first: 1, filterBy: { status: [] } }, 400, 'BAD_USER_INPUT'],
    ['a made-up cursor', ISSUES, { first: 1, after: 'x' }, 400, 'BAD_USER_INPUT'],
    [
      'nine root fields',
      `query { ${[...'abcdefghi'].map(alias => `${alias}: project(id: "x") { id }`).join(' ')} }`,
      {},
      400,
      'MAX_ROOT_FIELDS_LIMIT',
    ],
    ['an issue that is gone', 'query { issue(id: "x") { id } }', {}, 200, 'NOT_FOUND'],
  ])('refuses %s', async (_, query, variables, status, code) => {
    const { ask } = await start()
    const answer = await ask(query, variables)
    expect([answer.status, answer.errors?.[0]?.extensions?.code]).toEqual([status, code])
  })

  it('names the scope that is missing, with status 200', async () => {
    const { ask } = await start({ scopes: ['read:projects'] })
    const answer = await ask(ISSUES, { first: 1 })
    expect([answer.status, answer.errors[0].extensions.code, answer.errors[0].message]).toEqual([
      200,
      'UNAUTHORIZED',
      'access denied, at least one of the following is required: [read:all read:issues], your permissions: [read:projects]',
    ])
    expect((await ask('query { projects(first: 1) { nodes { id } } }')).errors).toBeUndefined()
  })

  it('throttles in both forms', async () => {
    const { ask } = await start({ requestsPerSecond: 3 })
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(ISSUES, { first: 1 })))
    const http = answers.filter(({ status }) => status === 429)
    const graphql = answers.filter(({ errors }) => errors?.[0]?.extensions?.code === 'RATE_LIMIT_EXCEEDED')
    expect(http.length).toBeGreaterThan(0)
    expect(graphql.length).toBeGreaterThan(0)
    expect(http.map(({ headers }) => headers.get('retry-after'))).toEqual(expect.arrayContaining([null, '1']))
  })
})

describe('paging', () => {
  it.each([1, 99, 100, 101, 250, 300])('gives every issue once, in pages of %i', async first => {
    const world = await start({ tenant: createTenant({ issues: first === 1 ? 12 : 300 }) })
    const filterBy = { status: ['OPEN', 'IN_PROGRESS'] }
    const expected = [...world.tenant.openIssues()].map(({ id }) => id)
    expect(await crawl(world, { first, filterBy })).toEqual(expected)
    const { data } = await world.ask(ISSUES, { first: 1, filterBy })
    expect(data.issuesV2.totalCount).toBe(expected.length)
  })

  it.each([
    [{ field: 'CREATED_AT', direction: 'DESC' }, (ids: string[]) => ids.toReversed()],
    [{ field: 'ID', direction: 'ASC' }, (ids: string[]) => ids.toSorted()],
  ])('follows the order %j', async (orderBy, order) => {
    const world = await start({ tenant: createTenant({ issues: 60 }) })
    const all = Array.from({ length: 60 }, (_, index) => world.tenant.issueAt(index)?.id ?? '')
    expect(await crawl(world, { first: 7, orderBy })).toEqual(order(all))
  })

  it('binds a cursor to its filter and order', async () => {
    const { ask } = await start()
    const { data } = await ask(ISSUES, { first: 10, filterBy: { severity: ['HIGH'] } })
    const after = data.issuesV2.pageInfo.endCursor
    expect((await ask(ISSUES, { first: 10, after, filterBy: { severity: ['HIGH'] } })).status).toBe(200)
    expect((await ask(ISSUES, { first: 10, after, filterBy: { severity: ['LOW'] } })).status).toBe(400)
    expect((await ask(ISSUES, { first: 10, after })).status).toBe(400)
  })

  it('over a million issues makes only those that it shows', async () => {
    const world = await start({ tenant: createTenant({ issues: 1_000_000 }) })
    const { data } = await world.ask('query { issuesV2(first: 500) { nodes { id } pageInfo { hasNextPage } } }')
    expect(data.issuesV2.nodes).toHaveLength(500)
    expect(world.tenant.issuesMade).toBe(500)
  })

  it('filters by what it says it filters by', async () => {
    const { ask, tenant } = await start()
    const heads = Array.from({ length: 300 }, (_, index) => ({ id: tenant.issueAt(index)?.id, ...tenant.head(index) }))
    const count = async (filterBy: object) => (await ask(ISSUES, { first: 1, filterBy })).data.issuesV2.totalCount
    expect(await count({ type: ['THREAT_DETECTION'], severity: ['HIGH', 'LOW'] })).toBe(
      heads.filter(({ type, severity }) => type === 'THREAT_DETECTION' && ['HIGH', 'LOW'].includes(severity ?? ''))
        .length,
    )
    expect(await count({ id: [heads[7]?.id, 'nobody'] })).toBe(1)
    const middle = heads[150]?.createdAt ?? ''
    expect(await count({ createdAt: { after: middle } })).toBe(
      heads.filter(({ createdAt = '' }) => Date.parse(createdAt) > Date.parse(middle)).length,
    )
    const issues = heads.map((_, index) => resolve(tenant.issueAt(index)) as Record<string, { id: string }[] | null>)
    const carrying = (field: string, holds: (list: { id: string }[]) => boolean) =>
      issues.filter(issue => holds(issue[field] ?? [])).length
    const rule = issues.flatMap(({ sourceRules }) => sourceRules ?? [])[0]?.id ?? ''
    const among = [rule, 'no-such-rule']
    expect(await count({ sourceRule: { id: among } })).toBe(
      carrying('sourceRules', list => list.some(({ id }) => among.includes(id))),
    )
    expect(await count({ hasServiceTicket: true })).toBe(carrying('serviceTickets', list => list.length > 0))
    expect(await count({ hasServiceTicket: false })).toBe(carrying('serviceTickets', list => list.length === 0))
    // What the sandbox cannot answer exactly it does not answer.
    for (const filterBy of [{ searchServiceTicket: 'a' }, { search: 'a' }, { sourceRule: { createdBy: ['USER'] } }]) {
      expect((await ask(ISSUES, { first: 1, filterBy })).status).toBe(400)
    }
    const projects = async (filterBy: object) =>
      (await ask('query ($f: ProjectFilters) { projects(first: 100, filterBy: $f) { totalCount } }', { f: filterBy }))
        .data.projects.totalCount
    expect(await projects({ isFolder: true })).toBe(2)
    expect(await projects({ includeArchived: true })).toBe(20)
  })
})

describe('a tenant', () => {
  it('is the same for the same seed, and another one for another', () => {
    const text = (seed: number) =>
      JSON.stringify(Array.from({ length: 50 }, (_, index) => resolve(createTenant({ seed }).issueAt(index))))
    expect(text(5)).toBe(text(5))
    expect(text(5)).not.toBe(text(6))
  })

  it('has the content that breaks naive exporters', () => {
    const issues = Array.from(
      { length: 2000 },
      (_, index) => resolve(createTenant({ issues: 2000, projects: 40 }).issueAt(index)) as Record<string, unknown>,
    )
    for (const field of ['serviceTickets', 'notes', 'projects', 'sourceRules']) {
      const values = issues.map(issue => issue[field])
      expect(values).toContain(null)
      expect(values).toContainEqual([])
      expect(values.some(value => Array.isArray(value) && value.length > 1 - Number(field === 'notes'))).toBe(true)
    }
    const text = JSON.stringify(issues)
    for (const part of [
      '::set-output',
      '##[error]',
      '<script>',
      '__proto__',
      '💳',
      'HostConfigurationRule',
      'data##wizt',
      'slackThread/',
      '(copy)',
    ]) {
      expect(text).toContain(part)
    }
    const types = new Set(issues.map(({ type }) => type))
    expect(types.size).toBe(5)
    const stamps = issues.map(({ createdAt }) => createdAt)
    expect(new Set(stamps).size).toBeLessThan(stamps.length / 5)
  })

  it('shows changes: resolved, reopened, deleted, added, edited', async () => {
    const world = await start({ tenant: createTenant({ issues: 20 }) })
    const filterBy = { status: ['OPEN', 'IN_PROGRESS'] }
    const [first, second, third] = await crawl(world, { first: 500, filterBy })
    const { tenant } = world
    tenant.resolve(first ?? '')
    tenant.deleteIssue(second ?? '')
    tenant.editIssue(third ?? '', { severity: 'CRITICAL' })
    const added = tenant.addIssue({ id: 'mine', status: 'OPEN' })
    const now = await crawl(world, { first: 500, filterBy })
    expect(now).toContain(added)
    expect(now).not.toContain(first)
    expect(now).not.toContain(second)
    const { data } = await world.ask('query ($id: ID!) { issue(id: $id) { severity } }', { id: third })
    expect(data.issue.severity).toBe('CRITICAL')
    tenant.reopen(first ?? '')
    expect(await crawl(world, { first: 500, filterBy })).toContain(first)
  })
})

/** Calls the functions that stand for fields. */
function resolve(value: unknown): unknown {
  if (typeof value === 'function') return resolve(value())
  if (Array.isArray(value)) return value.map(resolve)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, resolve(field)]))
}
