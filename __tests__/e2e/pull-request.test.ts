/** What a reviewer of a pull request sees: one comment, the causes, and values only where they may be shown. */
import { afterEach, describe, expect, it } from 'vitest'
import {
  GITHUB_BASE_SHA,
  type GithubSandbox,
  type GithubSandboxOptions,
  startGithub,
} from '../../sandbox/github/index.ts'
import type { RunResult } from '../../sandbox/runner.ts'
import { mappingOf, startWorld, type World } from './harness.ts'

const FILE = '.github/wiz-to-port.yml'
const running: GithubSandbox[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(github => github.stop()))
})

const BASE = mappingOf(
  'issue',
  'identifier: .id\nblueprint: \'"wizIssue"\'\ntitle: .entitySnapshot.name\nproperties:\n  severity: .severity\n  status: .status',
)
/** As the base, but it leaves some out, and says the status otherwise. */
const HEAD = mappingOf(
  'issue',
  'identifier: .id\nblueprint: \'"wizIssue"\'\ntitle: .entitySnapshot.name\nproperties:\n  severity: .severity\n  status: \'"RESOLVED"\'',
  'query: .severity != "LOW"',
)

interface PullRequest {
  github: GithubSandbox
  plan(files: Record<string, string>, inputs?: Record<string, string>): Promise<RunResult>
}

async function openPullRequest(world: World, options: GithubSandboxOptions = {}): Promise<PullRequest> {
  const github = await startGithub({ files: { [`${GITHUB_BASE_SHA}:${FILE}`]: BASE[FILE] ?? '' }, ...options })
  running.push(github)
  return {
    github,
    plan: (files, inputs = {}) =>
      world.run(
        { 'github-token': github.token, ...inputs },
        { event: 'pull_request', payload: github.event, env: github.env, files },
      ),
  }
}

/** Synced with the base's mapping. */
async function syncedWorld(): Promise<World> {
  const world = await startWorld({ tenant: { projects: 2, issues: 60 } })
  expect((await world.run({}, { files: BASE })).exitCode).toBe(0)
  return world
}

describe('the comment', () => {
  it('is one, kept in place, and says in the end that nothing changes', async () => {
    const world = await syncedWorld()
    const { github, plan } = await openPullRequest(world)
    const first = await plan(HEAD, { 'allow-mass-delete': 'true' })
    expect(first.exitCode).toBe(0)
    expect(github.comments).toHaveLength(1)
    const [comment] = github.comments
    expect(comment?.body).toContain('<!-- wiz-to-port plan of wiz -->')
    expect(comment?.body).toContain('📋 Plan: 0 to create')
    expect(first.log).toContain('Comment on the pull request: created')

    await plan(HEAD, { 'allow-mass-delete': 'true', 'max-delete-percent': '90' })
    expect(github.comments).toHaveLength(1)
    const last = await plan(BASE)
    expect(github.comments).toHaveLength(1)
    expect(github.comments[0]?.body).toContain('📋 Plan: no changes')
    expect(last.log).toContain('Comment on the pull request: updated')
  })

  it('is not written for a pull request that changes nothing', async () => {
    const { github, plan } = await openPullRequest(await syncedWorld())
    const result = await plan(BASE)
    expect(result.exitCode).toBe(0)
    expect(github.comments).toEqual([])
  })

  it("is found behind hundreds of others, and nobody else's is touched", async () => {
    const { github, plan } = await openPullRequest(await syncedWorld())
    const marker = '<!-- wiz-to-port plan of wiz -->'
    for (let id = 1; id <= 250; id += 1) github.comments.push({ id, body: 'something', user: { login: 'somebody' } })
    github.comments[3] = { id: 4, body: `quoting ${marker}`, user: { login: 'somebody' } }
    github.comments[230] = { id: 231, body: `old ${marker}`, user: { login: 'github-actions[bot]' } }
    await plan(HEAD, { 'allow-mass-delete': 'true' })
    expect(github.comments).toHaveLength(250)
    expect(github.comments[3]?.body).toBe(`quoting ${marker}`)
    expect(github.comments[230]?.body).toContain('📋 Plan')
  })

  it('of another installation is another one', async () => {
    const { github, plan } = await openPullRequest(await syncedWorld())
    await plan(HEAD, { 'allow-mass-delete': 'true' })
    await plan(HEAD, { 'allow-mass-delete': 'true', 'installation-id': 'second' })
    expect(github.comments).toHaveLength(2)
  })

  it.each([
    ['a GitHub App, whose token may not ask who it is', 'my-app[bot]', 'github-actions[bot]'],
    ['a person, whose token may', 'somebody', 'other'],
  ])('of %s is one as well, beside those of others', async (_, login, other) => {
    const { github, plan } = await openPullRequest(await syncedWorld(), { login })
    const marker = '<!-- wiz-to-port plan of wiz -->'
    // One of a workflow before the app came, and one that quotes it.
    github.comments.push({ id: 1, body: `old ${marker}`, user: { login: other } })
    github.comments.push({ id: 2, body: `quoting ${marker}`, user: { login: 'reviewer' } })
    for (let time = 0; time < 3; time += 1) {
      expect((await plan(HEAD, { 'allow-mass-delete': 'true' })).exitCode).toBe(0)
    }
    expect(github.comments.map(({ user }) => user.login)).toEqual([other, 'reviewer', login])
    expect(github.comments.map(({ body }) => body.includes('📋 Plan'))).toEqual([false, false, true])
  })

  it('that the token may not write is a warning with the permission, and the summary has the plan', async () => {
    const { plan } = await openPullRequest(await syncedWorld(), { forbidden: 'comments' })
    const result = await plan(HEAD, { 'allow-mass-delete': 'true' })
    expect(result.exitCode).toBe(0)
    expect(result.annotations).toContainEqual(
      expect.objectContaining({
        level: 'warning',
        message: expect.stringContaining('permission pull-requests: write'),
      }),
    )
    expect(result.summary).toContain('📋 Plan')
  })

  it('is not written when pr-comment is false, nor without a token', async () => {
    const { github, plan } = await openPullRequest(await syncedWorld())
    await plan(HEAD, { 'allow-mass-delete': 'true', 'pr-comment': 'false' })
    await plan(HEAD, { 'allow-mass-delete': 'true', 'github-token': '' })
    expect(github.comments).toEqual([])
  })

  it('stays within what GitHub takes, with totals first, and data in it is inert', async () => {
    const world = await syncedWorld()
    for (let index = 0; index < 300; index += 1) {
      world.tenant.addIssue({
        id: `new-${index}`,
        severity: 'HIGH',
        status: 'OPEN',
        entitySnapshot: { id: 's', type: 'BUCKET', name: `@org/team <img src=x> [l](javascript:1) ${'<'.repeat(260)}` },
      })
    }
    const { github, plan } = await openPullRequest(world)
    const result = await plan(HEAD, { 'allow-mass-delete': 'true' })
    const body = github.comments[0]?.body ?? ''
    expect(Buffer.byteLength(body)).toBeLessThanOrEqual(60_000)
    expect(body).toContain('300 to create')
    expect(body).toMatch(/… and 2\d\d more entities; the report file has all of them/)
    expect(body).not.toContain('<img')
    expect(body.replaceAll(/<code>[^<]*<\/code>/g, '')).not.toContain('@org')
    expect(result.exitCode).toBe(0)
  })
})

describe('the cause', () => {
  it('is the mapping, Wiz, somebody else, or that something is no longer mapped', async () => {
    const world = await syncedWorld()
    const issues = [...world.tenant.openIssues()]
    const high = issues.filter(({ severity }) => severity !== 'LOW')
    const low = issues.filter(({ severity }) => severity === 'LOW')
    const [edited, byHand, resolved] = high.map(({ id }) => id)
    world.tenant.addIssue({ id: 'fresh', severity: 'HIGH', status: 'OPEN' })
    world.tenant.resolve(resolved ?? '')
    world.tenant.editIssue(edited ?? '', {
      severity: high[0]?.severity === 'CRITICAL' ? 'HIGH' : 'CRITICAL',
    })
    world.port.putEntity('wizIssue', {
      ...world.port.entity('wizIssue', byHand ?? ''),
      properties: { severity: 'LOW' },
    })
    const { plan } = await openPullRequest(world)

    const same = await plan(BASE, { 'allow-mass-delete': 'true' })
    const causes = (result: RunResult) =>
      Object.fromEntries(
        (result.report?.operations ?? []).map(({ action, identifier, cause }) => [`${action} ${identifier}`, cause]),
      )
    expect(causes(same)).toEqual({
      'create fresh': 'wiz',
      [`update ${edited}`]: 'wiz',
      [`update ${byHand}`]: 'drift',
      [`delete ${resolved}`]: 'wiz',
    })

    const changed = await plan(HEAD, { 'allow-mass-delete': 'true' })
    expect(causes(changed)).toMatchObject({
      'create fresh': 'wiz',
      [`update ${edited}`]: 'mapping',
      [`delete ${low[0]?.id}`]: 'unmapped',
      [`delete ${resolved}`]: 'wiz',
    })
    expect(changed.summary).toContain('no longer mapped')
    expect(changed.summary).toContain('changed by the mapping')
    const status = changed.report?.operations.filter(({ fields }) => fields.includes('properties.status')).length
    expect(changed.summary).toMatch(new RegExp(`properties\\.status</code></td><td>${(status ?? 0) - 1}<`))
  })

  it("of a base without a mapping file is held against the action's own mapping", async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 5 } })
    await world.fill()
    world.tenant.addIssues(1)
    const { plan } = await openPullRequest(world, { files: {} })
    const result = await plan({})
    expect(new Set(result.report?.operations.map(({ cause }) => cause))).toEqual(new Set(['wiz']))
  })

  it('is not known when the base cannot be read, and a warning names the permission', async () => {
    const world = await syncedWorld()
    const { plan } = await openPullRequest(world, { forbidden: 'contents' })
    const result = await plan(HEAD, { 'allow-mass-delete': 'true' })
    expect(result.exitCode).toBe(0)
    expect(result.report?.warnings.map(({ message }) => message)).toContainEqual(
      expect.stringContaining('permission contents: read'),
    )
    expect(result.summary).toContain('not known')
  })
})

describe('values', () => {
  it.each([
    ['a private repository', { private: true }, {}, true],
    ['a public one', { private: false }, {}, false],
    ['a public one that asks for it', { private: false }, { 'show-values': 'true' }, true],
    ['a private one that does not want it', { private: true }, { 'show-values': 'false' }, false],
  ])('in %s', async (_, options, inputs, shown) => {
    const { github, plan } = await openPullRequest(await syncedWorld(), options)
    const result = await plan(HEAD, { 'allow-mass-delete': 'true', ...inputs })
    for (const text of [result.summary, github.comments[0]?.body ?? '']) {
      expect(text).toContain('properties.status')
      expect(text.includes('&quot;RESOLVED&quot;')).toBe(shown)
      expect(text.includes('(hidden)')).toBe(!shown)
    }
    for (const text of [JSON.stringify(result.report?.changes), result.page ?? '']) {
      expect(text).toContain('properties.status')
      expect(text.includes('"RESOLVED"')).toBe(shown)
    }
  })

  /** Says everything that a run hands out, as one text. */
  const allOf = ({ github, result }: { github: GithubSandbox; result: RunResult }) =>
    [result.rawLog, result.summary, github.comments[0]?.body, JSON.stringify(result.report), result.page].join('\n')

  it.each([
    ['a private repository', { private: true }, true],
    ['a public one', { private: false }, false],
  ])("that jq's messages quote, in %s", async (_, options, shown) => {
    const world = await syncedWorld()
    for (const { id } of world.tenant.openIssues()) world.tenant.editIssue(id, { description: `QUOTED-${id}` })
    const { github, plan } = await openPullRequest(world, options)
    const failing = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'\ntitle: .entitySnapshot.name\nproperties:\n  severity: .description | tonumber\n  status: .description | fromjson',
      'query: if .severity == "LOW" then (.description | tonumber) else true end',
    )
    const result = await plan(failing)
    expect(result.report?.failures.length).toBeGreaterThan(0)
    expect(result.report?.fieldErrors.map(({ field }) => field)).toContain('properties.severity')
    expect(result.summary).toContain('cannot be parsed as a number')
    expect(allOf({ github, result }).includes('QUOTED-')).toBe(shown)
    const applied = await world.run({ 'show-values': String(shown) }, { files: failing })
    expect(applied.report?.fieldErrors.length).toBeGreaterThan(0)
    expect(allOf({ github, result: applied }).includes('QUOTED-')).toBe(shown)
  })

  it.each([true, false])('of titles that change, beside the change: %s', async shown => {
    const { plan } = await openPullRequest(await syncedWorld(), { private: shown })
    const result = await plan(
      mappingOf(
        'issue',
        'identifier: .id\nblueprint: \'"wizIssue"\'\ntitle: \'"NEW " + .id\'\nproperties:\n  severity: .severity\n  status: .status',
      ),
    )
    const changes = result.report?.changes ?? []
    expect(changes.map(({ fields }) => fields.map(({ field }) => field))).toContainEqual(['title'])
    expect(JSON.stringify(changes).includes('NEW ')).toBe(shown)
    const [, example = ''] = /### For example\n([\s\S]*?)\n### /.exec(result.summary) ?? []
    expect(example).toContain('<code>title</code>')
    expect(example.includes('NEW ')).toBe(shown)
  })
})

it('the plan says what apply would take', async () => {
  const { plan } = await openPullRequest(await syncedWorld())
  const result = await plan(HEAD, { 'allow-mass-delete': 'true' })
  expect(result.report?.forecast).toEqual({
    // An apply asks Wiz for what has changed meanwhile, and looks once more at what it wrote.
    wizRequests: (result.report?.wiz.requests ?? 0) + 2,
    portRequests: expect.any(Number),
    minutes: expect.any(Number),
  })
  // Blueprints, entities and owners are read, and what is planned is written.
  expect(result.report?.forecast?.portRequests).toBeGreaterThan(4)
  expect(result.summary).toContain('Apply would take')
  expect(result.report?.mappingHash).toMatch(/^[0-9a-f]{64}$/)
  // The page has the same operations.
  for (const { identifier } of result.report?.operations ?? []) expect(result.page).toContain(identifier)
  expect(result.summary).toContain('```mermaid\npie showData title Operations by cause\n')
})
