import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type PortSandbox, type PortSandboxOptions, startPort } from '../../sandbox/port/index.ts'

let port: PortSandbox
let token = ''
afterEach(() => port.stop())

async function start(options: PortSandboxOptions = {}): Promise<void> {
  port = await startPort(options)
  token = (await call('POST', '/v1/auth/access_token', { clientId: port.clientId, clientSecret: port.clientSecret }))
    .body.accessToken
}

async function call(method: string, path: string, body?: unknown, agent = 'tester/1.0') {
  const headers: Record<string, string> = { authorization: `Bearer ${token}`, 'user-agent': agent }
  if (body !== undefined) headers['content-type'] = 'application/json'
  const response = await fetch(`${port.url}${path}`, {
    method,
    headers,
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  // Bodies are checked by the assertions of each test.
  return { status: response.status, headers: response.headers, body: JSON.parse(await response.text()) }
}

const TEAM = { identifier: 'team', title: 'Team', schema: { properties: {} } }
const SERVICE = {
  identifier: 'service',
  title: 'Service',
  schema: {
    properties: {
      url: { type: 'string', format: 'url' },
      tier: { type: 'string', enum: ['gold', 'silver'], enumColors: { gold: 'gold' } },
      since: { type: 'string', format: 'date-time' },
      size: { type: 'number' },
      tags: { type: 'array', items: { type: 'string' } },
      data: { type: 'object' },
    },
  },
  relations: {
    owner: { target: 'team', title: 'Owner', many: false, required: false },
    users: { target: 'team', title: 'Users', many: true, required: false },
  },
}

const UPSERT = '?upsert=true&merge=true'
const bulk = (entities: object[], query = UPSERT, agent?: string) =>
  call('POST', `/v1/blueprints/service/entities/bulk${query}`, { entities }, agent)

async function withBlueprints(options: PortSandboxOptions = {}): Promise<void> {
  await start(options)
  await call('POST', '/v1/blueprints', TEAM)
  await call('POST', '/v1/blueprints', SERVICE)
}

describe('transport', () => {
  beforeEach(() => start({ tokenLifetimeSeconds: 100 }))

  it('hands out the same token while it lives, and refuses without it', async () => {
    const again = await call('POST', '/v1/auth/access_token', {
      clientId: port.clientId,
      clientSecret: port.clientSecret,
    })
    expect(again.body).toMatchObject({ accessToken: token, tokenType: 'Bearer' })
    expect(again.body.expiresIn).toBeLessThanOrEqual(100)
    expect((await call('POST', '/v1/auth/access_token', { clientId: port.clientId, clientSecret: 'no' })).status).toBe(
      401,
    )
    port.revokeTokens()
    expect((await call('GET', '/v1/blueprints')).body).toMatchObject({ ok: false, error: 'unauthorized' })
  })

  it('holds requests against the contract: routes, query, body, size', async () => {
    expect((await call('GET', '/v1/nothing')).status).toBe(404)
    expect(
      (await call('POST', '/v1/auth/access_token', { clientId: 'a', clientSecret: 'b', more: 1 })).body.message,
    ).toContain('additional properties')
    expect((await call('POST', '/v1/blueprints?unknown=1', TEAM)).body.message).toContain('"unknown"')
    expect((await call('POST', '/v1/blueprints', '{')).status).toBe(400)
    expect((await call('POST', '/v1/blueprints', 'x'.repeat(1024 * 1024 + 1))).status).toBe(413)
  })

  it('says its limits in both dialects, and holds to them', async () => {
    const resets = await Promise.all(
      [1, 2].map(async () => Number((await call('GET', '/v1/blueprints')).headers.get('x-ratelimit-reset'))),
    )
    expect(resets.some(reset => reset > 1e9)).toBe(true)
    expect(resets.some(reset => reset < 1e9)).toBe(true)
    const logins = await Promise.all(
      Array.from({ length: 15 }, () => call('POST', '/v1/auth/access_token', { clientId: 'x', clientSecret: 'y' })),
    )
    expect(logins.map(({ status }) => status)).toContain(429)
  })
})

describe('blueprints', () => {
  beforeEach(() => start())

  it('refuse what refers to nothing, and can be created in steps', async () => {
    expect((await call('POST', '/v1/blueprints', SERVICE)).body).toMatchObject({
      ok: false,
      error: 'not_found',
      message: 'Blueprint with identifier "team" was not found',
    })
    expect((await call('POST', '/v1/blueprints', { ...SERVICE, relations: {} })).status).toBe(201)
    await call('POST', '/v1/blueprints', TEAM)
    expect(
      (await call('PATCH', '/v1/blueprints/service', { relations: SERVICE.relations })).body.blueprint.relations,
    ).toEqual(SERVICE.relations)
    expect(
      (await call('PATCH', '/v1/blueprints/service', { mirrorProperties: { x: { path: 'owner.nothing' } } })).body
        .message,
    ).toContain('do not exists')
    expect((await call('POST', '/v1/blueprints', TEAM)).status).toBe(409)
  })

  it('never change the type of a property, nor combine many and required', async () => {
    await call('POST', '/v1/blueprints', TEAM)
    await call('POST', '/v1/blueprints', SERVICE)
    const schema = { properties: { ...SERVICE.schema.properties, size: { type: 'string' } } }
    expect((await call('PATCH', '/v1/blueprints/service', { schema })).body.message).toBe(
      'The type of property "size" changed from "number" to "string"',
    )
    const relations = { x: { target: 'team', title: 'X', many: true, required: true } }
    expect((await call('PATCH', '/v1/blueprints/service', { relations })).status).toBe(422)
  })

  it('with entities cannot be deleted', async () => {
    await call('POST', '/v1/blueprints', TEAM)
    port.putEntity('team', { identifier: 'a' })
    expect((await call('DELETE', '/v1/blueprints/team')).body.error).toBe('has_dependents')
    port.removeEntity('team', 'a')
    expect((await call('DELETE', '/v1/blueprints/team')).status).toBe(200)
  })
})

describe('bulk upsert', () => {
  beforeEach(() => withBlueprints())

  it('answers by index, 200 when all is well and 207 when some failed', async () => {
    expect((await bulk([{ identifier: 'a' }, { identifier: 'b' }])).body).toEqual({
      ok: true,
      entities: [
        { created: true, identifier: 'a', index: 0 },
        { created: true, identifier: 'b', index: 1 },
      ],
      errors: [],
    })
    const partial = await bulk([{ identifier: 'a', properties: { tier: 'lead' } }, { identifier: 'b' }])
    expect([partial.status, partial.body.ok, partial.body.entities]).toEqual([
      207,
      false,
      [{ created: false, identifier: 'b', index: 1 }],
    ])
    expect(partial.body.errors).toEqual([
      {
        identifier: 'a',
        index: 0,
        statusCode: 422,
        error: 'blueprint_schema_mismatch',
        message: expect.stringContaining('properties/tier'),
      },
    ])
  })

  it.each([
    [{ url: 'nowhere' }, 'must match format "url"'],
    [{ since: 'yesterday' }, 'must match format "date-time"'],
    [{ size: '5' }, 'must be number'],
    [{ tags: [1] }, 'must be string'],
    [{ data: [] }, 'must be object'],
    [{ other: 1 }, 'does not have property with name "other"'],
  ])('refuses the property %j', async (properties, message) => {
    expect((await bulk([{ identifier: 'a', properties }])).body.errors[0].message).toContain(message)
  })

  it.each([
    [Array.from({ length: 21 }, (_, index) => ({ identifier: `e${index}` })), 'must NOT have more than 20 items'],
    [[{ identifier: 'ok' }, { identifier: 'a b' }], 'body/entities/1/identifier'],
    [[{ identifier: 'ok' }, { identifier: 'x', title: null }], 'body/entities/1/title'],
    [[{ identifier: 'ok', relations: { users: ['a b'] } }], 'body/entities/0/relations/users'],
  ])('refuses the whole request for one malformed entity', async (entities, message) => {
    const { status, body } = await bulk(entities)
    expect([status, body.error]).toEqual([422, 'invalid_request'])
    expect(body.message).toContain(message)
    expect(port.entities('service')).toEqual([])
  })

  it('refuses missing targets, or creates them bare for the same writer', async () => {
    const entity = { identifier: 'a', relations: { owner: 'x', users: ['y'] } }
    expect((await bulk([entity])).body.errors[0]).toMatchObject({
      statusCode: 404,
      error: 'not_found',
      message: 'Entity with identifier "x" does not exist in the blueprint "team"',
    })
    expect((await bulk([entity], `${UPSERT}&create_missing_related_entities=true`, 'me/1')).status).toBe(200)
    expect(port.entity('team', 'y')).toMatchObject({ title: null, datasource: 'me/1' })
  })

  it('merges, or replaces and drops what was not sent; relations are replaced either way', async () => {
    port.putEntity('team', { identifier: 't' })
    await bulk([{ identifier: 'a', title: 'A', properties: { size: 1, tier: 'gold' }, relations: { users: ['t'] } }])
    await bulk([{ identifier: 'a', properties: { size: 2, tier: null }, relations: { users: [] } }])
    expect(port.entity('service', 'a')).toMatchObject({ title: 'A', properties: { size: 2 }, relations: { users: [] } })
    await bulk([{ identifier: 'a', properties: { tier: 'gold' } }], '?upsert=true')
    expect(port.entity('service', 'a')).toMatchObject({ title: null, properties: { tier: 'gold' }, relations: {} })
    expect((await bulk([{ identifier: 'a' }], '?upsert=false')).body.errors[0].statusCode).toBe(409)
  })

  it('makes the last writer the owner, and moves updatedAt', async () => {
    await bulk([{ identifier: 'a' }], UPSERT, 'first/1')
    const before = port.entity('service', 'a')
    await bulk([{ identifier: 'a' }], UPSERT, 'second/1')
    expect(port.entity('service', 'a')).toMatchObject({ datasource: 'second/1', createdAt: before?.createdAt })
    expect(port.writes).toMatchObject({ created: 1, updated: 1 })
  })

  it('writes nothing when it only validates', async () => {
    expect((await bulk([{ identifier: 'a' }], `${UPSERT}&validation_only=true`)).status).toBe(200)
    expect(port.entities('service')).toEqual([])
    expect(port.writes).toEqual({ created: 0, updated: 0, deleted: 0, validated: 1 })
  })

  it('resolves queries for identifiers and relations', async () => {
    port.putEntity('team', { identifier: 't1', title: 'Blue' })
    port.putEntity('team', { identifier: 't2', title: 'Blue' })
    const query = { combinator: 'and', rules: [{ property: '$title', operator: '=', value: 'Blue' }] }
    await bulk([{ identifier: 'a', title: 'One', relations: { users: query } }])
    expect(port.entity('service', 'a')?.relations.users).toEqual(['t1', 't2'])
    const byTitle = (value: string) => ({
      identifier: { combinator: 'and', rules: [{ property: '$title', operator: '=', value }] },
      properties: { size: 3 },
    })
    const { body } = await bulk([byTitle('One'), byTitle('Nobody')])
    expect(body.entities[0]).toMatchObject({ identifier: 'a', index: 0 })
    expect(body.errors[0]).toMatchObject({ identifier: 'unknown', index: 1 })
  })
})

describe('search', () => {
  beforeEach(async () => {
    await withBlueprints()
    port.putEntity('team', { identifier: 't' })
    for (let index = 0; index < 25; index += 1) {
      const entity = {
        identifier: `s${String(index).padStart(2, '0')}`,
        title: `S ${index}`,
        properties: { size: index },
        relations: { owner: 't' },
      }
      port.putEntity(
        'service',
        entity,
        index % 2 === 0 ? 'wiz-to-port/1 (installation/a)' : 'wiz-to-port/1 (installation/b)',
      )
    }
  })

  const search = (body: object) => call('POST', '/v1/blueprints/service/entities/search', body)
  const ids = (body: { entities: { identifier: string }[] }) => body.entities.map(({ identifier }) => identifier)

  it('pages through everything once, with a cursor that belongs to its query', async () => {
    const seen: string[] = []
    let from: string | undefined
    do {
      const { body } = await search({ limit: 10, ...(from && { from }) })
      seen.push(...ids(body))
      from = body.next
    } while (from)
    expect(seen).toEqual(port.entities('service').map(({ identifier }) => identifier))
    const { body } = await search({ limit: 10 })
    expect((await search({ limit: 10, from: body.next, query: { combinator: 'and', rules: [] } })).status).toBe(422)
    expect((await search({ from: 'x' })).status).toBe(422)
    expect((await search({ limit: 1001 })).status).toBe(422)
  })

  it.each([
    [{ property: '$datasource', operator: 'contains', value: '(installation/a)' }, 13],
    [{ property: '$datasource', operator: 'doesNotContains', value: '(installation/a)' }, 12],
    [{ property: 'size', operator: '>', value: 20 }, 4],
    [{ property: '$identifier', operator: 'in', value: ['s01', 's02', 'x'] }, 2],
    [{ relation: 'owner', operator: '=', value: 't' }, 25],
    [{ property: 'tier', operator: 'isEmpty' }, 25],
    [
      {
        combinator: 'or',
        rules: [
          { property: 'size', operator: '=', value: 1 },
          { property: '$title', operator: 'beginsWith', value: 'S 2' },
        ],
      },
      7,
    ],
  ])('evaluates %j', async (rule, count) => {
    expect((await search({ query: { combinator: 'and', rules: [rule] } })).body.entities).toHaveLength(count)
  })

  it('returns what was asked for, and null for what is not set', async () => {
    const { body } = await search({ limit: 1, include: ['$identifier', '$datasource', 'size', 'tier', 'owner'] })
    expect(body.entities[0]).toEqual({
      identifier: 's00',
      $datasource: 'wiz-to-port/1 (installation/a)',
      properties: { size: 0, tier: null },
      relations: { owner: 't' },
    })
  })

  it('finds by data source, and everything at once', async () => {
    const { body } = await call('POST', '/v1/blueprints/entities/datasource-entities', {
      datasource_prefix: 'wiz-to-port/',
      datasource_suffix: '(installation/b)',
      limit: 10,
    })
    expect(body).toMatchObject({ ok: true, next: '10' })
    expect(
      (
        await call('POST', '/v1/entities/search', {
          combinator: 'and',
          rules: [{ property: '$blueprint', operator: '=', value: 'team' }],
        })
      ).body.entities,
    ).toHaveLength(1)
    expect((await call('GET', '/v1/blueprints/service/entities-count')).body).toEqual({ ok: true, count: 25 })
  })
})

describe('single entities', () => {
  beforeEach(() => withBlueprints())

  it('are created, replaced, patched, read and deleted', async () => {
    const path = '/v1/blueprints/service/entities'
    expect(
      (await call('POST', `${path}?upsert=false`, { identifier: 'a/b', title: 'A', properties: { size: 1 } })).status,
    ).toBe(201)
    expect((await call('POST', `${path}?upsert=false`, { identifier: 'a/b' })).status).toBe(409)
    expect(
      (await call('PATCH', `${path}/a%2Fb`, { title: null, properties: { tier: 'gold' } })).body.entity,
    ).toMatchObject({ title: null, properties: { size: 1, tier: 'gold' } })
    expect((await call('PATCH', `${path}/a%2Fb`, { blueprint: 'service' })).status).toBe(422)
    expect(
      (await call('PUT', `${path}/a%2Fb`, { identifier: 'a/b', properties: { size: 2 } })).body.entity.properties,
    ).toMatchObject({ size: 2, tier: null })
    expect((await call('GET', `${path}/a%2Fb`)).body.entity.identifier).toBe('a/b')
    expect((await call('DELETE', `${path}/a%2Fb?delete_dependents=false`)).status).toBe(200)
    expect((await call('GET', `${path}/a%2Fb`)).status).toBe(404)
  })
})

describe('bulk delete', () => {
  beforeEach(async () => {
    await withBlueprints()
    for (const identifier of ['t1', 't2', 't3']) port.putEntity('team', { identifier })
    port.putEntity('service', { identifier: 's', relations: { owner: 't2' } })
  })

  const remove = (entities: string[], dependents = false) =>
    call('POST', `/v1/blueprints/team/bulk/entities/delete?delete_dependents=${dependents}`, { entities })

  it('is all or nothing when something depends on one of them', async () => {
    expect((await remove(['t1', 't2'])).body.error).toBe('has_dependents')
    expect(port.entities('team')).toHaveLength(3)
    expect((await remove(['t1', 'nobody'])).body).toEqual({ ok: true, deletedEntities: ['t1'] })
  })

  it('takes dependents along when told to', async () => {
    expect((await remove(['t2'], true)).body.deletedEntities).toEqual(['t2'])
    expect(port.entity('service', 's')).toBeUndefined()
    expect(port.writes.deleted).toBe(2)
  })

  it('takes at most 100', async () => {
    expect((await remove(Array.from({ length: 101 }, (_, index) => `x${index}`))).status).toBe(422)
  })
})

describe('records', () => {
  beforeEach(() => start())

  it('of integrations: created once, configured, with a state and examples', async () => {
    expect((await call('GET', '/v1/integration/wiz')).status).toBe(404)
    expect(
      (await call('POST', '/v1/integration', { installationId: 'Wiz 1', installationAppType: 'wiz' })).status,
    ).toBe(422)
    expect(
      (await call('POST', '/v1/integration', { installationId: 'wiz', installationAppType: 'wiz', version: '1' })).body
        .integration,
    ).toMatchObject({ identifier: 'wiz', config: {} })
    await call('PATCH', '/v1/integration/wiz/config', { config: { resources: [] } })
    await call('PATCH', '/v1/integration/wiz/resync-state', { status: 'running' })
    expect((await call('PATCH', '/v1/integration/wiz/resync-state', { status: 'done' })).status).toBe(422)
    expect((await call('POST', '/v1/integration/wiz/kinds/issue/examples', { examples: [{ id: 1 }] })).status).toBe(200)
    expect((await call('GET', '/v1/integration/wiz')).body.integration).toMatchObject({
      config: { resources: [] },
      resyncState: { status: 'running' },
    })
  })

  it('of webhooks: with a key and a URL of their own', async () => {
    const { body } = await call('POST', '/v1/webhooks', {
      identifier: 'wiz_mapper',
      title: 'Wiz Mapper',
      enabled: true,
    })
    expect(body.integration).toMatchObject({
      identifier: 'wiz_mapper',
      webhookKey: expect.any(String),
      url: expect.stringContaining('/ingest/'),
    })
    expect((await call('PATCH', '/v1/webhooks/wiz_mapper', { enabled: false })).body.integration).toMatchObject({
      enabled: false,
    })
    expect((await call('DELETE', '/v1/webhooks/wiz_mapper')).status).toBe(200)
    expect((await call('GET', '/v1/webhooks/wiz_mapper')).status).toBe(404)
  })
})
