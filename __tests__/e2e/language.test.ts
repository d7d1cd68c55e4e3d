/** What a mapping file may say, as Port's own integrations take it. */
import { describe, expect, it } from 'vitest'
import { held, mappingOf, numbers, startWorld } from './harness.ts'

const TICKETS = [
  { id: 't1', externalId: 'SEC-1', name: 'First', url: 'https://t.example/1' },
  { id: 't2', externalId: 'SEC-2', name: 'Second', url: 'https://t.example/2' },
]

const PROJECT = { id: 'p', name: 'Pay', slug: 'pay', isFolder: false, riskProfile: { businessImpact: 'LBI' } }

/** A tenant with nothing in it but what a test puts there. */
const EMPTY = { tenant: { projects: 0, issues: 0 } }

function file(resources: string): Record<string, string> {
  return { '.github/wiz-to-port.yml': `resources:\n${resources}` }
}

describe('itemsToParse', () => {
  const resource = (more: string, name = 'item') =>
    file(`  - kind: issue
    selector: {query: '.${name}.name != "Skipped"'}
    port:
      itemsToParse: .serviceTickets
${more}
      entity:
        mappings:
          identifier: .${name}.externalId
          blueprint: '"wizServiceTicket"'
          title: .${name}.name + " of " + .severity + " " + (.serviceTickets | tojson)
          properties:
            url: .${name}.url
`)

  it('makes an entity of each item, beside the members of its object', async () => {
    const world = await startWorld(EMPTY)
    world.tenant.addIssue({
      id: 'a',
      severity: 'HIGH',
      serviceTickets: [...TICKETS, { ...TICKETS[0], externalId: 'SEC-3', name: 'Skipped' }],
    })
    world.tenant.addIssue({ id: 'b', severity: 'LOW', serviceTickets: null })
    world.tenant.addIssue({ id: 'c', severity: 'LOW', serviceTickets: [] })
    const result = await world.run({}, { files: resource('') })
    expect(result.exitCode).toBe(0)
    // The list itself is left out of the object: it may be long, and its items are there one by one.
    expect(world.port.entities('wizServiceTicket').map(({ identifier, title }) => [identifier, title])).toEqual([
      ['SEC-1', 'First of HIGH null'],
      ['SEC-2', 'Second of HIGH null'],
    ])
    expect(numbers(result)).toMatchObject({ created: 2, skipped: 1, failed: 0 })
    expect(numbers(await world.run({}, { files: resource('') }))).toMatchObject({
      created: 0,
      updated: 0,
      unchanged: 2,
    })
  })

  it('under another name, and with the list left where it is', async () => {
    const world = await startWorld(EMPTY)
    world.tenant.addIssue({ id: 'a', severity: 'HIGH', serviceTickets: TICKETS.slice(0, 1) })
    const more = '      itemsToParseName: ticket\n      itemsToParseTopLevelTransform: false'
    expect((await world.run({}, { files: resource(more, 'ticket') })).exitCode).toBe(0)
    expect(world.port.entity('wizServiceTicket', 'SEC-1')?.title).toMatch(/^First of HIGH \[\{.*SEC-1.*\}\]$/)
  })

  it('that gives no list fails its object, and says so', async () => {
    const world = await startWorld(EMPTY)
    world.tenant.addIssue({ id: 'a', serviceTickets: TICKETS })
    const files = resource('')
    const path = '.github/wiz-to-port.yml'
    const wrong = { [path]: (files[path] ?? '').replace('itemsToParse: .serviceTickets', 'itemsToParse: .severity') }
    const result = await world.run({}, { files: wrong })
    expect(result.exitCode).toBe(1)
    expect(result.report?.failures).toEqual([
      expect.objectContaining({
        field: 'port.itemsToParse',
        reason: expect.stringContaining('type string; expected a list'),
      }),
    ])
  })
})

const SERVICE = {
  identifier: 'service',
  title: 'Service',
  schema: { properties: { bucket: { type: 'string' }, openIssues: { type: 'number' } } },
  relations: {},
}
const ISSUE_WITH_SERVICE = {
  identifier: 'finding',
  title: 'Finding',
  schema: { properties: { severity: { type: 'string' } } },
  relations: { service: { target: 'service' }, services: { target: 'service', many: true } },
}
const search = (property: string, value: string) =>
  `{combinator: '"and"', rules: [{property: '"${property}"', operator: '"="', value: '${value}'}]}`

describe('a search', () => {
  async function worldWithServices() {
    const world = await startWorld(EMPTY)
    world.port.putBlueprint(SERVICE)
    world.port.putBlueprint(ISSUE_WITH_SERVICE)
    for (const [identifier, bucket] of [
      ['one', 'b1'],
      ['two-a', 'b2'],
      ['two-b', 'b2'],
    ]) {
      world.port.putEntity('service', { identifier, title: identifier, properties: { bucket } })
    }
    for (const [id, name] of [
      ['i1', 'b1'],
      ['i2', 'b2'],
      ['i3', 'b3'],
    ]) {
      world.tenant.addIssue({ id, severity: 'HIGH', entitySnapshot: { id: 's', type: 'BUCKET', name } })
    }
    return world
  }

  it('finds the targets of relations: all for a many relation, and an error where one is expected', async () => {
    const world = await worldWithServices()
    const where = search('bucket', '.entitySnapshot.name')
    const files = mappingOf(
      'issue',
      `identifier: .id\nblueprint: '"finding"'\nproperties:\n  severity: .severity\nrelations:\n  service: ${where}\n  services: ${where}`,
    )
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(0)
    expect(world.port.entities('finding').map(({ identifier, relations }) => [identifier, relations])).toEqual([
      ['i1', { service: 'one', services: ['one'] }],
      ['i2', expect.objectContaining({ services: ['two-a', 'two-b'] })],
      ['i3', { services: [] }],
    ])
    expect(result.report?.fieldErrors).toEqual([
      expect.objectContaining({
        field: 'relations.service',
        message: expect.stringContaining('finds 2 entities'),
        count: 1,
      }),
    ])
    expect(numbers(await world.run({}, { files }))).toMatchObject({ created: 0, updated: 0, unchanged: 3 })
  })

  it('finds the entity that is meant, and takes nothing away from its owner', async () => {
    const world = await worldWithServices()
    const files = mappingOf(
      'issue',
      `identifier: ${search('bucket', '.entitySnapshot.name')}\nblueprint: '"service"'\nproperties:\n  openIssues: '1'`,
    )
    const result = await world.run({}, { files })
    // One finds one, one finds two, one finds none: written, failed, skipped.
    expect(numbers(result)).toMatchObject({ updated: 1, failed: 1, skipped: 1, created: 0 })
    expect(world.port.entity('service', 'one')?.properties).toEqual({ bucket: 'b1', openIssues: 1 })
    expect(result.report?.failures).toEqual([
      expect.objectContaining({
        identifier: 'i2',
        field: 'identifier',
        reason: expect.stringContaining('finds 2 service'),
      }),
    ])

    world.tenant.resolve('i1')
    const later = await world.run({ 'allow-mass-delete': 'true' }, { files })
    expect(held(world.port, 'service')).toEqual(['one', 'two-a', 'two-b'])
    expect(later.summary).toContain('looked up by search')
  })

  it('that cannot be one, or that Port refuses, leaves its field alone', async () => {
    const world = await worldWithServices()
    const files = mappingOf(
      'issue',
      `identifier: .id
blueprint: '"finding"'
relations:
  service: ${search('bucket', '.nothing')}
  services: '{combinator: "and", rules: [{property: "bucket", operator: "resembles", value: .id}]}'`,
    )
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(1)
    const messages = result.report?.fieldErrors.map(({ field, message, count }) => [field, message, count])
    expect(messages).toEqual([
      ['relations.service', 'is a search for bucket without a value', 3],
      ['relations.services', expect.stringMatching(/^Port refuses its search: /), 3],
    ])
    expect(held(world.port, 'finding')).toEqual(['i1', 'i2', 'i3'])
  })

  it('finds what this run has written before', async () => {
    const world = await startWorld(EMPTY)
    world.port.putBlueprint({ ...SERVICE, schema: { properties: { rule: { type: 'string' } } } })
    world.port.putBlueprint(ISSUE_WITH_SERVICE)
    const rule = (n: number) => ({ __typename: 'Control', id: `wc-${n}`, name: `Rule ${n}`, description: '' })
    for (const n of [1, 2, 3]) world.tenant.addIssue({ id: `i${n}`, sourceRules: [rule(n)] })
    const result = await world.run(
      {},
      {
        files: file(`  - kind: issue
    selector: {query: 'true'}
    port:
      entity:
        mappings:
          identifier: .id
          blueprint: '"finding"'
          relations:
            service: ${search('rule', '.sourceRule.name')}
  - kind: control
    selector: {query: 'true'}
    port:
      entity:
        mappings:
          identifier: .id
          blueprint: '"service"'
          properties:
            rule: .name
`),
      },
    )
    expect(result.exitCode).toBe(0)
    expect(world.port.entities('finding').map(({ relations }) => relations.service)).toEqual(['wc-1', 'wc-2', 'wc-3'])
  })
})

describe('teams and icons', () => {
  it.each([
    ['a text', '.projects[0].name', ['Blue']],
    ['a list', "['.projects[0].name', '.nothing', '\"Red\"']", ['Blue', 'Red']],
    ['a list in jq', '\'[.projects[].name, "Red"]\'', ['Blue', 'Red']],
    ['a search', search('$title', '.projects[0].name'), ['blue-team']],
  ])('%s', async (_, team, expected) => {
    const world = await startWorld(EMPTY)
    world.port.putBlueprint({ identifier: '_team', title: 'Team', schema: { properties: {} }, relations: {} })
    world.port.putEntity('_team', { identifier: 'blue-team', title: 'Blue' })
    world.tenant.addIssue({ id: 'a', projects: [{ ...PROJECT, name: 'Blue' }] })
    const files = mappingOf('issue', `identifier: .id\nblueprint: '"wizIssue"'\nicon: '"Bug"'\nteam: ${team}`)
    expect((await world.run({}, { files })).exitCode).toBe(0)
    const { icon, team: written } = world.port.entity('wizIssue', 'a') ?? {}
    expect(icon).toBe('Bug')
    expect([written].flat()).toEqual(expected)
    expect(numbers(await world.run({}, { files }))).toMatchObject({ updated: 0, unchanged: 1 })
  })
})

describe('a blueprint that depends on the object', () => {
  it('is chosen among those that the expression names, and an object with another one fails', async () => {
    const world = await startWorld(EMPTY)
    world.port.putBlueprint({ identifier: 'urgent', title: 'U', schema: { properties: {} }, relations: {} })
    world.port.putBlueprint({ identifier: 'later', title: 'L', schema: { properties: {} }, relations: {} })
    for (const severity of ['CRITICAL', 'LOW', 'MEDIUM', 'HIGH']) world.tenant.addIssue({ id: severity, severity })
    const files = mappingOf(
      'issue',
      `identifier: .id\nblueprint: >-\n  if .severity == "CRITICAL" then 'urgent' elif .severity == "LOW" then 'later'\n  elif .severity == "HIGH" then null else "unknown" end`,
    )
    const result = await world.run({}, { files })
    expect(held(world.port, 'urgent')).toEqual(['CRITICAL'])
    expect(held(world.port, 'later')).toEqual(['LOW'])
    expect(result.report?.failures.map(({ identifier, field, reason }) => [identifier, field, reason])).toEqual([
      ['MEDIUM', 'blueprint', 'gave "unknown"; expected one of urgent, later'],
      ['HIGH', 'blueprint', 'is null'],
    ])
  })

  it('is found among those that have what is mapped, when the name is put together', async () => {
    const world = await startWorld(EMPTY)
    for (const severity of ['low', 'high']) {
      world.port.putBlueprint({
        identifier: `finding-${severity}`,
        title: 'F',
        schema: { properties: { status: { type: 'string' } } },
        relations: {},
      })
      world.tenant.addIssue({ id: severity, severity: severity.toUpperCase(), status: 'OPEN' })
    }
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"finding-" + (.severity | ascii_downcase)\'\nproperties:\n  status: .status',
    )
    expect((await world.run({}, { files })).exitCode).toBe(0)
    expect(held(world.port, 'finding-low')).toEqual(['low'])
    expect(held(world.port, 'finding-high')).toEqual(['high'])
  })
})

it("a mapping that was written for Port's own integration runs as it is", async () => {
  const world = await startWorld(EMPTY)
  const project = { ...PROJECT, id: 'p1' }
  world.tenant.addProject(project)
  world.tenant.addIssue({
    id: 'all',
    projects: [project, { ...project, id: 'p2' }],
    serviceTickets: TICKETS,
    notes: [],
  })
  world.tenant.addIssue({ id: 'none', projects: null, serviceTickets: null, notes: null })
  const result = await world.run(
    {},
    {
      files: {
        '.github/wiz-to-port.yml': `createMissingRelatedEntities: true
deleteDependentEntities: true
enableMergeEntity: true
entityDeletionThreshold: 0.9
resources:
  - kind: project
    selector:
      query: 'true'
      exportEnvVariables: false
    port:
      entity:
        mappings:
          - identifier: .id
            blueprint: "'wizProject'"
            title: .name
            properties:
              archived: .archived
  - kind: issue
    selector:
      query: .status == 'OPEN' or true
      statusList: ['OPEN', 'IN_PROGRESS']
      severityList: []
      maxPages: 500
    port:
      entity:
        mappings:
          identifier: .id
          blueprint: '"wizIssue"'
          title: .entitySnapshot.name + ' | ' + .entitySnapshot.type
          properties:
            url: ("https://app.wiz.io/issues#~(issue~'" + .id + ")")
            notes: .notes
            status: .status
          relations:
            projects: .projects[].id
            serviceTickets: .serviceTickets[].externalId
            control: .sourceRule.id
  - kind: technology
    selector: {query: 'true'}
    port:
      entity:
        mappings: {identifier: .id, blueprint: '"wizTechnology"'}
`,
      },
    },
  )
  expect(result.exitCode).toBe(0)
  expect(result.report?.warnings.map(({ message }) => message)).toEqual([
    expect.stringContaining('technology is not fetched by wiz-to-port yet, and this resource is left out'),
    expect.stringContaining('relations.serviceTickets: it points to blueprint "wizServiceTicket"'),
    expect.stringContaining('relations.control: it points to blueprint "wizControl"'),
  ])
  expect(world.port.entity('wizIssue', 'all')).toMatchObject({
    properties: { url: "https://app.wiz.io/issues#~(issue~'all)" },
    // All outputs, where Port's own integration keeps the first.
    relations: { projects: ['p1', 'p2'], serviceTickets: ['SEC-1', 'SEC-2'] },
  })
  // Nothing to iterate over: the field is left alone, and counted.
  expect(result.report?.fieldErrors.map(({ field, count }) => [field, count])).toEqual([
    ['relations.projects', 1],
    ['relations.serviceTickets', 1],
  ])
})
