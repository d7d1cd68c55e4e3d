/** What a plan must not be silent about, and the numbers that it forecasts. */
import { afterEach, describe, expect, it } from 'vitest'
import { type GithubSandbox, startGithub } from '../../sandbox/github/index.ts'
import { mappingOf, numbers, startWorld, type World } from './harness.ts'

const FILE = '.github/wiz-to-port.yml'
const FIELDS = 'identifier: .id\nblueprint: \'"wizIssue"\'\ntitle: .id\nproperties:\n  severity: .severity'
const PULL_REQUEST = { event: 'pull_request' }
const running: GithubSandbox[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(github => github.stop()))
})

describe('a target that is not there', () => {
  const pointing = (flag: boolean, target: string) => ({
    [FILE]: `createMissingRelatedEntities: ${flag}\n${mappingOf('issue', `${FIELDS}\nrelations:\n  control: ${target}`)[FILE]}`,
  })

  it('that Port may not create fails in the plan as it does in the apply', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
    await world.fill()
    const files = pointing(false, '\'"nowhere-at-all"\'')
    const plan = await world.run({}, { ...PULL_REQUEST, files })
    const apply = await world.run({}, { files })
    expect(numbers(apply).failed).toBeGreaterThan(0)
    expect(numbers(plan)).toEqual(numbers(apply))
    expect(plan.exitCode).toBe(1)
  })

  it('fails in the plan also where the blueprint is only planned', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
    const files = pointing(false, '\'"nowhere-at-all"\'')
    const plan = await world.run({}, { ...PULL_REQUEST, files })
    expect(plan.report?.failures[0]?.reason).toContain('neither in Port nor planned')
    expect(numbers(plan)).toEqual(numbers(await world.run({}, { files })))
  })

  it('yet, but is planned, or is somewhere that the mapping does not write to, is none', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
    await world.fill()
    world.tenant.addIssues(5)
    for (const { identifier } of world.port.entities('wizControl').slice(0, 2))
      world.port.removeEntity('wizControl', identifier)
    const issue = pointing(false, '.sourceRule.id\n  projects: .projects[].id')[FILE] ?? ''
    const [, control = ''] = (
      mappingOf('control', 'identifier: .id\nblueprint: \'"wizControl"\'\ntitle: .name')[FILE] ?? ''
    ).split('resources:\n')
    const files = { [FILE]: `${issue}${control}` }
    const plan = await world.run({}, { ...PULL_REQUEST, files })
    expect(plan.report?.failures).toEqual([])
    expect(numbers(plan).created).toBeGreaterThan(5)
    expect(numbers(await world.run({}, { files }))).toEqual(numbers(plan))
  })

  it('that Port creates is counted', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
    await world.fill()
    const issue = pointing(true, '("new-" + .severity)')[FILE] ?? ''
    const [, control = ''] = (
      mappingOf('control', 'identifier: .id\nblueprint: \'"wizControl"\'\ntitle: .name')[FILE] ?? ''
    ).split('resources:\n')
    const files = { [FILE]: `${issue}${control}` }
    const plan = await world.run({}, { ...PULL_REQUEST, files })
    const before = world.port.entities('wizControl').length
    await world.fill(files)
    const created = world.port.entities('wizControl').length - before
    expect(created).toBeGreaterThan(0)
    expect(plan.report?.notes.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        new RegExp(`^Entities of wizControl that are pointed to, .* has: ${created}\\. Port creates them`),
      ),
    ])
    const again = await world.run({}, { ...PULL_REQUEST, files })
    expect(again.report?.notes).toEqual([])
  })
})

it('what a later object adds to a create, and Port would refuse, leaves the create and true numbers', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
  await world.fill()
  const entry = (rest: string) => `  - kind: issue
    selector: {query: 'true'}
    port: {entity: {mappings: {identifier: '"x-" + .id', blueprint: '"wizIssue"', ${rest}}}}
`
  const files = { [FILE]: `resources:\n${entry('title: .id')}${entry(`properties: {severity: '"GRAVE" | .'}`)}` }
  const plan = await world.run({ 'allow-mass-delete': 'true' }, { ...PULL_REQUEST, files })
  expect(plan.report?.operations.filter(({ action }) => action === 'create')).not.toEqual([])
  const apply = await world.run({ 'allow-mass-delete': 'true' }, { files })
  expect(numbers(plan)).toEqual(numbers(apply))
})

it('what would be refused of a blueprint that is not there yet fails in the plan as it does in the apply', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
  const files = mappingOf(
    'issue',
    FIELDS.replace('.severity', `'if .severity == "LOW" then "GRAVE" else .severity end'`),
  )
  const plan = await world.run({}, { ...PULL_REQUEST, files })
  expect(numbers(plan).failed).toBeGreaterThan(0)
  expect(plan.report?.failures[0]?.reason).toContain('properties.severity: expected one of "INFORMATIONAL"')
  expect(numbers(await world.run({}, { files }))).toEqual(numbers(plan))
})

it.each([
  [
    'a relation',
    'issue: relations.control is looked up among the entities of wizControl',
    `identifier: .id, relations: {control: SEARCH}`,
  ],
  ['an identifier', 'issue: identifier is looked up among the entities of wizIssue', `identifier: SEARCH`],
])('%s that is looked up among what the run writes is named', async (_, said, fields) => {
  const world = await startWorld({ tenant: { projects: 3, issues: 10 } })
  const search = `{combinator: '"and"', rules: [{property: '"$identifier"', operator: '"="', value: .sourceRule.id}]}`
  const files = {
    [FILE]: `resources:
  - kind: control
    selector: {query: 'true'}
    port: {entity: {mappings: {identifier: .id, blueprint: '"wizControl"', title: .name}}}
  - kind: issue
    selector: {query: 'true'}
    port: {entity: {mappings: {identifier: .id, blueprint: '"wizIssue"', title: .id}}}
  - kind: issue
    selector: {query: 'true'}
    port: {entity: {mappings: {blueprint: '"wizIssue"', ${fields.replace('SEARCH', search)}}}}
`,
  }
  const plan = await world.run({}, { ...PULL_REQUEST, files })
  expect(plan.report?.warnings.map(({ message }) => message)).toContainEqual(expect.stringContaining(said))
  await world.fill(files)
  await world.fill(files)
  const settled = await world.run({}, { ...PULL_REQUEST, files })
  expect(settled.report?.warnings).toEqual([])
})

it('blueprints that are created are a change, also where Wiz has nothing, and are commented on', async () => {
  const world = await startWorld({ tenant: { projects: 0, issues: 0 } })
  const github = await startGithub()
  running.push(github)
  const plan = await world.run(
    { 'github-token': github.token },
    { ...PULL_REQUEST, payload: github.event, env: github.env },
  )
  expect(plan.report?.createdBlueprints).toHaveLength(4)
  expect(plan.outputs['has-changes']).toBe('true')
  expect(github.comments[0]?.body).toContain('Apply would create the missing blueprints')
})

it('thousands of creates do not hide the updates', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 20 } })
  const files = mappingOf('issue', FIELDS)
  await world.fill(files)
  const [issue] = [...world.tenant.openIssues()]
  world.tenant.editIssue(issue?.id ?? '', { severity: 'INFORMATIONAL' })
  world.tenant.addIssues(2_600)
  const plan = await world.run({}, { ...PULL_REQUEST, files })
  expect(plan.report?.changes.map(({ identifier }) => identifier)).toEqual([issue?.id])
}, 60_000)

describe('the forecast', () => {
  async function compare(world: World, inputs: Record<string, string> = {}) {
    const plan = await world.run(inputs, PULL_REQUEST)
    const [wiz, port] = [world.wiz.requests.length, world.port.requests.length]
    await world.run(inputs)
    const { wizRequests = 0, portRequests = 0 } = plan.report?.forecast ?? {}
    expect(wizRequests).toBe(world.wiz.requests.length - wiz)
    // Whether the record of the installation has to be changed is not asked.
    expect(Math.abs(portRequests - (world.port.requests.length - port))).toBeLessThanOrEqual(1)
  }

  it('is what an apply takes, from the first to one that changes nothing', async () => {
    const world = await startWorld({ tenant: { projects: 3, issues: 300 } })
    await compare(world)
    for (const { id } of [...world.tenant.openIssues()].slice(0, 60))
      world.tenant.editIssue(id, { severity: 'INFORMATIONAL' })
    for (const { id } of [...world.tenant.openIssues()].slice(100, 130)) world.tenant.resolve(id)
    await compare(world)
    await compare(world)
    world.tenant.addIssues(45)
    await compare(world, { 'register-integration': 'false' })
  })
})
