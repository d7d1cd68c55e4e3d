import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  dispatch,
  held,
  mappingOf,
  numbers,
  requestsSince,
  startWorld,
  type World,
  type WorldOptions,
} from './harness.ts'

type Json = Record<string, unknown>

/** A world after a sync, and one of its open issues that has a rule and tickets. */
async function startSynced(options: WorldOptions = {}): Promise<World & { issue: Json & { id: string } }> {
  const world = await startWorld(options)
  const id = world.tenant.addIssue({
    id: '11111111-2222-4333-8444-555555555555',
    status: 'OPEN',
    sourceRules: [{ __typename: 'Control', id: 'rule-of-its-own', name: 'Its own rule', description: 'Text' }],
    serviceTickets: [{ externalId: 'TICKET-1', name: 'Its ticket', url: 'https://tickets.example/1' }],
  })
  expect((await world.run()).exitCode).toBe(0)
  return { ...world, issue: { id } }
}

describe('payloads', () => {
  const issue = { issue: { id: '11111111-2222-4333-8444-555555555555' } }
  const accepted: [string, unknown][] = [
    ['an issue', issue],
    ['a list of issues', { issues: ['11111111-2222-4333-8444-555555555555'] }],
    ["Wiz's default body", { trigger: { source: 'ISSUE' }, ...issue, resource: { id: 'i-1' }, control: { id: 'c' } }],
    ["Wiz's default body under a key", { wiz: { trigger: { source: 'ISSUE' }, ...issue, resource: {}, control: {} } }],
  ]
  it.each(accepted)('%s is followed', async (_, payload) => {
    const world = await startSynced()
    world.tenant.editIssue(world.issue.id, { severity: 'CRITICAL' })
    const result = await dispatch(world, payload)
    expect(result.exitCode).toBe(0)
    expect(numbers(result)).toMatchObject({ created: 0, updated: 1, deleted: 0 })
    expect(world.port.entity('wizIssue', world.issue.id)?.properties).toMatchObject({ severity: 'CRITICAL' })
  })

  it('projects are followed in the same way', async () => {
    const world = await startSynced()
    const [first, second] = world.tenant.projects().filter(({ archived }) => archived !== true)
    world.tenant.editProject(first?.id ?? '', { description: 'Edited' })
    world.tenant.editProject(second?.id ?? '', { archived: true })
    const one = await dispatch(world, { project: { id: first?.id } })
    expect(numbers(one)).toMatchObject({ updated: 1 })
    expect(world.port.entity('wizProject', first?.id ?? '')?.properties).toMatchObject({ description: 'Edited' })
    // An issue still points to the other one, or it goes: both are as a sync would have it.
    const two = await dispatch(world, { projects: [second?.id] })
    expect(two.exitCode).toBe(0)
    const used = world.port.entities('wizIssue').some(({ relations }) => relations.projects?.includes(second?.id ?? ''))
    expect(held(world.port, 'wizProject').includes(second?.id ?? '')).toBe(used)
  })

  const refused: [string, unknown][] = [
    ['nothing', undefined],
    ['a text', 'issue'],
    ['no id', { issue: { status: 'OPEN' } }],
    ['a template that nobody filled', { issue: { id: '{{issue.id}}' } }],
    ['an id that is a query', { issue: { id: '") { id } }' } }],
    ['more ids than a look takes', { issues: Array.from({ length: 101 }, (_, index) => `id-${index}`) }],
    ['an empty list', { issues: [] }],
    ['two things at once', { ...issue, project: { id: 'p' } }],
    ['two keys', { wiz: issue, other: issue }],
    ['keys of a prototype', JSON.parse('{"__proto__": {"issue": {"id": "a"}}, "constructor": {"id": "b"}}')],
  ]
  it.each(refused)('%s is refused, with what was expected, before anything is asked', async (_, payload) => {
    const world = await startWorld()
    const result = await dispatch(world, payload)
    expect(result.exitCode).toBe(1)
    expect(result.annotations.map(({ message }) => message).join('\n')).toMatch(/client_payload: .*expected \{"issue"/)
    expect([...world.wiz.requests, ...world.port.requests]).toEqual([])
  })

  it('are not trusted for more than ids', async () => {
    const world = await startSynced()
    const before = world.port.entity('wizIssue', world.issue.id)
    const payload = { issue: { ...world.issue, status: 'REJECTED', severity: 'LOW' }, control: { id: 'evil' } }
    expect((await dispatch(world, payload)).exitCode).toBe(0)
    expect(world.port.entity('wizIssue', world.issue.id)).toEqual(before)
    expect(world.port.entity('wizControl', 'evil')).toBeUndefined()
  })

  it('mode event without a dispatch is refused', async () => {
    const world = await startWorld()
    const result = await world.run({ mode: 'event' }, { event: 'schedule' })
    expect(result.annotations.map(({ message }) => message).join('\n')).toContain('mode: event takes its issue from')
  })
})

describe('an issue', () => {
  it('that is new is written with its rule and its tickets, with at most eight requests', async () => {
    const world = await startWorld()
    await world.fill()
    const id = world.tenant.addIssue({
      id: 'aaaaaaaa-2222-4333-8444-555555555555',
      status: 'OPEN',
      sourceRules: [{ __typename: 'Control', id: 'new-rule', name: 'New rule', description: 'Text' }],
      serviceTickets: [{ externalId: 'NEW##1', name: 'New ticket', url: 'https://tickets.example/2' }],
    })
    const requests = requestsSince(world)
    const result = await dispatch(world, { issue: { id } })
    expect(result.exitCode).toBe(0)
    expect(requests()).toBeLessThanOrEqual(8)
    expect(numbers(result)).toMatchObject({ created: 3, updated: 0, deleted: 0 })
    expect(world.port.entity('wizIssue', id)?.relations).toMatchObject({
      control: 'new-rule',
      serviceTickets: ['NEW--1'],
    })
    expect(world.port.entity('wizControl', 'new-rule')).toMatchObject({ title: 'New rule' })
    expect(world.port.entity('wizServiceTicket', 'NEW--1')).toMatchObject({ title: 'New ticket' })
    expect(result.summary).toContain('Live event followed')
    expect(result.report).toMatchObject({ mode: 'event', event: { source: 'issues', ids: [id] } })
    // What a sync would make of it is the same.
    expect(numbers(await world.run())).toMatchObject({ created: 0, updated: 0, deleted: 0 })
  })

  it('that has not changed is not written again', async () => {
    const world = await startSynced()
    const before = world.entityWrites()
    const result = await dispatch(world, { issue: world.issue })
    expect(numbers(result)).toMatchObject({ created: 0, updated: 0, unchanged: 3, deleted: 0 })
    expect(world.entityWrites()).toBe(before)
    expect(result.summary).toContain('nothing to change')
  })

  it.each(['resolved', 'gone', 'left out by selector.query'])(
    'that is %s goes, with what only it carried',
    async how => {
      const world = await startSynced()
      const files =
        how === 'left out by selector.query'
          ? {
              '.github/wiz-to-port.yml': shipped().replace(
                "kind: issue\n    selector:\n      query: 'true'",
                `kind: issue\n    selector:\n      query: .id != "${world.issue.id}"`,
              ),
            }
          : {}
      if (how === 'resolved') world.tenant.resolve(world.issue.id)
      if (how === 'gone') world.tenant.deleteIssue(world.issue.id)
      const requests = requestsSince(world)
      const result = await dispatch(world, { issue: world.issue }, {}, files)
      expect(result.exitCode).toBe(0)
      expect(world.port.entity('wizIssue', world.issue.id)).toBeUndefined()
      // The rule is still wanted where only the issue's own resource leaves it out.
      const left = how === 'left out by selector.query'
      expect(numbers(result)).toMatchObject({ deleted: left ? 1 : 3 })
      expect(world.port.entity('wizControl', 'rule-of-its-own') !== undefined).toBe(left)
      if (!left) expect(requests()).toBeLessThanOrEqual(8)
      expect(numbers(await world.run({}, { files }))).toMatchObject({ created: 0, updated: 0, deleted: 0 })
    },
  )

  it('leaves behind what another entity points to', async () => {
    const world = await startSynced()
    world.tenant.addIssue({
      id: 'bbbbbbbb-2222-4333-8444-555555555555',
      status: 'OPEN',
      sourceRules: [{ __typename: 'Control', id: 'rule-of-its-own', name: 'Its own rule', description: 'Text' }],
      serviceTickets: [],
    })
    await world.fill()
    world.tenant.resolve(world.issue.id)
    const result = await dispatch(world, { issue: world.issue })
    expect(result.exitCode).toBe(0)
    expect(numbers(result)).toMatchObject({ deleted: 2 })
    expect(world.port.entity('wizControl', 'rule-of-its-own')).toBeDefined()
    expect(world.port.entity('wizServiceTicket', 'TICKET-1')).toBeUndefined()
  })

  it('of another writer stays, resolved or not', async () => {
    const world = await startSynced()
    const entity = world.port.entity('wizIssue', world.issue.id)
    world.port.putEntity('wizIssue', { ...entity }, 'Mozilla/5.0')
    world.tenant.resolve(world.issue.id)
    const result = await dispatch(world, { issue: world.issue })
    expect(numbers(result)).toMatchObject({ deleted: 0 })
    expect(world.port.entity('wizIssue', world.issue.id)).toBeDefined()
  })

  it('stays when it is not the only one that its entity stands for', async () => {
    const world = await startSynced()
    const files = mappingOf('issue', 'identifier: \'"all-issues"\'\nblueprint: \'"wizIssue"\'')
    world.port.putEntity('wizIssue', { identifier: 'all-issues' }, 'wiz-to-port/0.0.1 (installation/wiz)')
    world.tenant.resolve(world.issue.id)
    await dispatch(world, { issue: world.issue }, {}, files)
    expect(world.port.entity('wizIssue', 'all-issues')).toBeDefined()
  })

  it('stays when Wiz shows no issue at all, and the step fails', async () => {
    const world = await startSynced()
    for (const { id } of [...world.tenant.openIssues()]) world.tenant.deleteIssue(id)
    world.wiz.faults.push({
      match: { body: /query Look/ },
      times: Number.POSITIVE_INFINITY,
      fault: {
        kind: 'rewrite',
        rewrite: () => ({ data: { all: { nodes: [] }, any: { nodes: [] }, passing0: { nodes: [] } } }),
      },
    })
    const result = await dispatch(world, { issue: world.issue })
    expect(result.outputs.conclusion).toBe('blocked')
    expect(result.exitCode).toBe(1)
    expect(world.port.entity('wizIssue', world.issue.id)).toBeDefined()
  })

  it('stays when Wiz answers with an error, and with delete-stale: false', async () => {
    const world = await startSynced()
    world.tenant.resolve(world.issue.id)
    const patient = await dispatch(world, { issue: world.issue }, { 'delete-stale': 'false' })
    expect(patient.exitCode).toBe(0)
    world.wiz.faults.push({
      match: { body: /query Look/ },
      times: 1,
      fault: { kind: 'rewrite', rewrite: body => ({ ...(body as Json), errors: [{ message: 'one field failed' }] }) },
    })
    const failed = await dispatch(world, { issue: world.issue })
    expect(failed.exitCode).toBe(1)
    expect(world.port.entity('wizIssue', world.issue.id)).toBeDefined()
  })
})

it('a hundred issues are one look', async () => {
  const world = await startWorld({ tenant: { issues: 150 } })
  await world.fill()
  const open = [...world.tenant.openIssues()].slice(0, 40)
  for (const { id } of open.slice(0, 20)) world.tenant.editIssue(id, { dueAt: '2029-01-01T00:00:00Z' })
  for (const { id } of open.slice(20)) world.tenant.resolve(id)
  const result = await dispatch(world, { issues: open.map(({ id }) => id) })
  expect(result.exitCode).toBe(0)
  expect(result.report?.blueprints.wizIssue).toMatchObject({ updated: 20, deleted: 20 })
  expect(numbers(await world.run())).toMatchObject({ created: 0, updated: 0 })
})

function shipped(): string {
  return readFileSync(new URL('../../mappings/wiz.yml', import.meta.url), 'utf8')
}
