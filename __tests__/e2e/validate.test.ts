/** The mode that only checks: no network, no credentials, everything that is wrong at its own place. */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type RunResult, runAction } from '../../sandbox/runner.ts'

const FILE = '.github/wiz-to-port.yml'

/** Runs as a pull request from a fork would: without any input. */
function validate(mapping: string, files: Record<string, string> = {}): Promise<RunResult> {
  return runAction({ event: 'pull_request', files: { [FILE]: mapping, ...files } })
}

/** Annotations as `level line:column message`. */
function said({ annotations }: RunResult): string[] {
  return annotations.map(({ level, message, place }) => `${level} ${place?.replace(`${FILE}:`, '')} ${message}`)
}

const errors = (result: RunResult) => said(result).filter(text => text.startsWith('error'))
const warnings = (result: RunResult) => said(result).filter(text => text.startsWith('warning'))

/** A mapping of issues to wizIssue; the properties begin in line 10. */
function issues(properties: string, more = ''): string {
  const indented = properties.replaceAll(/^/gm, '            ')
  return `resources:
  - kind: issue
    selector: {query: 'true'}
    port:
      entity:
        mappings:
          identifier: .id
          blueprint: '"wizIssue"'
          properties:
${indented}
${more}`
}

it('a mapping is checked in a pull request without inputs, network or credentials', async () => {
  const result = await runAction({ event: 'pull_request' })
  expect(result.exitCode).toBe(0)
  expect(result.outputs).toMatchObject({ conclusion: 'success', created: '0', 'has-changes': 'false' })
  expect(result.log).toContain('Mode validate: mode is auto, and the event is pull_request')
  expect(result.summary).toContain('✅ The mapping is valid')
  expect(errors(result)).toEqual([])
})

it('everything is told at once: on its line, in the log, in the summary and in the report', async () => {
  const result = await validate(`createMissingRelatedEntites: true
resources:
  - kind: isue
    selector: {query: 'true'}
    port: {entity: {mappings: {identifier: .id, blueprint: '"wizIssue"'}}}
  - kind: issue
    selector: {query: 'true', severityLst: [HIGH], statusList: [OPENED]}
    port:
      entity:
        mappings:
          identifier: .id
          blueprint: '"wizIssue"'
          titel: .name
  - kind: project
    selector: {query: .archived |}
    port:
      entity:
        mappings:
          identifier: [.id]
          blueprint: '"wizProject"'
`)
  expect(result.exitCode).toBe(1)
  expect(errors(result)).toEqual([
    expect.stringContaining(
      'error 1:1 createMissingRelatedEntites: not known at this place; expected "createMissingRelatedEntities"?',
    ),
    expect.stringContaining('error 3:11 kind: "isue" is not a kind that wiz-to-port fetches; expected "issue"?'),
    expect.stringContaining('error 13:11 titel: not known at this place; expected "title"?'),
    expect.stringContaining('error 19:23 identifier: expected jq text, or a search with combinator and rules'),
  ])
  for (const { message, place } of result.report?.problems ?? []) {
    expect(result.log).toContain(`${place?.file}:${place?.line}:${place?.column} ${message}`)
    expect(result.summary).toContain(`${place?.line}:${place?.column}`)
  }
  expect(result.summary).toContain('❌ The mapping has to be mended')
  expect(result.outputs.conclusion).toBe('failed')
})

it('selectors that a kind does not have, and values out of their enum', async () => {
  const result = await validate(
    issues('status: .status').replace("{query: 'true'}", "{query: 'true', severityLst: [HIGH], statusList: [OPEND]}"),
  )
  expect(errors(result)).toEqual([
    expect.stringContaining('error 3:31 selector.severityLst: kind issue has no such option; expected "severityList"?'),
    expect.stringContaining('error 3:64 selector.statusList: "OPEND" is not a value that Wiz knows; expected "OPEN"?'),
  ])
})

describe('jq that does not compile', () => {
  it.each([
    ['plain', 'status: .a | }', '10:26'],
    ['single-quoted', "status: '.it''s | }'", undefined],
    ['double-quoted', 'status: ".a\\t| \\u007d"', '10:28'],
    ['a literal block', 'status: |\n  .a |\n  nothing(1)', '12:15'],
    ['a folded block', 'status: >-\n  if .a\n  then }\n  else 1 end', '12:20'],
    ['with wide characters in front', 'status: \'"ä😀" | nothing\'', '10:30'],
    ['only standing in parentheses', 'status: .a) | (.b', '10:23'],
    ['with an end that is missing', 'status: .a |', '10:25'],
  ])('%s is told at its character', async (_, property, place) => {
    const result = await validate(issues(property))
    const [first = ''] = errors(result)
    expect(first).toContain('properties.status: jq refuses')
    if (place !== undefined) expect(first).toContain(`error ${place} `)
    expect(result.exitCode).toBe(1)
  })

  it('is told for every expression, and the rest of the file is checked all the same', async () => {
    const result = await validate(issues('status: .a |\nseverity: nothing\nbogus: .a'))
    expect(errors(result)).toEqual([
      expect.stringMatching(/^error 10:\d+ properties\.status: jq refuses/),
      expect.stringMatching(/^error 11:23 properties\.severity: jq refuses "nothing": nothing\/0 is not defined/),
      expect.stringMatching(/^error 12:\d+ properties\.bogus: blueprint "wizIssue" has no property "bogus"/),
    ])
  })
})

it.each([
  'env',
  '$ENV.HOME',
  'input',
  'inputs',
  'debug',
  'stderr',
  'halt',
  '"x" | halt_error',
  'input_filename',
  '"\\(env)"',
])('%s is refused', async expression => {
  const result = await validate(issues(`status: '${expression}'`))
  expect(errors(result)).toEqual([expect.stringMatching(/^error 10:\d+ properties\.status: \$?\w+: .*\.$/)])
})

it('import and include are refused', async () => {
  const result = await validate(issues('status: \'import "a" as $a; .\'\nseverity: \'include "a"; .\''))
  expect(errors(result)).toEqual(
    expect.arrayContaining([
      expect.stringMatching(/^error 10:\d+ properties\.status: import: there are no modules/),
      expect.stringMatching(/^error 11:\d+ properties\.severity: include: there are no modules/),
    ]),
  )
})

it("the clock is a warning, and names that only look like jq's functions are nothing", async () => {
  const result = await validate(
    issues(
      "createdAt: now | todate\nupdatedAt: '.input.env // {env: 1, input: 2}.env // (def input: null; input) | tostring'\nstatus: '\"OPEN\" # now, env'",
    ),
  )
  expect(errors(result).filter(text => !text.includes('example'))).toEqual([])
  expect(warnings(result)).toEqual(
    expect.arrayContaining([
      expect.stringContaining('warning 10:24 properties.createdAt: now: every run would give another value'),
    ]),
  )
})

describe('against the blueprint', () => {
  it('unknown ones, constants that do not fit, and relations that nothing fills', async () => {
    const result = await validate(
      issues(
        "status: '\"CLOSED\"'\nnotes: '5'\nseverty: .severity",
        '          relations: {control: .sourceRule.id, projcts: ".projects[].id"}\n',
      ),
    )
    expect(errors(result)).toEqual([
      expect.stringContaining(
        'error 10:22 properties.status: the constant "CLOSED" does not fit: expected one of "OPEN"',
      ),
      expect.stringContaining('error 11:21 properties.notes: the constant 5 does not fit: expected array'),
      expect.stringContaining(
        'error 12:22 properties.severty: blueprint "wizIssue" has no property "severty"; expected "severity"?',
      ),
      expect.stringContaining(
        'relations.projcts: blueprint "wizIssue" has no relation "projcts"; expected "projects"?',
      ),
    ])
    expect(warnings(result)).toEqual([
      expect.stringContaining(
        'relations.control: it points to blueprint "wizControl", and nothing in this mapping fills that',
      ),
    ])
    expect(said(result)).toContainEqual(
      expect.stringContaining('notice 7:11 blueprint "wizIssue" has fields that are never mapped: properties.url'),
    )
  })

  it('of the repository, which has the say over the shipped one', async () => {
    const own = {
      identifier: 'wizIssue',
      title: 'Mine',
      schema: { properties: { mine: { type: 'string' }, must: { type: 'string' } }, required: ['must'] },
      relations: { owner: { target: 'person', required: true } },
    }
    const files = { 'mappings/blueprints/mine.json': JSON.stringify(own), 'mappings/blueprints/bad.json': '{' }
    const result = await validate(issues('mine: .id\nstatus: .status'), files)
    expect(result.annotations.map(({ place, message }) => `${place} ${message}`)).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^mappings\/blueprints\/bad\.json:1:1 not JSON/),
        expect.stringContaining('blueprint "wizIssue" requires properties.must, and nothing maps it'),
        expect.stringContaining('blueprint "wizIssue" requires relations.owner, and nothing maps it'),
        expect.stringContaining('properties.status: blueprint "wizIssue" has no property "status"'),
      ]),
    )
    expect(errors(result)).toHaveLength(4)
  })

  it('that no file has is a warning: it may be in Port', async () => {
    const result = await validate(issues('a: .id').replace('wizIssue', 'wizIsue'))
    expect(result.exitCode).toBe(0)
    expect(warnings(result)).toEqual([expect.stringContaining('blueprint "wizIsue" is not checked')])
  })
})

describe('against examples', () => {
  const issue = (fields: object) => JSON.stringify({ id: 'i1', severity: 'LOW', status: 'OPEN', ...fields })

  it('recorded in the repository: types, formats, enums, identifiers and arity', async () => {
    const mapping = issues(
      'url: .name\nstatus: .status\nnotes: .text\ncreatedAt: .name',
      '          relations: {control: "[.name, .id]"}\n  - kind: control\n    selector: {query: "true"}\n    port: {entity: {mappings: {identifier: .name, blueprint: \'"wizControl"\'}}}\n',
    )
    const result = await validate(mapping, {
      '.github/examples/issue/one.json': issue({ name: 'no URL', status: 'GONE', text: [1] }),
      '.github/examples/control/list.json': JSON.stringify([{ id: 'c', name: 'with blanks' }]),
      '.github/examples/control/broken.json': 'nothing',
    })
    const file = '.github/examples/issue/one.json'
    expect(errors(result)).toEqual(
      expect.arrayContaining([
        expect.stringContaining(`error 10:18 properties.url: gave "no URL"; expected a URL, with the example ${file}`),
        expect.stringContaining(`error 11:21 properties.status: gave "GONE"; expected one of "OPEN"`),
        expect.stringContaining(`error 13:24 properties.createdAt: gave "no URL"; expected string (date-time)`),
        expect.stringContaining('relations.control: gave an array; expected one identifier'),
        expect.stringContaining(
          'identifier: has characters that Port does not take (" "); clean it in the mapping with',
        ),
        expect.stringContaining('.github/examples/control/broken.json:1:1 not JSON'),
      ]),
    )
  })

  it('that are shipped with the action, for a repository that has none', async () => {
    const result = await validate(issues('severity: .createdAt\nstatus: .status'))
    expect(errors(result)).toEqual([
      expect.stringMatching(
        /^error 10:23 properties\.severity: gave "2026.*expected one of "INFORMATIONAL".*mappings\/examples\/issue/,
      ),
    ])
  })

  it('the summary shows one mapped example, and how often each expression was null or failed', async () => {
    const result = await validate(
      issues('status: .status\nseverity: .severity | ascii_upcase\ncreatedAt: .createdAt'),
      {
        '.github/examples/issue/a.json': issue({ id: 'shown', createdAt: null }),
        '.github/examples/issue/b.json': issue({ id: 'other', severity: 5 }),
      },
    )
    expect(result.exitCode).toBe(0)
    expect(result.summary).toContain('.github/examples/issue/a.json')
    expect(result.summary).toContain('&quot;identifier&quot;: &quot;shown&quot;')
    const tallies = Object.fromEntries(
      (result.report?.examples[0]?.expressions ?? []).map(({ field, empty, failed, objects }) => [
        field,
        [empty, failed, objects],
      ]),
    )
    expect(tallies).toMatchObject({ 'properties.severity': [0, 1, 6], 'properties.createdAt': [2, 0, 6] })
    expect(result.summary).toContain('1 of 6')
  })
})

describe('a mapping file that is an attack', () => {
  it.each([
    ['too large', `# ${'x'.repeat(256 * 1024)}`, /^error 1:1 larger than 256 KiB/],
    ['too deep', `a: ${'['.repeat(200)}`, /^error 1:\d+ not valid YAML: /],
    ['a bomb of aliases', `a: &a [x]\nb: [${'*a, '.repeat(200)}]`, /^error \d+:\d+ not valid YAML: .*alias/i],
    ['a key twice', 'resources: []\nresources: []', /^error 2:1 not valid YAML: .*dup/i],
    ['a prototype', 'resources: []\n__proto__: {a: 1}', /^error 2:1.* __proto__/],
  ])('%s', async (_, mapping, expected) => {
    const result = await validate(mapping)
    expect(result.exitCode).toBe(1)
    expect(errors(result)).toContainEqual(expect.stringMatching(expected))
  })
})

it('more problems than annotations are all in the log, the summary and the report', async () => {
  const properties = Array.from({ length: 30 }, (_, index) => `p${index}: .a`).join('\n')
  const result = await validate(issues(properties))
  expect(errors(result)).toHaveLength(10)
  expect(errors(result).at(-1)).toContain('and 21 more; the log has all')
  expect(result.report?.problems).toHaveLength(30)
  for (const name of ['p0', 'p29']) expect(result.log).toContain(`properties.${name}: blueprint`)
})

it('on a laptop: npm run validate, without a runner', () => {
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-validate-'))
  writeFileSync(join(folder, 'good.yml'), issues('status: .status'))
  writeFileSync(join(folder, 'bad.yml'), issues('status: .status |'))
  const run = (name: string) => {
    try {
      const output = execFileSync(process.execPath, ['--import', 'tsx', 'scripts/validate.ts', name], {
        env: { PATH: process.env.PATH, INIT_CWD: folder },
        encoding: 'utf8',
      })
      return { code: 0, output }
    } catch (error) {
      const { status, stdout } = error as { status: number; stdout: string }
      return { code: status, output: stdout }
    }
  }
  expect(run('good.yml')).toEqual({ code: 0, output: expect.stringContaining('good.yml: valid') })
  expect(run('bad.yml')).toEqual({
    code: 1,
    output: expect.stringMatching(/^error: bad\.yml:10:\d+ properties\.status: jq refuses/m),
  })
})
