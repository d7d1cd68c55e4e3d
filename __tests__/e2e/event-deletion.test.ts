/** What a live event must not delete, and how much. */
import { describe, expect, it } from 'vitest'
import { dispatch, held, mappingOf, numbers, requestsSince, startWorld, type World } from './harness.ts'

const A = 'aaaaaaaa-2222-4333-8444-555555555555'
const B = 'bbbbbbbb-2222-4333-8444-555555555555'
const rule = (id: string) => ({ __typename: 'Control', id, name: id, description: 'Text' })
const ticket = (id: string) => ({ externalId: id, name: id, url: `https://tickets.example/${id}` })
const SETTLED = { created: 0, updated: 0, deleted: 0 }

function addIssue({ tenant }: World, id: string, fields: Record<string, unknown> = {}): void {
  tenant.addIssue({
    id,
    status: 'OPEN',
    severity: 'HIGH',
    createdAt: '2026-01-01T00:00:00Z',
    sourceRules: [],
    serviceTickets: [],
    ...fields,
  })
}

function end({ tenant }: World, how: string): void {
  if (how === 'resolved') tenant.resolve(A)
  else tenant.deleteIssue(A)
}

describe.each(['resolved', 'gone'])('of an issue that is %s', how => {
  it('what other issues carry stays, whether or not anything in Port points to it', async () => {
    const world = await startWorld({ tenant: { projects: 3, issues: 20 } })
    addIssue(world, A, {
      sourceRules: [rule('shared'), rule('own'), rule('second')],
      serviceTickets: [ticket('T#1'), ticket('T-2')],
    })
    // The shipped mapping relates an issue to its first rule only.
    addIssue(world, B, { sourceRules: [rule('other'), rule('second')], serviceTickets: [ticket('T#1')] })
    addIssue(world, B.replace('b', 'c'), { sourceRules: [rule('shared')] })
    await world.fill()
    end(world, how)
    const requests = requestsSince(world)
    const result = await dispatch(world, { issue: { id: A } })
    expect(requests()).toBeLessThanOrEqual(8)
    expect(result.exitCode).toBe(0)
    expect(held(world.port, 'wizIssue')).not.toContain(A)
    expect(held(world.port, 'wizControl')).toEqual(expect.arrayContaining(['shared', 'second', 'other']))
    expect(held(world.port, 'wizServiceTicket')).toContain('T-1')
    expect(held(world.port, 'wizServiceTicket')).not.toContain('T-2')
    // Of what is gone Port only knows what it points to.
    expect(held(world.port, 'wizControl').includes('own')).toBe(how === 'gone')
    expect(numbers(await world.run())).toMatchObject({ created: 0, updated: 0, deleted: how === 'gone' ? 1 : 0 })
  })
})

const UNRELATED = `resources:
  - kind: control
    selector: {query: 'true'}
    port: {entity: {mappings: {identifier: '"rule-" + .id', blueprint: '"wizControl"', title: .name}}}
  - kind: issue
    selector: {query: 'true', severityList: [HIGH]}
    port: {entity: {mappings: {identifier: .id, blueprint: '"wizIssue"', title: .id}}}
`

it('a rule stays that an issue carries which only the selector of the rules passes', async () => {
  const world = await startWorld({ tenant: { projects: 3, issues: 20 } })
  const files = { '.github/wiz-to-port.yml': UNRELATED }
  addIssue(world, A, { sourceRules: [rule('popular'), rule('own')] })
  addIssue(world, B, { sourceRules: [rule('popular')], severity: 'LOW' })
  await world.fill(files)
  world.tenant.resolve(A)
  const result = await dispatch(world, { issue: { id: A } }, {}, files)
  expect(numbers(result)).toMatchObject({ deleted: 2 })
  expect(held(world.port, 'wizControl')).toContain('rule-popular')
  expect(held(world.port, 'wizControl')).not.toContain('rule-own')
  expect(numbers(await world.run({}, { files }))).toMatchObject(SETTLED)
})

it('what Wiz does not say in one answer is left to the next sync', async () => {
  const world = await startWorld({ tenant: { projects: 3, issues: 0 } })
  // More than a page of issues have tickets: not all of them are seen.
  for (let at = 0; at < 501; at += 1) addIssue(world, `many-${at}`, { serviceTickets: [ticket('popular')] })
  addIssue(world, A, { sourceRules: [rule('own')], serviceTickets: [ticket('own')] })
  await world.fill()
  world.tenant.resolve(A)
  const result = await dispatch(world, { issue: { id: A } })
  expect(numbers(result)).toMatchObject({ deleted: 2 })
  expect(held(world.port, 'wizControl')).toEqual([])
  expect(result.log).toContain('wizServiceTicket: 1 are left to the next sync')
  expect(numbers(await world.run())).toMatchObject({ created: 0, updated: 0, deleted: 1 })
})

it('what stale issues in Port still point to takes no more requests', async () => {
  const world = await startWorld({ tenant: { projects: 3, issues: 20 } })
  const carried = { sourceRules: [rule('r-1'), rule('r-2')], serviceTickets: [ticket('T-1'), ticket('T-2')] }
  addIssue(world, A, carried)
  addIssue(world, B, carried)
  await world.fill()
  world.tenant.resolve(A)
  world.tenant.resolve(B)
  const requests = requestsSince(world)
  expect((await dispatch(world, { issue: { id: A } })).exitCode).toBe(0)
  expect(requests()).toBeLessThanOrEqual(8)
  await dispatch(world, { issue: { id: B } })
  expect(numbers(await world.run())).toMatchObject(SETTLED)
})

it('what a resource writes that is left out of the run stays', async () => {
  const world = await startWorld({ tenant: { projects: 3, issues: 20 } })
  const resource = (severity: string) => `
  - kind: issue
    selector: {query: 'true', severityList: [${severity}]}
    port: {entity: {mappings: {identifier: .id, blueprint: '"wizIssue"', title: .id}}}`
  const files = {
    '.github/wiz-to-port.yml': `resources:${resource('HIGH')}${resource('LOW').replace('issue', 'control')}`,
  }
  addIssue(world, A)
  await world.fill(files)
  world.tenant.resolve(A)
  await dispatch(world, { issue: { id: A } }, { kinds: 'issue' }, files)
  expect(held(world.port, 'wizIssue')).toContain(A)
})

describe('an issue that fails is kept, as in a sync', () => {
  const failing: [string, string, string][] = [
    ['selector.query gives a text', `'if .severity == "CRITICAL" then "yes" else true end'`, '.id'],
    ['selector.query fails', `'if .severity == "CRITICAL" then error("no") else true end'`, '.id'],
    ['selector.query hangs', `'if .severity == "CRITICAL" then (def f: f; f) else true end'`, '.id'],
    ['its identifier fails', "'true'", 'if .severity == "CRITICAL" then error("no") else .id end'],
  ]
  it.each(failing)('%s', async (_, query, identifier) => {
    const world = await startWorld({ tenant: { projects: 3, issues: 20 } })
    const fields = `identifier: '${identifier}'\nblueprint: '"wizIssue"'\ntitle: .id`
    const files = mappingOf('issue', fields, `query: ${query}`)
    addIssue(world, A)
    addIssue(world, B)
    await world.fill(mappingOf('issue', `identifier: .id\nblueprint: '"wizIssue"'\ntitle: .id`))
    world.tenant.editIssue(A, { severity: 'CRITICAL' })
    world.tenant.resolve(B)
    const result = await dispatch(world, { issues: [A, B] }, {}, files)
    expect(held(world.port, 'wizIssue')).toEqual(expect.arrayContaining([A, B]))
    expect(numbers(result)).toMatchObject({ deleted: 0, failed: 1 })
    expect(result.exitCode).toBe(1)
  })
})

describe('the guard holds for an event', () => {
  it('that would take more than max-delete-percent', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 60 } })
    await world.fill()
    const owned = held(world.port, 'wizIssue').length
    const ids = [...world.tenant.openIssues()].map(({ id }) => id)
    for (const id of ids.slice(0, -1)) world.tenant.resolve(id)
    const issues = ids.slice(0, -1)
    const blocked = await dispatch(world, { issues })
    expect(blocked.outputs.conclusion).toBe('blocked')
    expect(blocked.exitCode).toBe(1)
    expect(blocked.summary).toMatch(
      new RegExp(`${owned - 1} of ${owned} wizIssue .*max-delete-percent .*allow-mass-delete: true`),
    )
    expect(held(world.port, 'wizIssue')).toHaveLength(owned)

    const allowed = await dispatch(world, { issues }, { 'allow-mass-delete': 'true' })
    expect(allowed.exitCode).toBe(0)
    expect(held(world.port, 'wizIssue')).toHaveLength(1)
  })

  it('by the same share as in a sync, and without more requests where no share could block it', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 60 } })
    addIssue(world, A)
    addIssue(world, B)
    await world.fill()
    world.tenant.resolve(A)
    const searches = () =>
      world.port.requests.filter(({ path }) => path === '/v1/blueprints/wizIssue/entities/search').length
    const before = searches()
    expect((await dispatch(world, { issue: { id: A } })).exitCode).toBe(0)
    expect(searches()).toBe(before)
    // One of fifty is less than 5 %, and more than 1 %.
    world.tenant.resolve(B)
    const blocked = await dispatch(world, { issue: { id: B } }, { 'max-delete-percent': '1' })
    expect(blocked.outputs.conclusion).toBe('blocked')
    expect(held(world.port, 'wizIssue')).toContain(B)
    expect((await dispatch(world, { issue: { id: B } }, { 'max-delete-percent': '5' })).exitCode).toBe(0)
    expect(held(world.port, 'wizIssue')).not.toContain(B)
  })
})
