import { describe, expect, it } from 'vitest'
import type { Fault } from '../../sandbox/faults.ts'
import { held, mappingOf, numbers, startWorld, type World } from './harness.ts'

const OURS = 'wiz-to-port/0.0.1 (installation/wiz)'
const ISSUES = /issuesV2\(/

/** A world after its first run, in which three issues were resolved since. */
async function startWithStale(): Promise<World & { stale: string[] }> {
  const world = await startWorld()
  await world.fill()
  const stale = [...world.tenant.openIssues()].slice(0, 3).map(({ id }) => id)
  for (const id of stale) world.tenant.resolve(id)
  return { ...world, stale }
}

function page(rewrite: (connection: Record<string, unknown>) => void): Fault['fault'] {
  return {
    kind: 'rewrite',
    rewrite(body) {
      const answer = body as { data: { issuesV2: Record<string, unknown> } }
      rewrite(answer.data.issuesV2)
      return answer
    },
  }
}

describe('a crawl that did not end deletes nothing, fails the step, and does not stop the others', () => {
  const broken: [string, Fault['fault'], string][] = [
    ['an answer without pageInfo', page(connection => delete connection.pageInfo), 'has no pageInfo'],
    ['an answer without nodes', page(connection => Object.assign(connection, { nodes: null })), 'has no nodes'],
    [
      'hasNextPage without a cursor',
      page(connection => Object.assign(connection, { pageInfo: { hasNextPage: true, endCursor: '' } })),
      'hasNextPage but no cursor',
    ],
    [
      'an object without an id',
      page(({ nodes }) => Object.assign((nodes as object[])[0] ?? {}, { id: null })),
      'an object without an id',
    ],
    [
      'fewer objects than Wiz counts',
      page(connection => Object.assign(connection, { totalCount: 5000 })),
      'Wiz counts 5000 objects but gave only',
    ],
    [
      'a GraphQL error beside data',
      {
        kind: 'rewrite',
        rewrite: body => ({
          ...(body as object),
          errors: [{ message: 'one field failed', path: ['issuesV2', 'nodes', 3] }],
        }),
      },
      'one field failed',
    ],
    [
      'an answer that is no JSON',
      { kind: 'respond', status: 200, body: '<html>maintenance</html>' },
      'did not answer as a GraphQL endpoint',
    ],
    [
      'data that is null',
      { kind: 'respond', status: 200, body: { data: null } },
      'did not answer as a GraphQL endpoint',
    ],
    [
      'an expired cursor',
      {
        kind: 'respond',
        status: 400,
        body: { data: null, errors: [{ message: 'invalid cursor', extensions: { code: 'BAD_USER_INPUT' } }] },
      },
      'invalid cursor',
    ],
  ]
  it.each(broken)('%s', async (_, fault, reason) => {
    const world = await startWithStale()
    world.port.putEntity('wizProject', { identifier: 'gone' }, OURS)
    world.wiz.faults.push({ match: { body: ISSUES }, times: Number.POSITIVE_INFINITY, fault })
    const result = await world.run()
    expect(result.exitCode).toBe(1)
    expect(result.outputs.conclusion).toBe('failed')
    expect(held(world.port, 'wizIssue')).toEqual(expect.arrayContaining(world.stale))
    expect(result.report?.deletions.find(({ blueprint }) => blueprint === 'wizIssue')).toMatchObject({
      status: 'skip',
      deleted: [],
    })
    expect(result.annotations.map(({ message }) => message).join('\n')).toContain(reason)
    expect(result.summary).toContain('❌ Wiz to Port failed')
    // Projects were read to their end: what is gone there is deleted all the same.
    expect(world.port.entity('wizProject', 'gone')).toBeUndefined()
  })

  it('a cursor that comes twice', async () => {
    const world = await startWorld({ tenant: { issues: 1500 } })
    await world.fill()
    let cursor: unknown
    const repeat = page(connection => {
      const pageInfo = connection.pageInfo as { endCursor: unknown }
      cursor ??= pageInfo.endCursor
      connection.pageInfo = { hasNextPage: true, endCursor: cursor }
    })
    world.wiz.faults.push({ match: { body: ISSUES }, times: Number.POSITIVE_INFINITY, fault: repeat })
    const before = world.pagesOf('issuesV2')
    const result = await world.run()
    expect(result.exitCode).toBe(1)
    expect(numbers(result)).toMatchObject({ deleted: 0 })
    expect(world.pagesOf('issuesV2') - before).toBe(2)
    expect(result.annotations.map(({ message }) => message).join('\n')).toContain('the same cursor twice')
  })

  it('maxPages, counted in pages of 100', async () => {
    const world = await startWorld({ tenant: { issues: 300 } })
    await world.fill()
    const files = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIssue"\'', "query: 'true'\nmaxPages: 1")
    world.port.putEntity('wizIssue', { identifier: 'gone' }, OURS)
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(1)
    expect(result.report?.kinds).toEqual([
      {
        kind: 'issue',
        resource: 0,
        objects: 100,
        incomplete: expect.stringContaining('stopped at maxPages, after 100 objects'),
      },
    ])
    expect(world.port.entity('wizIssue', 'gone')).toBeDefined()
  })

  it('is not what an empty page in the middle, a totalCount of 0, or overlapping pages are', async () => {
    const world = await startWithStale()
    let first = true
    world.wiz.faults.push({
      match: { body: ISSUES },
      times: 1,
      fault: page(connection => {
        // The first page comes empty, with the cursor of the start; then everything comes again.
        if (first)
          Object.assign(connection, { nodes: [], totalCount: 0, pageInfo: { hasNextPage: true, endCursor: 'ignored' } })
        first = false
      }),
    })
    world.wiz.faults.push({ match: { body: /"after":"ignored"/ }, times: 1, fault: { kind: 'respond', status: 503 } })
    const result = await world.run()
    // The invented cursor is refused by Wiz in the end: the crawl went on past the empty page.
    expect(result.annotations.map(({ message }) => message).join('\n')).toContain('after is not a cursor of this query')
    world.wiz.faults.length = 0
    world.wiz.faults.push({
      match: { body: ISSUES },
      times: 1,
      fault: page(connection => {
        const nodes = connection.nodes as unknown[]
        Object.assign(connection, { totalCount: 0, nodes: [...nodes, ...nodes.slice(0, 5)] })
      }),
    })
    const again = await world.run()
    expect(again.exitCode).toBe(0)
    expect(held(world.port, 'wizIssue').filter(id => world.stale.includes(id))).toEqual([])
  })

  it('objects that failed before their identifier was known', async () => {
    const world = await startWithStale()
    const files = mappingOf(
      'issue',
      'identifier: if .severity == "LOW" then null else .id end\nblueprint: \'"wizIssue"\'',
    )
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(1)
    expect(numbers(result)).toMatchObject({ deleted: 0 })
    const [deletion] = result.report?.deletions ?? []
    expect(deletion?.reason).toMatch(/\d+ issue objects failed before their identifier was known/)
  })
})

it('a blueprint that another kind writes to as well keeps everything when only one of them is run', async () => {
  const world = await startWorld()
  const resource = (kind: string, identifier: string) =>
    mappingOf(kind, `identifier: ${identifier}\nblueprint: '"wizProject"'`)['.github/wiz-to-port.yml'] ?? ''
  const mapping = resource('project', '.id') + resource('control', `'"rule:" + .id'`).replace('resources:\n', '')
  const files = { '.github/wiz-to-port.yml': mapping }
  expect((await world.run({}, { files })).exitCode).toBe(0)
  const before = held(world.port, 'wizProject')
  const result = await world.run({ kinds: 'project', 'max-delete-percent': '100' }, { files })
  expect(result.exitCode).toBe(0)
  expect(held(world.port, 'wizProject')).toEqual(before)
  expect(result.report?.deletions[0]).toMatchObject({ status: 'skip', reason: 'control was not part of this run' })
})

describe('the guard', () => {
  it('blocks a deletion of too large a share, says the numbers and the input, and is lifted by it', async () => {
    const world = await startWorld()
    await world.fill()
    const open = [...world.tenant.openIssues()]
    const doomed = open.slice(0, Math.ceil(open.length * 0.4))
    for (const { id } of doomed) world.tenant.resolve(id)
    const before = held(world.port, 'wizIssue')

    const blocked = await world.run()
    expect(blocked.exitCode).toBe(1)
    expect(blocked.outputs.conclusion).toBe('blocked')
    expect(held(world.port, 'wizIssue')).toEqual(before)
    const message = `${doomed.length} of ${open.length} wizIssue (${((doomed.length / open.length) * 100).toFixed(1)}%) would be deleted, more than max-delete-percent (30%)`
    expect(blocked.annotations.map(one => one.message).join('\n')).toContain(message)
    expect(blocked.summary).toContain(message)
    expect(blocked.summary).toContain('allow-mass-delete: true')

    expect((await world.run({ 'max-delete-percent': '39' })).outputs.conclusion).toBe('blocked')
    const lifted = await world.run({ 'allow-mass-delete': 'true' })
    expect(lifted.exitCode).toBe(0)
    expect(lifted.report?.blueprints.wizIssue?.deleted).toBe(doomed.length)
  })

  it('takes the threshold of the mapping when the input is not set, and the input when it is', async () => {
    const world = await startWorld()
    await world.fill()
    for (const { id } of [...world.tenant.openIssues()].slice(0, 10)) world.tenant.resolve(id)
    const files = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIssue"\'')
    const strict = { '.github/wiz-to-port.yml': `entityDeletionThreshold: 0.01\n${files['.github/wiz-to-port.yml']}` }
    expect((await world.run({}, { files: strict })).outputs.conclusion).toBe('blocked')
    expect((await world.run({ 'max-delete-percent': '50' }, { files: strict })).outputs.conclusion).toBe('success')
  })

  it('blocks everything when Wiz answers an empty list, as it does to an account that sees no projects', async () => {
    const world = await startWorld({ tenant: { projects: 4, issues: 5 } })
    await world.fill()
    for (const { id } of [...world.tenant.openIssues()]) world.tenant.deleteIssue(id)
    for (const { id } of world.tenant.projects()) world.tenant.deleteProject(id)
    const before = { issues: held(world.port, 'wizIssue'), projects: held(world.port, 'wizProject') }
    const result = await world.run()
    expect(result.exitCode).toBe(1)
    expect(result.outputs.conclusion).toBe('blocked')
    expect(result.summary).toContain('Wiz returned no project at all')
    expect({ issues: held(world.port, 'wizIssue'), projects: held(world.port, 'wizProject') }).toEqual(before)
    const lifted = await world.run({ 'allow-mass-delete': 'true' })
    expect(lifted.exitCode).toBe(0)
    expect(held(world.port, 'wizIssue')).toEqual([])
  })

  it('is not needed when delete-stale is false', async () => {
    const world = await startWithStale()
    const result = await world.run({ 'delete-stale': 'false' })
    expect(result.exitCode).toBe(0)
    expect(held(world.port, 'wizIssue')).toEqual(expect.arrayContaining(world.stale))
  })
})

describe('only what is ours', () => {
  it('two installations side by side never touch what the other wrote', async () => {
    const world = await startWorld()
    const mine = mappingOf('project', 'identifier: .id\nblueprint: \'"wizProject"\'\ntitle: .name')
    const theirs = mappingOf('project', 'identifier: \'"b-" + .id\'\nblueprint: \'"wizProject"\'\ntitle: .name')
    await world.run({ 'installation-id': 'wiz' }, { files: mine })
    // Its name begins with the other's: a careless match would take both.
    await world.run({ 'installation-id': 'wiz-2' }, { files: theirs })
    const projects = world.tenant.projects().filter(({ archived }) => archived !== true)
    expect(held(world.port, 'wizProject')).toHaveLength(projects.length * 2)

    world.tenant.deleteProject(projects[0]?.id ?? '')
    const result = await world.run({ 'installation-id': 'wiz' }, { files: mine })
    expect(numbers(result)).toMatchObject({ deleted: 1, updated: 0 })
    expect(world.port.entity('wizProject', `b-${projects[0]?.id}`)).toBeDefined()
    const other = await world.run({ 'installation-id': 'wiz-2' }, { files: theirs })
    expect(numbers(other)).toMatchObject({ deleted: 1, updated: 0, unchanged: projects.length - 1 })
  })

  it('an equal entity of another writer is taken over once, and the former owner named', async () => {
    const world = await startWorld()
    await world.fill()
    const [first, second] = world.port.entities('wizControl')
    world.port.putEntity('wizControl', { ...first }, 'port-ocean/wiz/0.3.34/my-wiz/exporter')
    world.port.putEntity('wizControl', { identifier: 'by-hand', title: 'Not from Wiz' }, 'Mozilla/5.0')
    const result = await world.run()
    expect(result.exitCode).toBe(0)
    expect(numbers(result)).toMatchObject({ created: 0, updated: 1, deleted: 0 })
    expect(result.report?.takeovers).toEqual([
      { blueprint: 'wizControl', count: 1, formerOwners: ['port-ocean/wiz/0.3.34/my-wiz/exporter'] },
    ])
    expect(result.summary).toContain('port-ocean/wiz/0.3.34/my-wiz/exporter')
    expect(world.port.entity('wizControl', first?.identifier ?? '')).toMatchObject({
      datasource: second?.datasource,
      properties: first?.properties,
    })
    expect(world.port.entity('wizControl', 'by-hand')).toMatchObject({ datasource: 'Mozilla/5.0' })
    expect(numbers(await world.run())).toMatchObject({ updated: 0, unchanged: expect.any(Number) })
  })

  it('a target of a wanted entity stays, though Wiz does not list it', async () => {
    const world = await startWorld()
    await world.fill()
    const issue = [...world.tenant.openIssues()].find(
      ({ projects }) => (typeof projects === 'function' ? projects() : projects)?.length > 0,
    )
    const [project] = typeof issue?.projects === 'function' ? issue.projects() : []
    world.tenant.editProject(project.id, { archived: true })
    world.port.putEntity('wizProject', { identifier: 'unused' }, OURS)
    const result = await world.run()
    expect(result.exitCode).toBe(0)
    expect(world.port.entity('wizProject', project.id)).toBeDefined()
    expect(world.port.entity('wizProject', 'unused')).toBeUndefined()
  })

  it('what a foreign entity depends on stays, the rest of its batch goes, and both are said', async () => {
    const world = await startWorld()
    await world.fill()
    world.port.putBlueprint({
      identifier: 'service',
      title: 'Service',
      schema: { properties: {} },
      relations: { control: { target: 'wizControl', title: 'Control', required: false, many: false } },
    })
    for (const identifier of ['gone-1', 'gone-2', 'needed']) world.port.putEntity('wizControl', { identifier }, OURS)
    world.port.putEntity('service', { identifier: 'shop', relations: { control: 'needed' } }, 'Mozilla/5.0')
    const result = await world.run()
    expect(result.exitCode).toBe(0)
    expect(world.port.entity('service', 'shop')).toMatchObject({ relations: { control: 'needed' } })
    expect(world.port.entity('wizControl', 'needed')).toBeDefined()
    expect(world.port.entity('wizControl', 'gone-1')).toBeUndefined()
    expect(numbers(result)).toMatchObject({ deleted: 2 })
    expect(result.report?.deletions.find(({ blueprint }) => blueprint === 'wizControl')?.kept).toEqual(['needed'])
    expect(result.summary).toContain('kept, because other entities depend on them')
  })

  it.each(['hidden', 'refused'] as const)(
    'nothing is deleted when Port keeps data sources %s, and the summary says so',
    async datasource => {
      const world = await startWorld({ port: { datasource } })
      await world.fill()
      const stale = [...world.tenant.openIssues()].slice(0, 3).map(({ id }) => id)
      for (const id of stale) world.tenant.resolve(id)
      const result = await world.run()
      expect(result.exitCode).toBe(0)
      expect(numbers(result)).toMatchObject({ deleted: 0, failed: 0 })
      expect(held(world.port, 'wizIssue')).toEqual(expect.arrayContaining(stale))
      expect(result.summary).toContain('Port does not report who wrote an entity')
    },
  )
})
