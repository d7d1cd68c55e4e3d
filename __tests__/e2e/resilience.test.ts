import { describe, expect, it } from 'vitest'
import { shippedOracle } from '../../sandbox/oracle.ts'
import { held, mappingOf, numbers, startWorld, type World } from './harness.ts'

const BULK = /\/entities\/bulk$/

/** Everything that Wiz has is in Port, whatever happened on the way. */
function expectComplete({ tenant, port }: World): void {
  for (const [blueprint, identifiers] of Object.entries(shippedOracle.wanted(tenant))) {
    expect(held(port, blueprint)).toEqual(expect.arrayContaining(identifiers))
  }
}

describe('what passes by itself is waited out', () => {
  it.each(['http', 'graphql', 'alternate'] as const)(
    'throttling by Wiz (%s), which lowers the pace',
    async throttle => {
      const world = await startWorld({ tenant: { issues: 1600 }, wiz: { requestsPerSecond: 2, throttle } })
      const result = await world.run({ 'wiz-requests-per-second': '50' })
      expect(result.exitCode).toBe(0)
      expectComplete(world)
      expect(result.report?.wiz.retries).toBeGreaterThan(0)
      expect(result.log).toContain('Wiz: Wiz asks us to slow down; attempt 2 of 8')
    },
  )

  it('throttling by Port, with the wish as an epoch and as seconds', async () => {
    const world = await startWorld()
    const epoch = String(Math.ceil(Date.now() / 1000) + 1)
    for (const reset of ['1', epoch]) {
      world.port.faults.push({
        match: { path: BULK },
        times: 2,
        fault: { kind: 'respond', status: 429, body: { ok: false }, headers: { 'x-ratelimit-reset': reset } },
      })
    }
    const result = await world.run()
    expect(result.exitCode).toBe(0)
    expectComplete(world)
    expect(result.report?.port).toMatchObject({ retries: 4 })
  })

  it.each([500, 502, 503, 504])('status %i of either service', async status => {
    const world = await startWorld()
    world.wiz.faults.push({ match: { path: '/graphql' }, times: 1, fault: { kind: 'respond', status, body: '<html>' } })
    world.wiz.faults.push({ match: { path: '/oauth/token' }, times: 1, fault: { kind: 'respond', status } })
    world.port.faults.push({ match: { path: BULK }, times: 2, fault: { kind: 'respond', status, body: '' } })
    const result = await world.run()
    expect(result.exitCode).toBe(0)
    expectComplete(world)
  })

  it('connections that are reset, cut in the middle of an answer, or lose the answer to a write', async () => {
    const world = await startWorld()
    world.wiz.faults.push({ match: { path: '/graphql' }, times: 1, fault: { kind: 'reset' } })
    world.wiz.faults.push({ match: { path: '/graphql' }, times: 1, fault: { kind: 'cut-body', afterBytes: 1000 } })
    world.port.faults.push({ match: { path: BULK }, times: 1, fault: { kind: 'reset' } })
    world.port.faults.push({ match: { path: BULK }, times: 2, fault: { kind: 'lose-answer' } })
    const result = await world.run()
    expect(result.exitCode).toBe(0)
    expectComplete(world)
    const again = await world.run()
    expect(numbers(again)).toMatchObject({ created: 0, updated: 0, deleted: 0, failed: 0 })
  })

  it('an error inside GraphQL that Wiz calls internal', async () => {
    const world = await startWorld()
    const body = { data: null, errors: [{ message: 'Oops', extensions: { code: 'INTERNAL' } }] }
    world.wiz.faults.push({ match: { path: '/graphql' }, times: 2, fault: { kind: 'respond', status: 200, body } })
    expect((await world.run()).exitCode).toBe(0)
    expectComplete(world)
  })
})

describe('tokens', () => {
  it('that expire during the run are renewed, once for all callers', async () => {
    const world = await startWorld({
      tenant: { issues: 1200 },
      wiz: { tokenLifetimeSeconds: 1 },
      port: { tokenLifetimeSeconds: 1 },
    })
    const result = await world.run({ 'wiz-requests-per-second': '2' })
    expect(result.exitCode).toBe(0)
    expectComplete(world)
    expect(world.wiz.requests.filter(({ path }) => path === '/oauth/token').length).toBeGreaterThan(1)
  })

  it('that are revoked in the middle are asked for once more', async () => {
    const world = await startWorld({ tenant: { issues: 1200 } })
    const revoke = (body: unknown) => {
      world.wiz.revokeTokens()
      world.port.revokeTokens()
      return body
    }
    world.wiz.faults.push({ match: { body: /issuesV2/ }, times: 1, fault: { kind: 'rewrite', rewrite: revoke } })
    const result = await world.run()
    expect(result.exitCode).toBe(0)
    expectComplete(world)
    expect(world.wiz.requests.filter(({ path }) => path === '/oauth/token')).toHaveLength(2)
    // Sixteen calls were in flight when the token went; they share one new one.
    expect(world.port.requests.filter(({ path }) => path === '/v1/auth/access_token')).toHaveLength(2)
  })

  it('are masked, and in no log, summary or report', async () => {
    const world = await startWorld()
    const result = await world.run({}, { env: { RUNNER_DEBUG: '1' } })
    const secrets = [world.wiz.clientSecret, world.port.clientSecret]
    const tokens = [...world.wiz.requests, ...world.port.requests].flatMap(
      ({ headers }) => String(headers.authorization ?? '').replace('Bearer ', '') || [],
    )
    expect(new Set(tokens).size).toBe(2)
    for (const secret of [...secrets, ...tokens]) {
      expect(result.masked).toContain(secret)
      expect(result.log + result.summary + JSON.stringify(result.report)).not.toContain(secret)
    }
  })
})

describe('one bad entity', () => {
  const issues = (fields: string) => mappingOf('issue', `identifier: .id\nblueprint: '"wizIssue"'\n${fields}`)

  it('that Port refuses inside a bulk fails alone, by its index', async () => {
    const world = await startWorld()
    const [, , , first] = world.tenant.openIssues()
    const files = issues(`properties:\n  url: if .id == "${first?.id}" then "not a url" else "https://x.example" end`)
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(1)
    expect(numbers(result)).toMatchObject({ failed: 1, created: [...world.tenant.openIssues()].length - 1 })
    expect(result.report?.failures).toEqual([
      {
        blueprint: 'wizIssue',
        identifier: first?.id,
        reason: expect.stringContaining('"properties/url" must match format'),
      },
    ])
    expect(result.summary).toContain('### Failures (1)')
  })

  it.each([413, 422])('for which Port refuses a whole bulk with %i is found by halving', async status => {
    const world = await startWorld()
    const [, , victim] = [...world.tenant.openIssues()]
    world.port.faults.push({
      match: { path: BULK, body: new RegExp(`"identifier":"${victim?.id}"`) },
      times: Number.POSITIVE_INFINITY,
      fault: { kind: 'respond', status, body: { ok: false, error: 'invalid_request', message: 'body is bad' } },
    })
    const result = await world.run({}, { files: issues('title: .severity') })
    expect(numbers(result)).toMatchObject({ failed: 1, created: [...world.tenant.openIssues()].length - 1 })
    expect(result.report?.failures[0]).toMatchObject({
      identifier: victim?.id,
      reason: expect.stringContaining('body is bad'),
    })
  })

  it('larger than a request may be fails here, and large ones travel in smaller bulks', async () => {
    const world = await startWorld({ tenant: { issues: 60 } })
    const [huge] = world.tenant.openIssues()
    const files = issues(
      `properties:\n  resourceName: if .id == "${huge?.id}" then ("é" * 600000) else ("x" * 200000) end`,
    )
    const result = await world.run({}, { files })
    expect(numbers(result)).toMatchObject({ failed: 1, created: [...world.tenant.openIssues()].length - 1 })
    expect(result.report?.failures[0]?.reason).toMatch(/is 12\d{5} bytes of JSON; Port takes at most 1048576/)
    expect(world.port.requests.filter(({ status }) => status === 413)).toEqual([])
  })

  it('whose identifier Port would refuse fails before it can poison its bulk, with the jq that cleans it', async () => {
    const world = await startWorld({ tenant: { issues: 400 } })
    const result = await world.run(
      {},
      { files: mappingOf('serviceTicket', 'identifier: .externalId\nblueprint: \'"wizServiceTicket"\'') },
    )
    expect(result.exitCode).toBe(1)
    expect(Number(result.outputs.failed)).toBeGreaterThan(0)
    expect(Number(result.outputs.created)).toBeGreaterThan(0)
    expect(world.port.requests.filter(({ status }) => status === 422)).toEqual([])
    expect(result.report?.failures[0]?.reason).toContain('clean it in the mapping with: | gsub(')
    const clean = await world.run(
      {},
      {
        files: mappingOf(
          'serviceTicket',
          'identifier: .externalId | gsub("[^\\\\p{L}0-9@_.+:\\\\\\\\/=-]"; "-")\nblueprint: \'"wizServiceTicket"\'',
        ),
      },
    )
    expect(clean.exitCode).toBe(0)
  })

  it('that points to what comes later is sent once more, whole', async () => {
    const world = await startWorld({ tenant: { projects: 0, issues: 0 } })
    for (const [id, parent] of [
      ['a-child', 'z-parent'],
      ['z-parent', null],
    ]) {
      world.tenant.addProject({
        id: id ?? '',
        name: `Project ${id}`,
        parentProject: parent === null ? null : { id: parent },
      })
    }
    world.port.putBlueprint({
      identifier: 'tree',
      title: 'Tree',
      schema: { properties: { slug: { type: 'string' } } },
      relations: { parent: { target: 'tree', title: 'Parent', many: false, required: false } },
    })
    const files = mappingOf(
      'project',
      'identifier: .id\nblueprint: \'"tree"\'\ntitle: .name\nproperties: { slug: .slug }\nrelations: { parent: .parentProject.id }',
    )
    const strict = {
      '.github/wiz-to-port.yml': `createMissingRelatedEntities: false\n${files['.github/wiz-to-port.yml']}`,
    }
    const result = await world.run({}, { files: strict })
    expect(result.exitCode).toBe(0)
    expect(world.port.entity('tree', 'a-child')).toMatchObject({
      title: 'Project a-child',
      properties: { slug: expect.any(String) },
      relations: { parent: 'z-parent' },
    })
  })
})

describe('expressions that fail', () => {
  it('on some objects leave that field alone there, counted with examples', async () => {
    const world = await startWorld()
    await world.fill()
    const [issue] = world.tenant.openIssues()
    world.tenant.editIssue(issue?.id ?? '', { severity: 'LOW' })
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'\nproperties:\n  severity: if .severity == "LOW" then error("no low") else .severity end',
    )
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(0)
    const low = [...world.tenant.openIssues()].filter(({ severity }) => severity === 'LOW')
    expect(result.report?.fieldErrors).toEqual([
      {
        kind: 'issue',
        field: 'properties.severity',
        message: 'no low',
        count: low.length,
        examples: expect.any(Array),
      },
    ])
    expect(world.port.entity('wizIssue', issue?.id ?? '')?.properties.severity).toEqual(expect.any(String))
    expect(numbers(result)).toMatchObject({ updated: 0 })
  })

  it('on every object fail the step', async () => {
    const world = await startWorld()
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'\nproperties:\n  severity: .severity.name',
    )
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(1)
    expect(result.annotations[0]?.message).toContain(
      'issue: properties.severity (resource 1 of the mapping) failed on every object',
    )
  })
})

it('objects that map to one entity are reported, and a second run still writes nothing', async () => {
  const world = await startWorld()
  const files = mappingOf('issue', 'identifier: .severity\nblueprint: \'"wizIssue"\'\ntitle: .id')
  const first = await world.run({}, { files })
  expect(first.exitCode).toBe(0)
  expect(first.summary).toContain('### Collisions')
  const books = { ...world.port.writes }
  const second = await world.run({}, { files })
  expect(numbers(second)).toMatchObject({ created: 0, updated: 0, unchanged: 5 })
  expect(world.port.writes).toEqual(books)
})
