import { expect, it } from 'vitest'
import type { Fault } from '../../sandbox/faults.ts'
import { killSwitch, mappingOf, numbers, startWorld } from './harness.ts'

type State = { status: string; lastResyncStart: string; lastResyncEnd: string | null }

const stateOf = (integration: unknown) => (integration as { resyncState: State }).resyncState
const refuse: Fault['fault'] = { kind: 'respond', status: 403, body: { ok: false, error: 'forbidden', message: 'no' } }

it('Port knows the installation, its version, its mapping, and how the last sync ended', async () => {
  const world = await startWorld()
  const states: unknown[] = []
  world.port.faults.push({
    match: { path: '/v1/integration/security/resync-state' },
    times: Number.POSITIVE_INFINITY,
    fault: {
      kind: 'rewrite',
      rewrite(body) {
        states.push(stateOf((body as { integration: unknown }).integration))
        return body
      },
    },
  })
  const result = await world.run({ 'installation-id': 'security' })
  expect(result.exitCode).toBe(0)
  expect(world.port.integration('security')).toMatchObject({
    installationAppType: 'wiz-to-port',
    version: result.report?.version,
    config: {
      createMissingRelatedEntities: true,
      resources: expect.arrayContaining([expect.objectContaining({ kind: 'issue' })]),
    },
  })
  expect(states).toEqual([
    expect.objectContaining({ status: 'running', lastResyncEnd: null }),
    expect.objectContaining({ status: 'completed', lastResyncEnd: expect.stringMatching(/Z$/) }),
  ])

  // A changed mapping is the one in force; nothing else is written to the record.
  const mapping = `resources:\n  - kind: project\n    selector:\n      query: 'true'\n    port:\n      entity:\n        mappings:\n          identifier: .id\n          blueprint: '"wizProject"'\n`
  const before = world.port.requests.length
  await world.run({ 'installation-id': 'security' }, { files: { '.github/wiz-to-port.yml': mapping } })
  expect(world.port.integration('security')).toMatchObject({ config: { resources: [{ kind: 'project' }] } })
  const again = world.port.requests.slice(before)
  expect(again.find(({ path }) => path.endsWith('/config'))?.headers['x-skip-resync']).toBe('true')
  expect(again.filter(({ method, path }) => method === 'PATCH' && path === '/v1/integration/security')).toEqual([])
})

it('a sync that fails, and one that is interrupted, say so', async () => {
  const world = await startWorld({ tenant: { issues: 3000 } })
  world.wiz.faults.push({
    match: { body: /issuesV2\(/ },
    times: 1,
    fault: { kind: 'respond', status: 200, body: { data: null } },
  })
  expect((await world.run()).exitCode).toBe(1)
  expect(stateOf(world.port.integration('wiz'))).toMatchObject({ status: 'failed' })

  const { kill, onStart } = killSwitch()
  world.wiz.faults.push({
    match: { body: /"after"/ },
    times: 1,
    fault: {
      kind: 'rewrite',
      rewrite(body) {
        kill('SIGTERM')
        return body
      },
    },
  })
  await world.run({}, { onStart })
  expect(stateOf(world.port.integration('wiz'))).toMatchObject({ status: 'aborted' })
})

it.each(['/v1/integration/wiz', '/v1/integration', '/v1/integration/wiz/resync-state'])(
  'a refusal of %s is a warning, and the sync goes on',
  async path => {
    const world = await startWorld()
    world.port.faults.push({ match: { path }, times: Number.POSITIVE_INFINITY, fault: refuse })
    const result = await world.run()
    expect(result.exitCode).toBe(0)
    expect(result.outputs.conclusion).toBe('success')
    expect(numbers(result).created).toBeGreaterThan(100)
    expect(result.annotations).toEqual([
      { level: 'warning', message: expect.stringContaining('register-integration: Port does not show this run') },
    ])
  },
)

it('a run that fails says so also where its mapping was refused', async () => {
  const world = await startWorld()
  expect((await world.run()).exitCode).toBe(0)
  world.port.faults.push({ match: { path: '/v1/integration/wiz/config' }, times: 9, fault: refuse })
  world.wiz.faults.push({
    match: { body: /issuesV2\(/ },
    times: 1,
    fault: { kind: 'respond', status: 200, body: { data: null } },
  })
  const files = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIssue"\'')
  expect((await world.run({}, { files })).exitCode).toBe(1)
  expect(stateOf(world.port.integration('wiz'))).toMatchObject({ status: 'failed' })
})

it('raw examples that Port refuses are a warning with their own input', async () => {
  const world = await startWorld()
  world.port.faults.push({ match: { path: /\/examples$/ }, times: 9, fault: refuse })
  const result = await world.run()
  expect(result.exitCode).toBe(0)
  expect(stateOf(world.port.integration('wiz'))).toMatchObject({ status: 'completed' })
  expect(result.annotations).toEqual([
    { level: 'warning', message: expect.stringContaining('set send-raw-examples: false') },
  ])
})

it('raw examples stay below what a request may have, whatever their script', async () => {
  const world = await startWorld({ tenant: { projects: 0, issues: 0 } })
  for (let index = 0; index < 5; index += 1) {
    world.tenant.addIssue({ id: `large-${index}`, status: 'OPEN', description: '漢'.repeat(95_000) })
  }
  const result = await world.run()
  expect(result.annotations).toEqual([])
  expect(world.port.examples('wiz', 'issue')).toHaveLength(3)
})

it("the record of another integration is left alone, because its mapping is Ocean's", async () => {
  const world = await startWorld()
  world.port.putIntegration({
    installationId: 'wiz',
    installationAppType: 'wiz',
    version: '0.3.34',
    config: { resources: [] },
  })
  const before = world.port.integration('wiz')
  const result = await world.run()
  expect(result.exitCode).toBe(0)
  expect(world.port.integration('wiz')).toEqual(before)
  expect(result.annotations.map(({ message }) => message).join()).toContain('choose another installation-id')
})

it('register-integration: false, a plan and an event leave no record', async () => {
  const world = await startWorld()
  await world.run({ 'register-integration': 'false' })
  await world.run({ mode: 'plan' })
  const [issue] = world.tenant.openIssues()
  await world.run({}, { event: 'repository_dispatch', payload: { client_payload: { issue: { id: issue?.id } } } })
  expect(world.port.requests.filter(({ path }) => path.startsWith('/v1/integration'))).toEqual([])
})

it('up to five raw objects of each kind go to Port, with secrets masked, and the entities keep what they say', async () => {
  const world = await startWorld()
  const token = 'ghp_0123456789abcdefghijklmnopqrstuvwxyz'
  const secrets = ['hunter2-hunter2', token, world.port.clientSecret, 'AKIAIOSFODNN7EXAMPLE']
  for (const { id } of [...world.tenant.openIssues()].slice(0, 3)) {
    world.tenant.editIssue(id, {
      serviceTickets: [
        {
          externalId: `T-${id.slice(0, 4)}`,
          name: `seen with ${token} and ${secrets[3]}`,
          url: 'https://tickets.example/1',
        },
      ],
      entitySnapshot: {
        id,
        type: 'BUCKET',
        name: world.port.clientSecret,
        tags: { dbPassword: secrets[0], owner: 'me' },
      },
    })
  }
  const result = await world.run()
  expect(result.exitCode).toBe(0)
  for (const kind of ['project', 'issue', 'control', 'serviceTicket']) {
    const examples = world.port.examples('wiz', kind)
    expect(examples).toHaveLength(5)
    for (const secret of secrets) expect(JSON.stringify(examples)).not.toContain(secret)
  }
  const [issue] = world.port.examples('wiz', 'issue')
  expect(issue).toMatchObject({ entitySnapshot: { tags: { dbPassword: '[masked]', owner: 'me' } } })
  const entity = world.port.entity('wizIssue', String(issue?.id))
  expect(entity?.properties.resourceTags).toMatchObject({ dbPassword: secrets[0] })

  await world.run({ 'send-raw-examples': 'false' })
  expect(world.port.examples('wiz', 'issue')).toHaveLength(5)
})
