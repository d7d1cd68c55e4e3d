/** What others do, what data, mappings, events and inputs have in them, and what the runner lacks. */
import { it } from 'vitest'
import { mappingOf } from '../harness.ts'
import { hold } from './frame.ts'
import type { Row } from './row.ts'

const issue = (fields: string, selector?: string) =>
  mappingOf('issue', `identifier: .id\nblueprint: '"wizIssue"'\n${fields}`, selector)
const FILE = '.github/wiz-to-port.yml'
const file = (text: string) => ({ [FILE]: text })

/** Eleven levels, each of nine of the one below: thirty thousand million values in half a kilobyte. */
const BOMB = [
  'a0: &a0 [x, x, x, x, x, x, x, x, x]',
  ...Array.from({ length: 10 }, (_, at) => `a${at + 1}: &a${at + 1} [${Array(9).fill(`*a${at}`).join(', ')}]`),
  'resources: *a10',
].join('\n')

const others: Row[] = [
  // F12: others at work
  {
    name: 'F12 another sync runs from its beginning to its end while this one reads Wiz',
    arrange(world) {
      const until = () => world.run()
      world.wiz.faults.push({ match: { body: /issuesV2\(/ }, times: 1, fault: { kind: 'hold', until } })
    },
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F12 somebody writes what is about to be deleted',
    arrange(world) {
      const until = async () => {
        for (const { identifier } of world.port.entities('wizIssue'))
          world.port.putEntity('wizIssue', { identifier, title: 'by hand' }, 'Mozilla/5.0')
      }
      world.port.faults.push({
        match: { path: /wizIssue\/entities\/search$/, body: /"\$identifier","operator":"in"/ },
        times: 1,
        fault: { kind: 'hold', until },
      })
    },
    expect: 'safe',
    exit: 0,
  },
  // F13: the runner
  {
    name: 'F13 the disk of the summary is full',
    run: { env: { GITHUB_STEP_SUMMARY: '/dev/full' } },
    unseen: true,
    expect: 'equal',
    exit: 0,
  },
  { name: 'F13 nobody reads the log', run: { output: 'closed' }, unseen: true, expect: 'equal', exit: 0 },
  {
    name: 'F13 the time is used up',
    inputs: { 'time-budget-minutes': '0.01' },
    options: { wiz: { latencyMs: 400 } },
    expect: 'safe',
    exit: 1,
    says: 'time-budget-minutes (0.01) is used up',
  },
  // F15: clocks
  {
    name: 'F15 the services are ten minutes behind',
    arrange: ({ clock }) => clock.advance(-600_000),
    expect: 'safe',
    exit: 0,
  },
  // F16: identifiers
  ...['', '.', '..', 'a b', 'x'.repeat(1001), 'a"b', 'tab\tbed'].map(
    (id): Row => ({
      name: `F16 an identifier is ${JSON.stringify(id.slice(0, 12))}`,
      arrange: ({ tenant }) => void tenant.addIssue({ id: 'odd', status: 'OPEN', description: id }),
      run: {
        files: mappingOf(
          'issue',
          `identifier: if .id == "odd" then .description else .id end\nblueprint: '"wizIssue"'`,
        ),
      },
      expect: 'partial',
      exit: 1,
      says: /is empty|only dots|characters/,
    }),
  ),
  // F17: names
  {
    name: 'F17 keys of data are names of a prototype',
    arrange: ({ tenant }) =>
      void tenant.addIssue({
        id: 'odd',
        status: 'OPEN',
        entitySnapshot: {
          id: 'e',
          type: 'BUCKET',
          name: 'constructor',
          tags: JSON.parse('{"__proto__": {"a": 1}, "constructor": "c", "toString": "t"}'),
        },
      }),
    expect: 'equal',
    exit: 0,
  },
  // F18: expressions
  {
    name: 'F18 jq that does not compile',
    run: { files: issue('title: .name |') },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'jq refuses',
  },
  {
    name: 'F18 an expression that fails on some',
    run: { files: issue('title: if .severity == "LOW" then error("no") else .id end') },
    expect: 'partial',
    exit: 0,
  },
  {
    name: 'F18 an expression that fails on all',
    run: { files: issue('title: .id.x') },
    expect: 'partial',
    exit: 1,
    says: 'failed on every object',
  },
  {
    name: 'F18 an identifier that is no text',
    run: { files: mappingOf('issue', 'identifier: .sourceRules\nblueprint: \'"wizIssue"\'') },
    expect: 'safe',
    exit: 1,
    says: 'expected text',
  },
  {
    name: 'F18 a selector that gives a text',
    run: { files: issue('title: .id', 'query: .status') },
    expect: 'safe',
    exit: 1,
    says: 'expected true or false',
  },
  {
    name: 'F18 a property that the blueprint does not have',
    run: { files: issue('properties:\n  nothing: .id') },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'has no property',
  },
  {
    name: 'F18 a value that moves with the clock',
    run: { files: issue('title: now | tostring') },
    expect: 'partial',
    exit: 0,
    says: 'every run would give another value',
  },
  // F19: expressions without an end
  {
    name: 'F19 an expression that never ends on one object',
    issues: 20,
    arrange: ({ tenant }) => void tenant.addIssue({ id: 'bad', status: 'OPEN' }),
    run: { files: issue(`title: 'if .id == "bad" then (def f: f; f) else .id end'`) },
    expect: 'partial',
    exit: 0,
    says: 'an expression may never end',
  },
  {
    name: 'F19 an expression that takes all memory',
    issues: 20,
    arrange: ({ tenant }) => void tenant.addIssue({ id: 'bad', status: 'OPEN' }),
    run: {
      files: issue('title: if .id == "bad" then ([limit(1000000000; repeat(1))] | length | tostring) else .id end'),
    },
    expect: 'partial',
    exit: 0,
  },
  {
    name: 'F19 an expression that goes too deep',
    issues: 20,
    arrange: ({ tenant }) => void tenant.addIssue({ id: 'bad', status: 'OPEN' }),
    run: { files: issue('title: if .id == "bad" then (reduce range(20000) as $i (0; [.]) | tojson) else .id end') },
    expect: 'partial',
    exit: 0,
  },
  {
    name: 'F19 an expression that reaches for the environment',
    run: { files: issue('title: env.PATH') },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'an expression sees its object and nothing else',
  },
  // F20: YAML
  {
    name: 'F20 aliases that multiply',
    run: { files: file(BOMB) },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'its aliases stand for more than 250,000 values',
  },
  {
    name: 'F20 nested 5,000 deep',
    run: { files: file(`resources: ${'['.repeat(5_000)}${']'.repeat(5_000)}`) },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'not valid YAML',
  },
  {
    name: 'F20 the same key twice',
    run: { files: file('resources: []\nresources: []') },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'not valid YAML',
  },
  {
    name: 'F20 a tab for an indentation',
    run: { files: file('resources:\n\t- kind: issue') },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'not valid YAML',
  },
  {
    name: 'F20 a file of a megabyte',
    run: { files: file(`# ${'x'.repeat(1_000_000)}\nresources: []`) },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'larger than 256 KiB',
  },
  {
    name: 'F20 lines that end as on Windows',
    run: { files: file((issue('title: .id')[FILE] ?? '').replaceAll('\n', '\r\n')) },
    expect: 'partial',
    exit: 0,
  },
  {
    name: 'F20 a link that leads out',
    run: { links: { [FILE]: '/etc/hostname' } },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'leads out of the repository',
    inputs: { mapping: FILE },
  },
  // F22: secrets
  {
    name: 'F22 Wiz repeats the secret in an error',
    arrange(world) {
      const body = { data: null, errors: [{ message: `not ${world.wiz.clientSecret}`, extensions: { code: 'X' } }] }
      world.wiz.faults.push({ match: { body: /issuesV2\(/ }, times: 9, fault: { kind: 'respond', status: 200, body } })
    },
    expect: 'safe',
    exit: 1,
    says: 'not ***',
  },
  // F23: addresses
  ...[
    'https://169.254.169.254/graphql',
    'http://api.us1.app.wiz.io',
    'file:///etc/passwd',
    'https://u:p@api.wiz.io',
    'https://[::ffff:7f00:1]/graphql',
    'https://2852039166/graphql',
  ].map(
    (address): Row => ({
      name: `F23 wiz-api-url is ${address}`,
      inputs: { 'wiz-api-url': address },
      expect: 'safe',
      exit: 1,
      silent: true,
      says: 'wiz-api-url: expected an https URL',
    }),
  ),
  // F24: events
  ...['pull_request_target', 'workflow_run'].map(
    (event): Row => ({
      name: `F24 the event is ${event}`,
      run: { event },
      expect: 'safe',
      exit: 1,
      silent: true,
      says: `This action does not run on ${event}`,
    }),
  ),
  {
    name: 'F24 the event is one that auto does not know',
    run: { event: 'merge_group' },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'expected plan, apply or validate',
  },
  {
    name: 'F24 a dispatch without an issue',
    run: { event: 'repository_dispatch', payload: { client_payload: { a: 1 } } },
    expect: 'safe',
    exit: 1,
    silent: true,
    says: 'it names no issue and no project',
  },
  // F25 and F26: size
  {
    name: 'F25 thousands of failures with long names',
    issues: 3_000,
    run: { files: mappingOf('issue', `identifier: '.id + " " + ("<" * 900)'\nblueprint: '"wizIssue"'`) },
    expect: 'safe',
    exit: 1,
    says: 'more failures',
  },
  {
    name: 'F26 an issue of two megabytes',
    arrange: ({ tenant }) => void tenant.addIssue({ id: 'large', status: 'OPEN', description: 'x'.repeat(2_000_000) }),
    expect: 'equal',
    exit: 0,
  },
  {
    name: 'F26 an issue of 10,000 projects',
    arrange({ tenant }) {
      const [project] = tenant.projects()
      const projects = Array.from({ length: 10_000 }, (_, at) => ({ ...project, id: `p-${at}`, parentProject: null }))
      tenant.addIssue({ id: 'wide', status: 'OPEN', projects })
    },
    expect: 'partial',
    exit: 0,
  },
]

it.each(others.map(row => [row.name, row] as const))('%s', (_, row) => hold(row))
