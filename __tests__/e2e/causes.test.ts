/** Why something is in a plan, where the pull request changes what is asked of Wiz, or the base is not what it should be. */
import { afterEach, describe, expect, it } from 'vitest'
import { GITHUB_BASE_SHA, type GithubSandbox, startGithub } from '../../sandbox/github/index.ts'
import type { RunResult } from '../../sandbox/runner.ts'
import { mappingOf, startWorld, type World } from './harness.ts'

const FILE = '.github/wiz-to-port.yml'
const FIELDS = 'identifier: .id\nblueprint: \'"wizIssue"\'\ntitle: .id\nproperties:\n  severity: .severity'
const running: GithubSandbox[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(github => github.stop()))
})

type Files = Record<string, string>

/** The plan of a pull request that turns one mapping into another. */
async function planChange(world: World, base: Files, head: Files, inputs: Files = {}): Promise<RunResult> {
  const github = await startGithub({ files: base[FILE] ? { [`${GITHUB_BASE_SHA}:${FILE}`]: base[FILE] } : {} })
  running.push(github)
  return world.run(
    { 'github-token': github.token, 'allow-mass-delete': 'true', ...inputs },
    { event: 'pull_request', payload: github.event, env: github.env, files: head },
  )
}

function causes({ report }: RunResult): Record<string, string | undefined> {
  return Object.fromEntries(
    (report?.operations ?? []).map(({ action, identifier, cause }) => [`${action} ${identifier}`, cause]),
  )
}

const distinct = (result: RunResult) => [...new Set(Object.values(causes(result)))].sort()
const warnings = ({ report }: RunResult) => report?.warnings.map(({ message }) => message).join('\n') ?? ''

/** Synced with a mapping, after which an issue was edited and another one came. */
async function changedWorld(before: Files, edit: { statusList: string[] }): Promise<{ world: World; edited: string }> {
  const world = await startWorld({ tenant: { projects: 2, issues: 60 } })
  await world.fill(before)
  const [issue] = [...world.tenant.openIssues()].filter(({ status }) => edit.statusList.includes(String(status)))
  const edited = issue?.id ?? ''
  world.tenant.editIssue(edited, { severity: issue?.severity === 'CRITICAL' ? 'HIGH' : 'CRITICAL' })
  world.tenant.addIssue({ id: 'fresh', severity: 'CRITICAL', status: 'OPEN' })
  return { world, edited }
}

describe('a pull request that changes a selector', () => {
  it('and asks for less: what goes is no longer mapped', async () => {
    const base = mappingOf('issue', FIELDS)
    const { world, edited } = await changedWorld(base, { statusList: ['OPEN'] })
    const low = [...world.tenant.openIssues()].find(({ severity, id }) => severity === 'LOW' && id !== edited)
    const resolved = [...world.tenant.openIssues()].find(({ severity }) => severity === 'MEDIUM')
    world.tenant.resolve(resolved?.id ?? '')
    const plan = await planChange(
      world,
      base,
      mappingOf('issue', FIELDS, "query: 'true'\nseverityList: [CRITICAL, HIGH]"),
    )
    expect(plan.exitCode).toBe(0)
    expect(causes(plan)).toMatchObject({
      'create fresh': 'wiz',
      [`update ${edited}`]: 'wiz',
      [`delete ${low?.id}`]: 'unmapped',
      [`delete ${resolved?.id}`]: 'wiz',
    })
  })

  it('and asks for more: only what is new by it is of the mapping', async () => {
    const base = mappingOf('issue', FIELDS, "query: 'true'\nstatusList: [OPEN]")
    const { world, edited } = await changedWorld(base, { statusList: ['OPEN'] })
    const more = [...world.tenant.openIssues()].find(({ status }) => status === 'IN_PROGRESS')
    const head = mappingOf('issue', FIELDS, "query: 'true'\nstatusList: [OPEN, IN_PROGRESS]")
    const plan = await planChange(world, base, head)
    expect(causes(plan)).toMatchObject({
      'create fresh': 'wiz',
      [`update ${edited}`]: 'wiz',
      [`create ${more?.id}`]: 'mapping',
    })
    // What only the base asks for is no part of an apply.
    const before = world.wiz.requests.length
    await world.fill(head)
    expect(plan.report?.forecast?.wizRequests).toBe(world.wiz.requests.length - before)
  })

  it('does not say what it does not know, where the base cannot be read to its end', async () => {
    const base = mappingOf('issue', FIELDS, "query: 'true'\nmaxPages: 1")
    const world = await startWorld({ tenant: { projects: 2, issues: 250 } })
    await world.fill(mappingOf('issue', FIELDS))
    world.tenant.addIssue({ id: 'fresh', severity: 'CRITICAL', status: 'OPEN' })
    const plan = await planChange(world, base, mappingOf('issue', FIELDS))
    expect(plan.exitCode).toBe(0)
    expect(causes(plan)).toEqual({ 'create fresh': undefined })
    expect(warnings(plan)).toContain(
      'Why wizIssue changes is not known: with the mapping of the base branch, issue (resource 1) was not read to its end: stopped at maxPages',
    )
  })
})

it('of what objects say differently is not the mapping, when that has not changed', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 60 } })
  const same = mappingOf('issue', 'identifier: .severity\nblueprint: \'"wizProject"\'\nproperties:\n  description: .id')
  await world.fill(same)
  for (const { id } of [...world.tenant.openIssues()].slice(0, 40)) world.tenant.resolve(id)
  world.tenant.addIssues(10)
  const plan = await planChange(world, same, same)
  expect(plan.report?.operations.length).toBeGreaterThan(0)
  expect(distinct(plan)).toEqual(['wiz'])
})

it('of what is looked up is not the mapping, when that has not changed', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
  await world.fill()
  const same = mappingOf(
    'issue',
    `${FIELDS}
relations:
  control:
    combinator: '"and"'
    rules:
      - property: '"$identifier"'
        operator: '"="'
        value: .sourceRule.id`,
  )
  await world.fill(same)
  for (const { id } of world.tenant.openIssues())
    world.tenant.editIssue(id, { sourceRules: [...world.tenant.openIssues()][0]?.sourceRules })
  const plan = await planChange(world, same, same)
  expect(plan.report?.operations.some(({ fields }) => fields.includes('relations.control'))).toBe(true)
  expect(distinct(plan)).toEqual(['wiz'])
})

describe("the base's mapping is found", () => {
  const base = mappingOf('issue', FIELDS)

  it('under its plain name, however the input says it', async () => {
    const { world } = await changedWorld(base, { statusList: ['OPEN'] })
    const plan = await planChange(world, base, base, { mapping: './.github/../.github/wiz-to-port.yml' })
    expect(plan.log).toContain('The mapping of the base branch is .github/wiz-to-port.yml')
    expect(distinct(plan)).toEqual(['wiz'])
  })

  it('when the pull request deletes it', async () => {
    const { world } = await changedWorld(base, { statusList: ['OPEN'] })
    const plan = await planChange(world, base, {})
    expect(plan.log).toContain('The mapping of the base branch is .github/wiz-to-port.yml')
    expect(causes(plan)).toMatchObject({ 'create fresh': 'wiz' })
    expect(distinct(plan)).toContain('mapping')
  })
})

it.each([
  ['jq that does not compile', 'severity: .severity', 'severity: .severity |', 'jq refuses ".severity |"'],
  ['an unknown key', 'properties:', 'propertees:', 'propertees'],
])('is not known of a base with %s', async (_, good, bad, said) => {
  const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
  const head = mappingOf('issue', FIELDS)
  await world.fill(head)
  world.tenant.addIssues(3)
  const plan = await planChange(world, { [FILE]: (head[FILE] ?? '').replace(good, bad) }, head)
  expect(plan.exitCode).toBe(0)
  expect(distinct(plan)).toEqual([undefined])
  expect(warnings(plan)).toMatch(/^The mapping of the base branch has errors, so the plan does not say/m)
  expect(warnings(plan)).toContain(said)
})

it('of a base that hangs on an object is not known', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 6 } })
  const head = mappingOf('issue', FIELDS)
  await world.fill(head)
  world.tenant.addIssues(3)
  const plan = await planChange(
    world,
    mappingOf('issue', FIELDS.replace('.severity', "'.severity | (def f: f; f)'")),
    head,
  )
  expect(distinct(plan)).toEqual([undefined])
  expect(warnings(plan)).toContain('lost properties.severity, which was given up')
}, 60_000)

it('of what was deleted in Port is not told from what is new, and the summary says so', async () => {
  const base = mappingOf('issue', FIELDS)
  const { world, edited } = await changedWorld(base, { statusList: ['OPEN'] })
  world.port.removeEntity('wizIssue', edited)
  const plan = await planChange(world, base, base)
  expect(causes(plan)).toEqual({ 'create fresh': 'wiz', [`create ${edited}`]: 'wiz' })
  expect(plan.summary).toContain('may be what somebody deleted there')
})

describe('a blueprint that is no longer mapped', () => {
  it('is named with what stays in it, and goes by what the warning says', async () => {
    const world = await startWorld({ tenant: { projects: 3, issues: 20 } })
    await world.fill()
    const controls = world.port.entities('wizControl').length
    const head = mappingOf('issue', FIELDS)
    const plan = await planChange(world, {}, head)
    expect(warnings(plan)).toContain(
      `The mapping no longer writes to wizControl: ${controls} entities of this installation stay there`,
    )
    expect(warnings(plan)).not.toContain('no longer writes to wizIssue')
    const last = mappingOf('control', 'identifier: .id\nblueprint: \'"wizControl"\'\ntitle: .name', "query: 'false'")
    const [, resource = ''] = (last[FILE] ?? '').split('resources:\n')
    const free = mappingOf('issue', `${FIELDS}\nrelations:\n  control: 'null'`)
    const sync = await world.run({ 'allow-mass-delete': 'true' }, { files: { [FILE]: `${free[FILE]}${resource}` } })
    expect(sync.exitCode).toBe(0)
    expect(world.port.entities('wizControl')).toEqual([])
  })
})
