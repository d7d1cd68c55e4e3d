import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { held, startWorld, type World } from './harness.ts'

const SYNC_BLUEPRINT = new URL('../../mappings/blueprints/wiz-issue.json', import.meta.url)

/** What the sample of Port's guide has: the paths that its mapping reads, and no more. */
const SAMPLE = {
  issue: {
    id: 'fffedba9-587f-4251-8c96-d966c183f10c',
    status: 'RESOLVED',
    severity: 'HIGH',
    created: '2023-08-23T07:56:09.903743Z',
  },
  resource: { id: '3d7dafdc-0087-55e0-81fd-a9e2b152fb47', name: 'GDPR 2415', type: 'DATA_FINDING' },
  control: { name: 'Publicly Exposed Assets with DataFindings' },
}

/** Wiz's default body, as its template is filled for an issue without projects. */
const DEFAULT_BODY = {
  trigger: { source: 'ISSUE', type: 'Open', ruleId: 'rule-1', ruleName: 'All issues' },
  issue: {
    id: '11111111-2222-4333-8444-555555555555',
    status: 'OPEN',
    severity: 'CRITICAL',
    created: '',
    projects: '',
  },
  resource: {
    id: 'arn:aws:s3:::bucket',
    name: 'bucket',
    type: 'bucket',
    cloudPlatform: 'AWS',
    subscriptionId: '1',
    subscriptionName: 'prod',
    region: 'us-east-1',
    status: 'Active',
    cloudProviderURL: '',
  },
  control: {
    id: 'c-1',
    name: 'Public bucket',
    description: '',
    severity: 'CRITICAL',
    sourceCloudConfigurationRuleId: '',
    sourceCloudConfigurationRuleName: '',
  },
}

const setUp = (world: World) =>
  world.run(
    { 'setup-webhook': 'true', 'wiz-client-id': '', 'wiz-client-secret': '', 'wiz-api-url': '' },
    { event: 'workflow_dispatch' },
  )

async function post(world: World, url: string, body: object, headers: Record<string, string>): Promise<number> {
  const { status } = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  await world.port.webhooksSettled()
  return status
}

it('one run sets it up, without Wiz, and what Wiz posts shows up in Port', async () => {
  const world = await startWorld()
  const result = await setUp(world)
  expect(result.exitCode).toBe(0)
  expect(world.wiz.requests).toEqual([])
  const { 'webhook-url': url = '', 'webhook-secret': secret = '' } = result.outputs
  expect(secret).toMatch(/^[0-9a-f]{64}$/)
  // Where to post to, and with what, stands in the outputs only.
  expect(result.masked).toEqual(expect.arrayContaining([url, secret]))
  for (const text of [
    result.log,
    result.summary,
    JSON.stringify(result.report),
    ...result.annotations.map(one => one.message),
  ]) {
    expect(text).not.toContain(secret)
    expect(text).not.toContain(url)
  }
  expect(result.log).toContain('Give it the header x-wiz-to-port-secret')
  expect(result.summary).toContain('The webhook is set up')

  const headers = { 'content-type': 'application/json', 'x-wiz-to-port-secret': secret }
  expect(await post(world, url, SAMPLE, headers)).toBe(202)
  expect(await post(world, url, DEFAULT_BODY, headers)).toBe(202)
  expect(world.port.webhookEvents.map(({ status }) => status)).toEqual(['SUCCESS', 'SUCCESS'])
  expect(world.port.entity('wizIssue', SAMPLE.issue.id)).toMatchObject({
    title: 'GDPR 2415',
    properties: {
      status: 'RESOLVED',
      severity: 'HIGH',
      control: 'Publicly Exposed Assets with DataFindings',
      vulnerability: SAMPLE.resource,
      createdAt: SAMPLE.issue.created,
    },
  })
  const { createdAt, ...properties } = world.port.entity('wizIssue', DEFAULT_BODY.issue.id)?.properties ?? {}
  expect(createdAt).toBeUndefined()
  expect(properties).toEqual({
    status: 'OPEN',
    severity: 'CRITICAL',
    control: 'Public bucket',
    vulnerability: DEFAULT_BODY.resource,
  })

  // Nobody else may post, and nothing else is deleted along.
  await post(world, url, { issue: { id: 'forged' } }, { 'content-type': 'application/json' })
  await post(world, url, { issue: { id: 'forged' } }, { ...headers, 'x-wiz-to-port-secret': 'guessed' })
  await post(world, url, { issue: { id: 7 } }, headers)
  expect(held(world.port, 'wizIssue')).toEqual([DEFAULT_BODY.issue.id, SAMPLE.issue.id].sort())
  world.port.putBlueprint({
    identifier: 'service',
    title: 'Service',
    schema: { properties: {} },
    relations: { issue: { target: 'wizIssue', title: 'Issue', required: false, many: false } },
  })
  world.port.putEntity('service', { identifier: 'shop', relations: { issue: SAMPLE.issue.id } })
  for (const body of [SAMPLE, DEFAULT_BODY])
    await post(world, url, body, { ...headers, 'x-wiz-to-port-action': 'delete' })
  expect(held(world.port, 'wizIssue')).toEqual([SAMPLE.issue.id])
  expect(held(world.port, 'service')).toEqual(['shop'])
})

it('a second run keeps the URL and the secret, and mends what was changed', async () => {
  const world = await startWorld()
  const first = await setUp(world)
  const before = world.port.webhook('wiz_mapper')
  world.port.changeWebhook('wiz_mapper', {
    enabled: false,
    mappings: [],
    security: { ...(before?.security as object), signatureAlgorithm: null },
  })
  const second = await setUp(world)
  const { updatedAt: _, ...mended } = world.port.webhook('wiz_mapper') ?? {}
  expect(before).toMatchObject(mended)
  expect(second.exitCode).toBe(0)
  expect(second.outputs['webhook-url']).toBe(first.outputs['webhook-url'])
  expect(second.outputs['webhook-secret']).toBe(first.outputs['webhook-secret'])
  expect(second.log).toContain('The webhook wiz_mapper was updated in Port')
})

const UNSAFE = [{}, { secret: '', signatureHeaderName: 'x-wiz-to-port-secret', signatureAlgorithm: 'plain' }]
it.each(UNSAFE)('a webhook without a secret, as in the guide, gets one (%j)', async security => {
  const world = await startWorld()
  world.port.putWebhook({ identifier: 'wiz_mapper', title: 'Wiz Mapper', enabled: true, mappings: [], security })
  const result = await setUp(world)
  expect(result.exitCode).toBe(0)
  expect(result.outputs['webhook-secret']).toMatch(/^[0-9a-f]{64}$/)
  expect(world.port.webhook('wiz_mapper')?.security).toMatchObject({
    secret: result.outputs['webhook-secret'],
    signatureHeaderName: 'x-wiz-to-port-secret',
    signatureAlgorithm: 'plain',
  })
})

it('the two blueprints named wizIssue are told apart, whichever comes first', async () => {
  const synced = await startWorld()
  await synced.fill()
  const refused = await setUp(synced)
  expect(refused.exitCode).toBe(1)
  expect(refused.annotations[0]?.message).toContain('where "control" is a relation')
  expect(synced.port.webhook('wiz_mapper')).toBeUndefined()
  expect(JSON.parse(readFileSync(SYNC_BLUEPRINT, 'utf8')).relations.control).toBeDefined()

  const hooked = await startWorld()
  await setUp(hooked)
  const sync = await hooked.run()
  expect(sync.exitCode).toBe(1)
  expect(sync.annotations.map(({ message }) => message).join('\n')).toContain("is the one of Port's Wiz webhook guide")
})

it('is refused in a plan', async () => {
  const world = await startWorld()
  const result = await world.run({ 'setup-webhook': 'true', mode: 'plan' })
  expect(result.annotations[0]?.message).toContain('setup-webhook: writes to Port, and the mode is plan')
})

it('is set up all the same when an answer is lost on the way', async () => {
  const world = await startWorld()
  world.port.faults.push({
    match: { method: 'POST', path: /^\/v1\/(webhooks|blueprints)$/ },
    times: 2,
    fault: { kind: 'lose-answer' },
  })
  const result = await setUp(world)
  expect(result.exitCode).toBe(0)
  expect(world.port.webhook('wiz_mapper')?.security).toMatchObject({ secret: result.outputs['webhook-secret'] })
})
