/** A plan writes nothing and says what apply would do; apply then does exactly that. */
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { held, mappingOf, numbers, startWorld, type World } from './harness.ts'

const PULL_REQUEST = { event: 'pull_request' }
const NOTHING = { created: 0, updated: 0, deleted: 0 }

/** A world that was synced once, and in which something of every sort has happened since. */
async function changedWorld(): Promise<World> {
  const world = await startWorld()
  expect((await world.run()).exitCode).toBe(0)
  const [resolved, edited] = [...world.tenant.openIssues()]
  world.tenant.resolve(resolved?.id ?? '')
  world.tenant.editIssue(edited?.id ?? '', { severity: 'INFORMATIONAL', dueAt: '2031-01-01T00:00:00Z' })
  world.tenant.addIssues(3)
  return world
}

it('in a pull request writes nothing, and counts what apply then does', async () => {
  const world = await changedWorld()
  const before = { ...world.port.writes }
  const plan = await world.run({}, PULL_REQUEST)
  expect(plan.exitCode).toBe(0)
  expect(plan.log).toContain('Mode plan: mode is auto, and the event is pull_request')
  expect(world.port.writes).toMatchObject({ ...before, validated: expect.any(Number) })
  expect(plan.outputs).toMatchObject({ 'has-changes': 'true', conclusion: 'success' })
  expect(plan.outputs['plan-id']).toMatch(/^\d+-\d+-\d+-[0-9a-f]{16}$/)

  const apply = await world.run({}, { event: 'push' })
  expect(apply.log).toContain('Mode apply: mode is auto, and the event is push')
  expect(numbers(apply)).toEqual(numbers(plan))
  expect(apply.report?.operations).toEqual(plan.report?.operations)
  expect(apply.outputs['plan-id']).toBe(plan.outputs['plan-id'])

  const again = await world.run({}, PULL_REQUEST)
  expect(numbers(again)).toMatchObject(NOTHING)
  expect(again.outputs['has-changes']).toBe('false')
})

it('names every operation with the fields that differ', async () => {
  const world = await changedWorld()
  const plan = await world.run({}, PULL_REQUEST)
  const updates = plan.report?.operations.filter(
    ({ action, blueprint }) => action === 'update' && blueprint === 'wizIssue',
  )
  expect(updates).toEqual([expect.objectContaining({ fields: ['properties.dueAt', 'properties.severity'] })])
  const creates = plan.report?.operations.filter(
    ({ action, blueprint }) => action === 'create' && blueprint === 'wizIssue',
  )
  expect(creates?.length).toBe([...world.tenant.openIssues()].length - held(world.port, 'wizIssue').length + 1)
  for (const { fields, title } of creates ?? []) {
    expect(fields).toContain('properties.status')
    expect(title).toEqual(expect.any(String))
  }
})

it('of an empty Port creates neither blueprints nor entities, and names both', async () => {
  const world = await startWorld()
  const plan = await world.run({}, PULL_REQUEST)
  expect(plan.exitCode).toBe(0)
  expect(world.port.blueprints.size).toBe(0)
  expect(world.port.writes).toMatchObject(NOTHING)
  expect(plan.report?.createdBlueprints).toContain('wizIssue')
  expect(plan.summary).toContain('Apply would create the missing blueprints')
  const apply = await world.run({})
  expect(numbers(apply)).toEqual(numbers(plan))
  expect(apply.outputs['plan-id']).toBe(plan.outputs['plan-id'])
})

it('has in it what Port would refuse', async () => {
  const world = await startWorld()
  await world.fill()
  const files = mappingOf(
    'issue',
    'identifier: .id\nblueprint: \'"wizIssue"\'\nproperties:\n  severity: \'"GRAVE" | .\'',
  )
  const before = { ...world.port.writes }
  const plan = await world.run({}, { ...PULL_REQUEST, files })
  const issues = [...world.tenant.openIssues()].length
  expect(plan.exitCode).toBe(1)
  expect(numbers(plan)).toMatchObject({ updated: 0, failed: issues })
  expect(plan.report?.failures[0]?.reason).toContain('severity')
  expect(world.port.writes).toEqual(before)
})

it('is blocked where apply would be, and says so first', async () => {
  const world = await startWorld()
  await world.fill()
  for (const { id } of world.tenant.openIssues()) world.tenant.resolve(id)
  const plan = await world.run({}, PULL_REQUEST)
  expect(plan.exitCode).toBe(1)
  expect(plan.outputs.conclusion).toBe('blocked')
  const [headline = '', first = ''] = plan.summary
    .split('\n\n')
    .slice(0, 3)
    .filter((_, index) => index !== 1)
  expect(headline).toContain('🛑 📋 Plan')
  expect(first).toMatch(/deletion blocked\. .*(max-delete-percent|allow-mass-delete)/)
  expect(held(world.port, 'wizIssue').length).toBeGreaterThan(10)
})

it('in a pull request from a fork, which has no secrets, the mapping is only checked', async () => {
  const world = await startWorld()
  const none = Object.fromEntries(
    ['wiz-client-id', 'wiz-client-secret', 'port-client-id', 'port-client-secret'].map(name => [name, '']),
  )
  const result = await world.run(none, PULL_REQUEST)
  expect(result.exitCode).toBe(0)
  expect(result.log).toContain('Mode validate: mode is auto, and the event is pull_request, without credentials')
  expect(world.wiz.requests).toEqual([])
})

describe('expect-plan-id', () => {
  it('lets apply do what was approved, and nothing else', async () => {
    const world = await changedWorld()
    const plan = await world.run({}, PULL_REQUEST)
    const id = plan.outputs['plan-id'] ?? ''
    const apply = await world.run({ 'expect-plan-id': id }, { event: 'workflow_dispatch' })
    expect(apply.exitCode).toBe(0)
    expect(numbers(apply)).toEqual(numbers(plan))
    expect(apply.report?.operations).toEqual(plan.report?.operations)
    expect(apply.outputs['plan-id']).toBe(id)
  })

  it('refuses, with the numbers of both, when the plan is another one by now', async () => {
    const world = await changedWorld()
    const id = (await world.run({}, PULL_REQUEST)).outputs['plan-id'] ?? ''
    world.tenant.addIssues(2)
    const before = { ...world.port.writes }
    const apply = await world.run({ 'expect-plan-id': id })
    expect(apply.exitCode).toBe(1)
    expect(world.port.writes).toEqual(before)
    const [create] = id.split('-').map(Number)
    expect(apply.report?.problems[0]?.message).toMatch(
      new RegExp(
        `^expect-plan-id: the plan is .*, and ${id} was approved: ${create} to create were approved, \\d+ are planned now;`,
      ),
    )
    expect(numbers(apply)).toMatchObject(NOTHING)
  })

  it('creates the blueprints of an approved first run', async () => {
    const world = await startWorld()
    const plan = await world.run({}, PULL_REQUEST)
    const refused = await world.run({ 'expect-plan-id': '1-0-0-0123456789abcdef' })
    expect(refused.report?.createdBlueprints).toEqual([])
    const apply = await world.run({ 'expect-plan-id': plan.outputs['plan-id'] ?? '' })
    expect(apply.exitCode).toBe(0)
    expect(numbers(apply)).toEqual(numbers(plan))
    expect(world.port.blueprints.size).toBe(4)
  })

  it('does not let a mapping replace entities whose merge was approved, and says what the numbers do not', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 5 } })
    await world.fill()
    const files = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIssue"\'\nproperties:\n  severity: \'"LOW"\'')
    const [[path, mapping] = []] = Object.entries(files)
    const flagged = (flag: string) => ({ [path ?? '']: `${flag}\n${mapping}` })
    const plan = await world.run({}, { ...PULL_REQUEST, files: flagged('enableMergeEntity: true') })
    const approved = { 'expect-plan-id': plan.outputs['plan-id'] ?? '' }
    const before = { ...world.port.writes }
    for (const flag of ['enableMergeEntity: false', 'createMissingRelatedEntities: false']) {
      const apply = await world.run(approved, { files: flagged(flag) })
      expect(apply.exitCode).toBe(1)
      expect(apply.report?.problems[0]?.message).toContain('the numbers are the same, but not what is written')
      expect(apply.report?.problems[0]?.message).toContain('No blueprint and no entity was written')
      expect(world.port.writes).toEqual(before)
    }
    expect((await world.run(approved, { files })).exitCode).toBe(0)
  })

  it('does not create another blueprint under the name of the approved one', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 5 } })
    const mapping = mappingOf('project', 'identifier: .id\nblueprint: \'"team"\'\nproperties:\n  level: .name')
    const files = (properties: object) => ({
      ...mapping,
      '.github/blueprints/team.json': JSON.stringify({
        identifier: 'team',
        title: 'Team',
        schema: { properties: { level: { type: 'string' }, ...properties } },
        relations: {},
      }),
    })
    const plan = await world.run({}, { ...PULL_REQUEST, files: files({}) })
    const approved = { 'expect-plan-id': plan.outputs['plan-id'] ?? '' }
    const other = await world.run(approved, { files: files({ other: { type: 'number', title: 'Other' } }) })
    expect(other.exitCode).toBe(1)
    expect(world.port.blueprints.size).toBe(0)
    expect((await world.run(approved, { files: files({}) })).exitCode).toBe(0)
  })

  it.each([
    [{ 'expect-plan-id': 'abc' }, /^expect-plan-id: "abc" is not the id of a plan/],
    [{ 'expect-plan-id': '1-2-3-0123456789abcdef', mode: 'plan' }, /^expect-plan-id: only apply can be held to a plan/],
  ])('that makes no sense is refused: %j', async (inputs, expected) => {
    const world = await startWorld()
    const result = await world.run(inputs)
    expect(result.annotations.map(({ message }) => message)).toEqual([expect.stringMatching(expected)])
    expect(world.wiz.requests).toEqual([])
  })
})

it.each(['schedule', 'push', 'workflow_dispatch'])('on %s, auto applies', async event => {
  const world = await startWorld({ tenant: { projects: 3, issues: 5 } })
  const result = await world.run({}, { event })
  expect(result.log).toContain(`Mode apply: mode is auto, and the event is ${event}`)
  expect(Number(result.outputs.created)).toBeGreaterThan(0)
})

it('the file of the action knows every input and output that is used', () => {
  const action = readFileSync('action.yml', 'utf8')
  for (const name of ['expect-plan-id', 'plan-id', 'mode']) expect(action).toContain(`\n  ${name}:\n`)
})
