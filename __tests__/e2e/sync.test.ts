import { describe, expect, it } from 'vitest'
import { shippedOracle } from '../../sandbox/oracle.ts'
import { held, mappingOf, numbers, startWorld } from './harness.ts'

/** Port holds what Wiz has, and besides only the bare projects that issues point to. */
function expectCatalog({ tenant, port }: Awaited<ReturnType<typeof startWorld>>): void {
  const { wizProject = [], ...others } = shippedOracle.wanted(tenant)
  for (const [blueprint, identifiers] of Object.entries(others)) expect(held(port, blueprint)).toEqual(identifiers)
  const titled = port.entities('wizProject').filter(({ title }) => title !== null)
  expect(titled.map(({ identifier }) => identifier)).toEqual(wizProject)
}

describe('a first load', () => {
  it('creates blueprints and entities, and says so everywhere', async () => {
    const world = await startWorld({ tenant: { projects: 130, issues: 1203 } })
    const result = await world.run()
    expect(result.exitCode).toBe(0)
    expectCatalog(world)

    const wanted = Object.values(shippedOracle.wanted(world.tenant)).flat().length
    expect(numbers(result)).toEqual({ created: wanted, updated: 0, unchanged: 0, deleted: 0, skipped: 0, failed: 0 })
    expect(result.outputs).toMatchObject({ 'has-changes': 'true', conclusion: 'success' })
    expect(world.port.writes.created).toBe(wanted + shippedOracle.bareProjects(world.port))
    expect([...world.port.blueprints.keys()].sort()).toEqual([
      'wizControl',
      'wizIssue',
      'wizProject',
      'wizServiceTicket',
    ])

    expect(result.log).toContain('▼ Read mapping')
    expect(result.log).toContain('the mapping of the action is used')
    expect(result.log).toContain('issues: all 9')
    expect(result.annotations).toEqual([])
    expect(result.summary).toContain('## ✅ Port equals Wiz')
    expect(result.summary).toContain(`**${wanted.toLocaleString('en-US')} created, 0 updated`)
    expect(result.summary).toContain('Created the missing blueprints <code>wizProject</code>')
    expect(result.report).toMatchObject({
      conclusion: 'success',
      createdBlueprints: expect.arrayContaining(['wizIssue']),
    })
  })

  it('reads issues once for three kinds, on pages of 500, and projects past their first page of 100', async () => {
    const world = await startWorld({ tenant: { projects: 130, issues: 1203 } })
    await world.fill()
    const open = [...world.tenant.openIssues()].length
    expect(world.pagesOf('issuesV2')).toBe(Math.ceil(open / 500))
    expect(world.pagesOf('projects')).toBe(2)
    const counting = world.wiz.requests.filter(
      ({ body }) => body.includes('query Crawl(') && body.includes('"withTotalCount":true'),
    )
    expect(counting).toHaveLength(2)
  })

  it('sends at most 20 entities and what a relation points to before what points to it', async () => {
    const world = await startWorld()
    const files = {
      '.github/wiz-to-port.yml': (await shippedMapping()).replace(
        'createMissingRelatedEntities: true',
        'createMissingRelatedEntities: false',
      ),
    }
    world.tenant
      .projects()
      .filter(({ archived }) => archived)
      .forEach(({ id }) => {
        world.tenant.editProject(id, { archived: false })
      })
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(0)
    expectCatalog(world)
    const bulks = world.port.requests.filter(({ path }) => path.endsWith('/entities/bulk'))
    expect(Math.max(...bulks.map(({ body }) => JSON.parse(body).entities.length))).toBe(20)
    // Nothing had to be sent again: no answer named a missing target.
    expect(bulks.map(({ status }) => status)).not.toContain(207)
  })
})

describe('a second run', () => {
  it('writes nothing at all', async () => {
    const world = await startWorld()
    const first = await world.run()
    const writes = world.entityWrites()
    const books = { ...world.port.writes }
    const second = await world.run()
    expect(second.exitCode).toBe(0)
    expect(numbers(second)).toEqual({
      created: 0,
      updated: 0,
      unchanged: Number(first.outputs.created),
      deleted: 0,
      skipped: 0,
      failed: 0,
    })
    expect(second.outputs['has-changes']).toBe('false')
    expect(second.summary).toContain('Port equals Wiz: nothing to change')
    expect(world.entityWrites()).toBe(writes)
    expect(world.port.writes).toEqual(books)
  })

  it('writes nothing when Port leaves out what is unset, instead of answering null', async () => {
    const world = await startWorld({ port: { unsetAsNull: false } })
    await world.fill()
    const writes = world.entityWrites()
    expect((await world.run()).exitCode).toBe(0)
    expect(world.entityWrites()).toBe(writes)
  })
})

it('a changed tenant is followed: new, edited, resolved and gone', async () => {
  const world = await startWorld()
  await world.fill()
  const open = [...world.tenant.openIssues()]
  for (const { id } of open.slice(0, 5)) world.tenant.resolve(id)
  for (const { id } of open.slice(5, 8)) world.tenant.deleteIssue(id)
  for (const { id } of open.slice(8, 12))
    world.tenant.editIssue(id, { severity: 'CRITICAL', dueAt: '2027-05-05T00:00:00Z', sourceRules: null })
  world.tenant.addIssues(7)
  const added = world.tenant.addProject({ id: 'p-new', name: 'New <project>' })
  const result = await world.run()
  expect(result.exitCode).toBe(0)
  expectCatalog(world)
  expect(result.report?.blueprints.wizIssue).toMatchObject({ updated: 4, deleted: 8 })
  expect(result.report?.blueprints.wizProject).toMatchObject({ created: 1 })
  expect(world.port.entity('wizProject', added)?.title).toBe('New <project>')
  expect(world.port.entity('wizIssue', open[8]?.id ?? '')).toMatchObject({
    properties: { dueAt: '2027-05-05T00:00:00Z' },
  })
  const deletions = result.report?.deletions.find(({ blueprint }) => blueprint === 'wizIssue')
  expect(deletions?.deleted.map(({ identifier }) => identifier).sort()).toEqual(
    open
      .slice(0, 8)
      .map(({ id }) => id)
      .sort(),
  )
  // By name: titles are in the summary.
  for (const { title } of deletions?.deleted ?? []) expect(title).toMatch(/ \| /)
})

it('what people wrote into fields that are not mapped stays', async () => {
  const world = await startWorld()
  await world.fill(mappingOf('project', 'identifier: .id\nblueprint: \'"wizProject"\'\ntitle: .name'))
  const [project] = world.port.entities('wizProject')
  world.port.putEntity('wizProject', { ...project, properties: { businessUnit: 'by hand' } }, project?.datasource)
  world.tenant.editProject(project?.identifier ?? '', { name: 'Renamed' })
  const result = await world.run(
    {},
    { files: mappingOf('project', 'identifier: .id\nblueprint: \'"wizProject"\'\ntitle: .name') },
  )
  expect(numbers(result)).toMatchObject({ updated: 1 })
  expect(world.port.entity('wizProject', project?.identifier ?? '')).toMatchObject({
    title: 'Renamed',
    properties: { businessUnit: 'by hand' },
  })
})

describe('kinds', () => {
  const blueprints = {
    project: 'wizProject',
    issue: 'wizIssue',
    control: 'wizControl',
    serviceTicket: 'wizServiceTicket',
  }

  it.each(Object.entries(blueprints))(
    '%s alone writes its blueprint, and deletes only there',
    async (kind, blueprint) => {
      const world = await startWorld()
      await world.fill()
      for (const one of Object.values(blueprints)) {
        world.port.putEntity(one, { identifier: 'stale' }, 'wiz-to-port/0.0.9 (installation/wiz)')
      }
      const result = await world.run({ kinds: kind })
      expect(result.exitCode).toBe(0)
      expect(result.report?.kinds.map(one => one.kind)).toEqual([kind])
      const left = Object.values(blueprints).filter(one => world.port.entity(one, 'stale') !== undefined)
      expect(left).toEqual(Object.values(blueprints).filter(one => one !== blueprint))
      expect(numbers(result)).toMatchObject({ created: 0, updated: 0, deleted: 1 })
    },
  )

  it('with other filters have a crawl of their own', async () => {
    const world = await startWorld()
    const mapping = (await shippedMapping()).replace(
      /- kind: control\n {4}selector:/,
      '$&\n      severityList: [CRITICAL]',
    )
    const result = await world.run({}, { files: { '.github/wiz-to-port.yml': mapping } })
    expect(result.exitCode).toBe(0)
    expect(world.pagesOf('issuesV2')).toBe(2)
    const filters = world.wiz.requests
      .filter(({ body }) => body.includes('issuesV2('))
      .map(({ body }) => JSON.parse(body).variables.filterBy)
    expect(filters).toEqual(
      expect.arrayContaining([
        { status: ['IN_PROGRESS', 'OPEN'] },
        { status: ['IN_PROGRESS', 'OPEN'], severity: ['CRITICAL'] },
      ]),
    )
  })

  it('leave empty filter lists out, because Wiz refuses them', async () => {
    const world = await startWorld()
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'',
      "query: 'true'\nseverityList: []\nstatusList: [RESOLVED]",
    )
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(0)
    const resolved = [...Array(120).keys()].filter(index => world.tenant.head(index)?.status === 'RESOLVED').length
    expect(held(world.port, 'wizIssue')).toHaveLength(resolved)
  })

  it('count what selector.query leaves out', async () => {
    const world = await startWorld()
    const files = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIssue"\'', 'query: .severity == "HIGH"')
    const result = await world.run({}, { files })
    const open = [...world.tenant.openIssues()]
    const high = open.filter(({ severity }) => severity === 'HIGH').length
    expect(numbers(result)).toMatchObject({ created: high, skipped: open.length - high, failed: 0 })
  })
})

async function shippedMapping(): Promise<string> {
  const { readFile } = await import('node:fs/promises')
  return readFile('mappings/wiz.yml', 'utf8')
}
