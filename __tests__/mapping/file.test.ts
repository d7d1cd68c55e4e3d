import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { ConfigError, sayProblem } from '../../src/errors.ts'
import { parseMapping, readMapping } from '../../src/mapping/file.ts'

function problemsOf(source: string): readonly string[] {
  try {
    return parseMapping(source, 'm.yml').problems.map(sayProblem)
  } catch (error) {
    if (error instanceof ConfigError) return error.problems.map(sayProblem)
    throw error
  }
}

const resource = (body: string) => `resources:\n  - kind: issue\n${body}`
const port = '    port: {entity: {mappings: {identifier: .id, blueprint: \'"b"\'}}}\n'

describe('a mapping file', () => {
  it('keeps every expression with the place where it stands', () => {
    const { mapping } = parseMapping(
      [
        'resources:',
        '  - kind: project',
        '    selector: { query: "true", includeArchived: true }',
        '    port:',
        '      entity:',
        '        mappings:',
        '          - identifier: .id',
        '            blueprint: \'"wizProject"\'',
        '            properties:',
        '              archived: .archived',
        '          - identifier: .slug',
        '            blueprint: \'"other"\'',
        '            relations: { project: .id }',
      ].join('\n'),
      'm.yml',
    )
    const [project] = mapping.resources
    expect(project?.selector).toEqual({ includeArchived: true })
    expect(project?.mappings.map(({ blueprint, identifier }) => [blueprint, identifier])).toEqual([
      ['wizProject', expect.objectContaining({ text: '.id', at: { line: 7, column: 25 } })],
      ['other', expect.objectContaining({ text: '.slug', at: { line: 11, column: 25 } })],
    ])
    expect(project?.mappings[0]?.properties.archived).toMatchObject({ text: '.archived', at: { line: 10, column: 25 } })
    expect(mapping).toMatchObject({ createMissingRelatedEntities: true, enableMergeEntity: true })
  })

  it('shares mappings between its entries with anchors and merge keys', () => {
    const { mapping, problems } = parseMapping(
      resource(`    selector: {query: "true"}
    port:
      entity:
        mappings:
          - &first
            identifier: .id
            blueprint: '"a"'
            properties: &shared {status: .status}
          - <<: *first
            blueprint: '"b"'
            properties: {<<: *shared, severity: .severity}
`),
      'm.yml',
    )
    expect(problems).toEqual([])
    const [, second] = mapping.resources[0]?.mappings ?? []
    expect(second?.blueprint).toBe('b')
    expect(Object.entries(second?.properties ?? {}).map(([name, { text }]) => [name, text])).toEqual([
      ['status', '.status'],
      ['severity', '.severity'],
    ])
    expect(second?.properties.status?.place(0)).toMatchObject({ line: 13 })
  })

  it('takes YAML booleans and numbers for the jq text that they are', () => {
    const { mapping } = parseMapping(resource(`    selector: {query: true}\n${port}`), 'm.yml')
    expect(mapping.resources[0]?.query.text).toBe('true')
  })

  it.each([
    ['a: [', ['m.yml:1:5 not valid YAML: unexpected end of the stream within a flow collection.']],
    ['a: 1\na: 2', [expect.stringMatching(/^m\.yml:2:1 not valid YAML: .*duplicat/)]],
    ['', ['m.yml:1:1 not valid YAML: expected a document, but the input is empty.']],
    ['resources: []', ['m.yml:1:12 resources: expected at least one resource.']],
    ['resources: 5', ['m.yml:1:12 resources: expected array.']],
    [
      resource(`    selector: {query: "true", severityList: [SEVERE], statusList: OPEN, foo: 1, maxPages: 0}\n${port}`),
      [
        expect.stringContaining(
          'm.yml:3:45 selector.severityList: "SEVERE" is not a value that Wiz knows; expected one of INFORMATIONAL',
        ),
        'm.yml:3:67 selector.statusList: expected a list.',
        expect.stringContaining(
          'm.yml:3:73 selector.foo: kind issue has no such option; expected one of query, statusList',
        ),
        'm.yml:3:91 selector.maxPages: expected a whole number from 1 up.',
      ],
    ],
    [
      resource(
        '    selector: {}\n    port:\n      itemsToPars: .a\n      entity: {mappings: [{identifier: .id, blueprnt: 3}]}\n',
      ),
      [
        expect.stringContaining('query: missing; expected jq text'),
        expect.stringContaining('m.yml:5:7 itemsToPars: not known at this place; expected "itemsToParse"?'),
        expect.stringContaining('blueprint: missing; expected jq text'),
        expect.stringContaining('m.yml:6:45 blueprnt: not known at this place; expected "blueprint"?'),
      ],
    ],
    [
      'resources:\n  - kind: isue\n    selector: {query: "true"}\n    port: {entity: {mappings: {identifier: .id, blueprint: \'"b"\'}}}\n',
      [
        'm.yml:2:11 kind: "isue" is not a kind that wiz-to-port fetches; expected "issue"? (known: project, issue, control, serviceTicket).',
      ],
    ],
  ])('says what is wrong with %j', (source, expected) => {
    expect(problemsOf(source)).toEqual(expected)
  })

  it('is refused when it is too large, too deep, or a bomb of aliases', () => {
    expect(problemsOf(`# ${'x'.repeat(256 * 1024)}`)).toEqual([expect.stringContaining('larger than 256 KiB')])
    expect(problemsOf('['.repeat(200))).toEqual([expect.stringMatching(/^m\.yml:1:\d+ not valid YAML/)])
    const bomb = ['a: &a [1, 1]', ...Array.from({ length: 200 }, (_, i) => `b${i}: *a`)].join('\n')
    expect(problemsOf(bomb)).toEqual([expect.stringMatching(/^m\.yml:\d+:\d+ not valid YAML: .*alias/i)])
  })

  it('that cannot be read is named, with what to check', () => {
    expect(() => readMapping('/nowhere/at/all.yml', 'all.yml')).toThrow(
      /all\.yml cannot be read \(ENOENT\).*actions\/checkout/,
    )
  })
})

it('the shipped mapping writes only what the shipped blueprints have', () => {
  const { mapping } = readMapping('mappings/wiz.yml', 'mappings/wiz.yml')
  const files = {
    wizProject: 'wiz-project',
    wizIssue: 'wiz-issue',
    wizControl: 'wiz-control',
    wizServiceTicket: 'wiz-service-ticket',
  }
  for (const { mappings } of mapping.resources) {
    for (const { blueprint, properties, relations } of mappings) {
      const file = files[blueprint as keyof typeof files]
      const definition = JSON.parse(readFileSync(`mappings/blueprints/${file}.json`, 'utf8'))
      expect(definition.identifier).toBe(blueprint)
      expect(Object.keys(definition.schema.properties)).toEqual(expect.arrayContaining(Object.keys(properties)))
      expect(Object.keys(definition.relations ?? {})).toEqual(expect.arrayContaining(Object.keys(relations)))
    }
  }
})
