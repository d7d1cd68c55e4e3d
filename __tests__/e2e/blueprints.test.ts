import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { holdOnce, killSwitch, mappingOf, startWorld, type World } from './harness.ts'

const SHIPPED = new URL('../../mappings/blueprints/', import.meta.url)

const shipped = (file: string) => JSON.parse(readFileSync(new URL(file, SHIPPED), 'utf8'))

it('an empty Port is set up from the shipped files, and an existing blueprint stays as it is', async () => {
  const world = await startWorld()
  const own = {
    ...shipped('wiz-control.json'),
    title: 'Our own controls',
    schema: { ...shipped('wiz-control.json').schema },
  }
  world.port.putBlueprint(own)
  expect((await world.run()).exitCode).toBe(0)
  for (const file of readdirSync(SHIPPED)) {
    const { identifier, title, schema, relations } = shipped(file)
    expect(world.port.blueprints.get(identifier)).toMatchObject({
      schema: { properties: schema.properties },
      relations: relations ?? {},
      title: identifier === 'wizControl' ? 'Our own controls' : title,
    })
  }
})

it('blueprints beside the mapping file are created when the mapping needs them', async () => {
  const world = await startWorld()
  const blueprint = (identifier: string, target: string) => ({
    identifier,
    title: identifier,
    schema: { properties: { level: { type: 'string', title: 'Level' } } },
    relations: { other: { target, title: 'Other', required: false, many: false } },
    mirrorProperties: { level: { path: 'other.level', title: 'Level of the other' } },
  })
  const files = {
    ...mappingOf('project', 'identifier: .id\nblueprint: \'"team"\'\nproperties:\n  level: .name'),
    '.github/blueprints/team.json': JSON.stringify(blueprint('team', 'area')),
    '.github/blueprints/area.json': JSON.stringify(blueprint('area', 'team')),
    '.github/blueprints/unused.json': JSON.stringify({ ...blueprint('unused', 'team'), mirrorProperties: {} }),
  }
  const result = await world.run({}, { files })
  expect(result.exitCode).toBe(0)
  expect(result.report?.createdBlueprints).toEqual(['team', 'area'])
  expect(world.port.blueprints.get('team')).toMatchObject({ relations: { other: { target: 'area' } } })
  expect(world.port.blueprints.get('area')).toMatchObject({ mirrorProperties: { level: { path: 'other.level' } } })
  expect(world.port.blueprints.has('unused')).toBe(false)
})

describe('when a step of creating fails, Port is left as it was', () => {
  const steps: [string, object][] = [
    ['creating them', { method: 'POST', path: '/v1/blueprints', skip: 2 }],
    ['relating them', { method: 'PATCH', path: /blueprints\/wizIssue$/ }],
  ]
  it.each(steps)('%s', async (_, match) => {
    const world = await startWorld()
    const fault = {
      kind: 'respond' as const,
      status: 422,
      body: { ok: false, error: 'invalid_request', message: 'refused' },
    }
    world.port.faults.push({ match, times: 1, fault })
    const result = await world.run()
    expect(result.exitCode).toBe(1)
    expect([...world.port.blueprints.keys()]).toEqual([])
    const [message] = result.annotations.map(one => one.message)
    expect(message).toContain('refused. None of them is left in Port. Create them in Port')
    expect((await world.run()).exitCode).toBe(0)
  })

  it('or it is said what is left, in the order in which it was missing', async () => {
    const world = await startWorld()
    const create = { method: 'POST', path: '/v1/blueprints' }
    const first = holdOnce(world.port, create)
    const last = holdOnce(world.port, { ...create, skip: 2 })
    void last.arrival.then(() => {
      last.go()
      first.go()
    })
    const fault = { kind: 'respond' as const, status: 403, body: { ok: false, error: 'forbidden', message: 'refused' } }
    world.port.faults.push({ match: { method: 'PATCH', path: /blueprints\/wizIssue$/ }, times: 1, fault })
    world.port.faults.push({ match: { method: 'DELETE' }, times: Number.POSITIVE_INFINITY, fault })
    const result = await world.run()
    expect(result.annotations[0]?.message).toContain('Left in Port: wizProject, wizIssue, wizControl, wizServiceTicket')
  })
})

describe('a creation that was cut short', () => {
  const expectWhole = ({ port }: World) => {
    for (const file of readdirSync(SHIPPED)) {
      const { identifier, description, schema, relations } = shipped(file)
      expect(port.blueprints.get(identifier)).toMatchObject({
        description,
        schema: { properties: schema.properties },
        relations: relations ?? {},
      })
    }
  }
  /** Four are created, one is related to three, one to one, and all four are finished. */
  const REQUESTS = 10

  it('by the death of the process, at any of its requests, is brought to its end by the next run', async () => {
    for (let request = 0; request < REQUESTS; request += 1) {
      const world = await startWorld({ tenant: { projects: 2, issues: 5 } })
      const { kill, onStart } = killSwitch()
      world.port.faults.push({
        match: { method: /^(POST|PATCH)$/, path: /^\/v1\/blueprints(\/\w+)?$/, skip: request },
        times: 1,
        fault: { kind: 'hold', until: async () => kill('SIGKILL') },
      })
      expect((await world.run({}, { onStart })).exitCode, `request ${request}`).toBe(null)
      expect((await world.run()).exitCode, `request ${request}`).toBe(0)
      expectWhole(world)
    }
  })

  it('by an answer that was lost goes on, and leaves nothing half done', async () => {
    const world = await startWorld()
    world.port.faults.push({
      match: { method: 'POST', path: '/v1/blueprints' },
      times: 3,
      fault: { kind: 'lose-answer' },
    })
    expect((await world.run()).exitCode).toBe(0)
    expectWhole(world)
  })

  it('says in Port what to do, and is no blueprint of somebody else: that one is never changed', async () => {
    const world = await startWorld()
    const { relations: _, ...bare } = shipped('wiz-issue.json')
    world.port.putBlueprint({ ...bare, description: 'Our own issues' })
    expect((await world.run()).exitCode).toBe(1)
    expect(world.port.blueprints.get('wizIssue')).toMatchObject({ description: 'Our own issues', relations: {} })
  })
})

it('two first runs at once end with whole blueprints', async () => {
  const world = await startWorld({ port: { latencyMs: 20 } })
  await Promise.all([world.run(), world.run({ 'installation-id': 'second' })])
  for (const file of readdirSync(SHIPPED)) {
    const { identifier, description, relations } = shipped(file)
    expect(world.port.blueprints.get(identifier)).toMatchObject({ description, relations: relations ?? {} })
  }
})

it('what a blueprint in Port lacks is shown as JSON to add, and nothing is changed', async () => {
  const world = await startWorld()
  const { properties } = shipped('wiz-issue.json').schema
  const { severity, status, ...others } = properties
  for (const file of ['wiz-project.json', 'wiz-control.json', 'wiz-service-ticket.json']) {
    world.port.putBlueprint({ ...shipped(file), relations: {} })
  }
  world.port.putBlueprint({ ...shipped('wiz-issue.json'), schema: { properties: others }, relations: {} })
  const before = structuredClone(world.port.blueprints.get('wizIssue'))
  const fields = [
    'identifier: .id',
    'blueprint: \'"wizIssue"\'',
    'properties:',
    '  severity: .severity',
    '  status: .status',
    '  squadName: .entitySnapshot.name',
    'relations:',
    '  projects: .projects[].id',
    '  teams: .projects[].slug',
  ]
  const result = await world.run({}, { files: mappingOf('issue', fields.join('\n')) })
  expect(result.exitCode).toBe(1)
  expect(world.port.blueprints.get('wizIssue')).toEqual(before)
  expect(result.report?.drift).toEqual([
    {
      blueprint: 'wizIssue',
      properties: { severity, status, squadName: { title: 'Squad Name', type: 'string' } },
      relations: {
        projects: shipped('wiz-issue.json').relations.projects,
        teams: { title: 'Teams', target: expect.any(String), required: false, many: true },
      },
      guessed: ['properties.squadName', 'relations.teams'],
    },
  ])
  expect(result.summary).toContain('Blueprints in Port that lack fields')
  expect(result.summary).toContain('&quot;squadName&quot;: {')

  // Added as it says, the mapping fits.
  const [drift] = result.report?.drift ?? []
  world.port.changeBlueprint('wizIssue', {
    schema: { properties: { ...others, ...drift?.properties } },
    relations: { ...drift?.relations },
  })
  expect((await world.run({}, { files: mappingOf('issue', fields.slice(0, -1).join('\n')) })).exitCode).toBe(0)
})
