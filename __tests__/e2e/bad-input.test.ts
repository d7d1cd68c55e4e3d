import { describe, expect, it } from 'vitest'
import { type RunResult, runAction } from '../../sandbox/runner.ts'
import { mappingOf, startWorld, type World } from './harness.ts'

/** The errors, with their place in front where they have one. */
function errors({ annotations }: RunResult): string[] {
  return annotations.flatMap(({ level, message, place }) =>
    level === 'error' ? (place === undefined ? message : `${place} ${message}`) : [],
  )
}

/** Runs with something wrong: the step fails, the reasons are annotations and in the summary, and nothing was written. */
async function refused(
  world: World,
  inputs: Record<string, string>,
  files: Record<string, string> = {},
): Promise<string[]> {
  const result = await world.run(inputs, { files })
  expect(result.exitCode).toBe(1)
  expect(result.outputs.conclusion).toBe('failed')
  expect(world.port.writes).toEqual({ created: 0, updated: 0, deleted: 0, validated: 0 })
  expect(world.port.blueprints.size).toBe(0)
  expect(result.rawLog).not.toMatch(/^\s+at /m)
  const messages = errors(result)
  for (const message of messages) expect(message).toMatch(/[.?]$/)
  expect(result.summary).toContain('❌ Wiz to Port failed')
  return messages
}

describe('inputs', () => {
  it('are all told at once, before any request', async () => {
    const world = await startWorld()
    const messages = await refused(world, {
      'wiz-client-id': '',
      'wiz-api-url': 'api.us1.app.wiz.io',
      'wiz-token-url': 'http://auth.app.wiz.io/oauth/token',
      'wiz-requests-per-second': 'many',
      'port-base-url': 'https://user:secret@api.getport.io',
      kinds: 'issue, isue',
      'installation-id': 'My Wiz',
      blueprints: 'all',
      'delete-stale': 'yes',
      'max-delete-percent': '130',
    })
    expect(messages).toEqual([
      'wiz-client-id: missing; pass it from a secret.',
      expect.stringMatching(/^wiz-token-url: expected an https URL/),
      expect.stringMatching(/^wiz-api-url: it is not a URL; expected an https URL/),
      expect.stringMatching(/^wiz-requests-per-second: "many" is not a number/),
      expect.stringMatching(/^port-base-url: expected an https URL without user or password/),
      expect.stringMatching(/^kinds: "isue" is not a kind; expected .* project, issue, control, serviceTicket/),
      expect.stringMatching(/^installation-id: "My Wiz" is not a slug/),
      expect.stringMatching(/^blueprints: "all" is not known; expected create-missing or none/),
      expect.stringMatching(/^delete-stale: "yes" is not a boolean; expected true or false/),
      // The runner shows ten annotations of a step: the tenth says where the rest is.
      '… and 1 more; the log has all.',
    ])
    expect(messages.join('\n')).not.toContain('secret@')
    expect(world.wiz.requests).toHaveLength(0)
    expect(world.port.requests).toHaveLength(0)
  })

  it.each(['report.html', 'out/Report.HTML'])('report-path %s would be overwritten by the page', async path => {
    const world = await startWorld()
    expect(await refused(world, { 'report-path': path })).toEqual([
      expect.stringMatching(/^report-path: ".*" is where .* goes.*; expected a file such as report\.json\.$/),
    ])
    expect(world.wiz.requests).toHaveLength(0)
  })

  it('that are missing altogether are named', async () => {
    const result = await runAction({})
    expect(result.exitCode).toBe(1)
    const named = ['wiz-client-id', 'wiz-client-secret', 'wiz-api-url', 'port-client-id', 'port-client-secret']
    for (const input of named) expect(result.log + JSON.stringify(result.annotations)).toContain(`${input}: missing`)
  })

  it.each(['pull_request_target', 'workflow_run'])('the event %s is refused, with the reason', async event => {
    const world = await startWorld()
    const result = await world.run({}, { event })
    expect(result.exitCode).toBe(1)
    expect(result.annotations[0]?.message).toContain(`This action does not run on ${event}: `)
    expect(world.wiz.requests).toHaveLength(0)
  })
})

it('apply is refused in a pull request, whose change is not merged yet', async () => {
  const world = await startWorld()
  const messages = await world.run({ mode: 'apply' }, { event: 'pull_request' })
  expect(errors(messages)).toEqual([
    expect.stringMatching(/^mode: apply writes to Port.*expected auto, plan or validate\.$/),
  ])
  expect(world.wiz.requests).toHaveLength(0)
})

describe('a mapping', () => {
  it('that does not exist is named, with what to check', async () => {
    const world = await startWorld()
    expect(await refused(world, { mapping: 'wiz/map.yml' })).toEqual([
      expect.stringMatching(/^mapping: wiz\/map\.yml cannot be read \(ENOENT\)/),
    ])
    expect(world.wiz.requests).toHaveLength(0)
  })

  it.each([
    ['resources:\n  - kind: [issue', /^\.github\/wiz-to-port\.yml:2:\d+ not valid YAML: /],
    [
      'resources:\n  - kind: isue\n    selector: {query: "true"}\n    port: {entity: {mappings: {identifier: .id, blueprint: \'"x"\'}}}',
      /^\.github\/wiz-to-port\.yml:2:11 kind: "isue"/,
    ],
    ['resources: []', /^\.github\/wiz-to-port\.yml:1:12 resources: expected at least one resource/],
  ])('%j is explained at its line and column', async (mapping, expected) => {
    const world = await startWorld()
    expect(await refused(world, {}, { '.github/wiz-to-port.yml': mapping })).toEqual([expect.stringMatching(expected)])
    expect(world.wiz.requests).toHaveLength(0)
  })

  it('whose jq does not compile is explained, each expression at its place', async () => {
    const world = await startWorld()
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'\ntitle: .name |\nproperties:\n  status: .a) | (.b',
    )
    expect(await refused(world, {}, files)).toEqual([
      expect.stringMatching(/^\.github\/wiz-to-port\.yml:10:\d+ title: jq refuses "\.name \|": syntax error/),
      expect.stringMatching(
        /^\.github\/wiz-to-port\.yml:12:\d+ properties\.status: jq refuses "\.a\) \| \(\.b": syntax error/,
      ),
    ])
    expect(world.wiz.requests).toHaveLength(0)
  })

  it('without a resource for a kind that was asked for', async () => {
    const world = await startWorld()
    const files = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIssue"\'')
    expect(await refused(world, { kinds: 'project' }, files)).toEqual([
      expect.stringContaining('has no resource for project; expected some of issue'),
    ])
  })

  it('for a blueprint that nobody knows', async () => {
    const world = await startWorld()
    const files = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIsue"\'')
    expect(await refused(world, {}, files)).toEqual([
      expect.stringContaining(
        '8:11 blueprint "wizIsue" is neither in Port nor shipped with the action; expected "wizIssue"?',
      ),
    ])
  })
})

describe('credentials and URLs', () => {
  it('that Wiz refuses', async () => {
    const world = await startWorld()
    const messages = await refused(world, { 'wiz-client-secret': 'wrong-wiz-secret' })
    expect(messages).toEqual([
      expect.stringMatching(/^Wiz refused wiz-client-id and wiz-client-secret at .*audience "wiz-api".*wiz-token-url/),
    ])
    expect(messages.join()).not.toContain('wrong-wiz-secret')
  })

  it('of the wrong identity provider', async () => {
    const world = await startWorld({ wiz: { issuer: 'auth0' } })
    expect(await refused(world, { 'wiz-audience': 'wiz-api' })).toEqual([expect.stringContaining('audience "wiz-api"')])
    expect((await world.run()).exitCode).toBe(0)
  })

  it('that Port refuses, and those of both at once', async () => {
    const world = await startWorld()
    const port = expect.stringMatching(/^Port refused port-client-id and port-client-secret at .*api\.us\.getport\.io/)
    expect(await refused(world, { 'port-client-secret': 'wrong' })).toEqual([port])
    expect(await refused(world, { 'port-client-secret': 'wrong', 'wiz-client-secret': 'wrong' })).toEqual([
      port,
      expect.stringMatching(/^Wiz refused/),
    ])
  })

  it('URLs that lead somewhere else', async () => {
    const world = await startWorld()
    expect(await refused(world, { 'wiz-api-url': `${world.wiz.tokenUrl}/x` })).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^wiz-api-url: .* did not answer as a GraphQL endpoint \(status 404\)/),
      ]),
    )
    expect(await refused(world, { 'wiz-token-url': world.wiz.apiUrl })).toEqual([
      expect.stringMatching(/^wiz-token-url: .* is not a Wiz token endpoint/),
    ])
    expect(await refused(world, { 'port-base-url': world.wiz.apiUrl.replace('/graphql', '') })).toEqual([
      expect.stringMatching(/^port-base-url: .* did not answer as Port does \(status 404\)/),
    ])
  })

  it('a URL without /graphql is completed', async () => {
    const world = await startWorld()
    expect((await world.run({ 'wiz-api-url': world.wiz.apiUrl.replace('/graphql', '/') })).exitCode).toBe(0)
  })

  it('a service account without a scope', async () => {
    const world = await startWorld({ wiz: { scopes: ['read:projects'] } })
    expect(await refused(world, {})).toEqual([
      'The Wiz service account lacks the scope read:issues: add it under Settings > Service Accounts > API Scopes in Wiz.',
    ])
  })
})

describe('blueprints', () => {
  it('that are missing while blueprints is none', async () => {
    const world = await startWorld()
    expect(await refused(world, { blueprints: 'none' })).toEqual([
      expect.stringMatching(/^Port has no blueprint "wizProject", "wizIssue".*blueprints is "none"/),
    ])
  })

  it('of the webhook guide, where control is a text', async () => {
    const world = await startWorld()
    const properties = {
      status: { type: 'string' },
      severity: { type: 'string' },
      control: { type: 'string' },
      vulnerability: { type: 'object' },
    }
    world.port.putBlueprint({ identifier: 'wizIssue', title: 'Wiz Issue', schema: { properties }, relations: {} })
    const result = await world.run()
    expect(result.exitCode).toBe(1)
    expect(errors(result)).toEqual([
      expect.stringMatching(
        /blueprint "wizIssue" in Port is the one of Port's Wiz webhook guide, where "control" is a text/,
      ),
    ])
    expect([...world.port.blueprints.keys()]).toEqual(['wizIssue'])
  })

  it('that lack what the mapping writes', async () => {
    const world = await startWorld()
    world.port.putBlueprint({
      identifier: 'wizProject',
      title: 'Mine',
      schema: { properties: { archived: { type: 'boolean' } } },
      relations: {},
    })
    const files = mappingOf(
      'project',
      'identifier: .id\nblueprint: \'"wizProject"\'\nproperties:\n  archived: .archived\n  unit: .businessUnit\nrelations:\n  parent: .parentProject.id',
    )
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(1)
    expect(errors(result)).toEqual([
      expect.stringMatching(
        /wiz-to-port\.yml:12:\d+ properties\.unit: blueprint "wizProject" in Port has no property "unit"/,
      ),
      expect.stringMatching(
        /wiz-to-port\.yml:14:\d+ relations\.parent: blueprint "wizProject" in Port has no relation "parent"/,
      ),
    ])
    expect(world.port.entities('wizProject')).toEqual([])
  })
})
