/** What changes in Wiz while a sync is about to write what it read before. */
import { describe, expect, it } from 'vitest'
import { dispatch, held, holdOnce, mappingOf, numbers, startWorld, type World } from './harness.ts'

const A = 'aaaaaaaa-2222-4333-8444-555555555555'
const B = 'bbbbbbbb-2222-4333-8444-555555555555'
const rule = (id: string) => ({ __typename: 'Control', id, name: id, description: 'Text' })

function addIssue({ tenant }: World, id: string, fields: Record<string, unknown> = {}): void {
  tenant.addIssue({
    id,
    status: 'OPEN',
    severity: 'LOW',
    createdAt: '2026-01-01T00:00:00Z',
    sourceRules: [],
    ...fields,
  })
}

/** Runs a sync up to its first write to a blueprint, changes something, and lets it go on. */
async function syncAround(
  world: World,
  blueprint: string,
  change: () => unknown,
  inputs: Record<string, string> = {},
  files: Record<string, string> = {},
) {
  const hold = holdOnce(world.port, { path: new RegExp(`/${blueprint}/entities/bulk$`) })
  const running = world.run(inputs, { files })
  await hold.arrival
  await change()
  hold.go()
  return running
}

describe('a sync that overlaps a live event ends at what Wiz has', () => {
  it('when an issue is edited and its status stays', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
    addIssue(world, A)
    await world.fill()
    world.tenant.editIssue(A, { severity: 'HIGH' })
    const result = await syncAround(world, 'wizIssue', async () => {
      world.tenant.editIssue(A, { severity: 'CRITICAL' })
      await dispatch(world, { issue: { id: A } })
    })
    expect(result.exitCode).toBe(0)
    expect(world.port.entity('wizIssue', A)?.properties.severity).toBe('CRITICAL')
    expect(numbers(await world.run())).toMatchObject({ created: 0, updated: 0, deleted: 0 })
  })

  it('when an issue is deleted before it is created, with its rule', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
    await world.fill()
    addIssue(world, A, { sourceRules: [rule('own')] })
    const result = await syncAround(world, 'wizIssue', async () => {
      world.tenant.deleteIssue(A)
      await dispatch(world, { issue: { id: A } })
    })
    expect(result.exitCode).toBe(0)
    expect(held(world.port, 'wizIssue')).not.toContain(A)
    expect(held(world.port, 'wizControl')).not.toContain('own')
  })

  it('when a project is edited, or deleted', async () => {
    const world = await startWorld({ tenant: { projects: 20, issues: 0 } })
    await world.fill()
    const [edited, deleted] = world.tenant.projects().filter(({ archived }) => archived !== true)
    for (const one of [edited, deleted]) world.tenant.editProject(one?.id ?? '', { description: 'Edited' })
    const result = await syncAround(world, 'wizProject', async () => {
      world.tenant.editProject(edited?.id ?? '', { description: 'Edited again' })
      world.tenant.deleteProject(deleted?.id ?? '')
      await dispatch(world, { projects: [edited?.id, deleted?.id] })
    })
    expect(result.exitCode).toBe(0)
    expect(world.port.entity('wizProject', edited?.id ?? '')?.properties.description).toBe('Edited again')
    expect(held(world.port, 'wizProject')).not.toContain(deleted?.id)
  })
})

it('a live event deletes nothing that a sync wrote after the event had looked at Wiz', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
  addIssue(world, A)
  await world.fill()
  world.tenant.resolve(A)
  const hold = holdOnce(world.port, { path: /entities\/search$/ })
  const running = dispatch(world, { issue: { id: A } })
  await hold.arrival
  world.tenant.reopen(A)
  world.tenant.editIssue(A, { severity: 'HIGH' })
  await world.fill()
  expect(world.port.entity('wizIssue', A)?.properties.severity).toBe('HIGH')
  const before = { ...world.port.writes }
  hold.go()
  expect((await running).exitCode).toBe(0)
  // Not even for as long as it would take to look at Wiz once more.
  expect(world.port.writes).toEqual(before)
})

it('a sync that is held to a plan does what was approved, and nothing that came later', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
  addIssue(world, A)
  await world.fill()
  addIssue(world, B)
  const { outputs } = await world.run({}, { event: 'pull_request' })
  const inputs = { 'expect-plan-id': outputs['plan-id'] ?? '' }
  const result = await syncAround(world, 'wizIssue', () => world.tenant.resolve(A), inputs)
  expect(result.exitCode).toBe(0)
  expect(numbers(result)).toMatchObject({ created: 1, updated: 0, deleted: 0 })
  expect(held(world.port, 'wizIssue')).toEqual(expect.arrayContaining([A, B]))
})

it('what is resolved meanwhile takes along no rule that other issues carry', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
  addIssue(world, A, { sourceRules: [rule('first'), rule('shared')] })
  addIssue(world, B, { sourceRules: [rule('other'), rule('shared')] })
  await world.fill()
  world.tenant.addIssues(3)
  const result = await syncAround(world, 'wizIssue', () => world.tenant.resolve(A))
  expect(result.exitCode).toBe(0)
  expect(held(world.port, 'wizIssue')).not.toContain(A)
  expect(held(world.port, 'wizControl')).toContain('shared')
  expect(held(world.port, 'wizControl')).not.toContain('first')
})

it('an accident that happens meanwhile is one all the same, though it comes in parts', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 400 } })
  const fields = 'identifier: .id\nblueprint: \'"wizIssue"\'\ntitle: .id'
  await world.fill(mappingOf('issue', fields))
  const owned = held(world.port, 'wizIssue').length
  const files = mappingOf('issue', `${fields}\nproperties:\n  severity: .severity`)
  const change = () => {
    for (const { id } of [...world.tenant.openIssues()].slice(0, 250)) world.tenant.resolve(id)
  }
  const result = await syncAround(world, 'wizIssue', change, {}, files)
  expect(result.outputs.conclusion).toBe('blocked')
  expect(result.exitCode).toBe(1)
  expect(result.summary).toMatch(new RegExp(`250 of ${owned} wizIssue .*max-delete-percent`))
  // A third of them is more than the guard allows, and nothing of it goes.
  expect(held(world.port, 'wizIssue')).toHaveLength(owned)
})

it('what the guard has blocked does not go one by one, when it is looked at for what else was made of it', async () => {
  const world = await startWorld({ tenant: { projects: 0, issues: 30 } })
  const resource = (mapping: string, query: string) =>
    (mappingOf('issue', mapping, query)['.github/wiz-to-port.yml'] ?? '').replace('resources:\n', '')
  const files = (query: string, severities: string) => ({
    '.github/wiz-to-port.yml': `resources:\n${resource('identifier: .id\nblueprint: \'"wizIssue"\'', `query: ${query}`)}${severities}`,
  })
  await world.fill(files("'true'", ''))
  const before = held(world.port, 'wizIssue')
  const severities = resource('identifier: .severity\nblueprint: \'"wizIssue"\'\ntitle: .id', "query: 'true'")
  const result = await world.run({}, { files: files('.severity == "CRITICAL"', severities) })
  expect(result.outputs.conclusion).toBe('blocked')
  expect(before.filter(id => !held(world.port, 'wizIssue').includes(id))).toEqual([])
})
