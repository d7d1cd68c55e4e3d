import { describe, expect, it } from 'vitest'
import type { FieldResult } from '../../src/jq/program.ts'
import { chooseBlueprints } from '../../src/mapping/choose.ts'
import { compileResource } from '../../src/mapping/compile.ts'
import { parseMapping } from '../../src/mapping/file.ts'
import { transform } from '../../src/mapping/transform.ts'
import type { Blueprint } from '../../src/port/model.ts'

const blueprint: Blueprint = {
  identifier: 'b',
  schema: { properties: { text: { type: 'string' }, list: { type: 'array' } } },
  relations: { one: { target: 't' }, many: { target: 't', many: true } },
}

const FIELDS = ['identifier', 'title', 'team', 'properties.text', 'properties.list', 'relations.one', 'relations.many']

const { mapping } = parseMapping(
  `resources:
  - kind: issue
    selector: {query: 'true'}
    port:
      entity:
        mappings:
          identifier: .
          blueprint: '"b"'
          title: .
          team: .
          properties: {text: ., list: .}
          relations: {one: ., many: .}
`,
  'm.yml',
)
const [resource] = chooseBlueprints(mapping, new Map([['b', blueprint]])).mapping.resources
if (resource === undefined) throw new Error('the mapping has a resource')
const compiled = compileResource(resource, new Map([['b', blueprint]]))

/** The outcome for one object, given the outputs of some fields; the others gave null. */
function outcome(results: Record<string, FieldResult>) {
  const row = FIELDS.map(field => results[field] ?? (field === 'identifier' ? ['id'] : [null]))
  return transform(compiled, [[[true], row]])[0]?.[0]
}

function entity(results: Record<string, FieldResult>) {
  const result = outcome(results)
  return result?.status === 'mapped' ? result.entity : result
}

it('collects all outputs for what the blueprint calls a list, and the first one elsewhere', () => {
  expect(compiled.program.source.mappings[0]?.fields.map(({ name, collect }) => [name, collect])).toEqual(
    FIELDS.map(field => [field, ['properties.list', 'relations.many'].includes(field) ? 'all' : 'first']),
  )
})

describe('array properties and many relations', () => {
  it.each<[unknown[], unknown]>([
    [
      ['a', 'b'],
      ['a', 'b'],
    ],
    [[], []],
    [[['a', 'b']], ['a', 'b']],
    [[null], null],
    [['a'], ['a']],
  ])('outputs %j become the property %j', (outputs, expected) => {
    expect(entity({ 'properties.list': outputs })).toMatchObject({ properties: { list: expected } })
  })

  it('drop null, empty and repeated targets and make identifiers of numbers', () => {
    expect(entity({ 'relations.many': ['a', null, '', 7, 'a'] })).toMatchObject({ relations: { many: ['a', '7'] } })
    expect(entity({ 'relations.many': [null] })).toMatchObject({ relations: { many: [] } })
    expect(entity({ 'relations.one': [7] })).toMatchObject({ relations: { one: '7' } })
    expect(entity({ 'relations.one': [''] })).toMatchObject({ relations: { one: null } })
  })
})

describe('titles and teams', () => {
  it('are left out when they are null, because Port refuses a null', () => {
    expect(entity({})).toEqual({
      identifier: 'id',
      properties: { text: null, list: null },
      relations: { one: null, many: [] },
    })
  })

  it('take texts, numbers as text, and lists of teams', () => {
    expect(entity({ title: [5], team: [['a', 'b']] })).toMatchObject({ title: '5', team: ['a', 'b'] })
  })
})

describe('a field that fails', () => {
  it('is left out of the entity and told', () => {
    const result = outcome({ 'properties.text': { error: 'no' }, title: [{}], 'relations.one': [true] })
    expect(result).toMatchObject({
      status: 'mapped',
      fieldErrors: [
        { field: 'title', message: 'gave an object; expected a string' },
        { field: 'properties.text', message: 'no' },
        { field: 'relations.one', message: 'gave a boolean; expected one identifier or a search' },
      ],
    })
    expect(result?.status === 'mapped' && Object.keys(result.entity.properties)).toEqual(['list'])
    expect(result?.status === 'mapped' && result.entity).not.toHaveProperty('title')
  })
})

describe('an object fails', () => {
  it.each<[FieldResult, object]>([
    [[null], { field: 'identifier', reason: 'is null' }],
    [[], { field: 'identifier', reason: 'is null' }],
    [[true], { field: 'identifier', reason: 'gave a boolean; expected text' }],
    [{ error: 'boom' }, { field: 'identifier', reason: 'boom' }],
    [
      ['a b'],
      {
        field: 'identifier',
        identifier: 'a b',
        reason: expect.stringContaining('(" "); clean it in the mapping with: | gsub('),
      },
    ],
    [['..'], { field: 'identifier', reason: expect.stringContaining('only dots') }],
    [['x'.repeat(1001)], { field: 'identifier', reason: expect.stringContaining('1001 characters') }],
  ])('whose identifier is %j', (identifier, expected) => {
    expect(outcome({ identifier })).toMatchObject({ status: 'failed', blueprint: 'b', ...expected })
  })

  it('that points to what Port would refuse, and with it the whole batch', () => {
    expect(outcome({ 'relations.many': ['ok', 'data##x'] })).toMatchObject({
      status: 'failed',
      identifier: 'id',
      field: 'relations.many',
      reason: expect.stringContaining('"data##x"'),
    })
  })

  it.each<[FieldResult, string]>([
    [['yes'], 'gave a string; expected true or false'],
    [[1], 'gave a number; expected true or false'],
    [{ error: 'boom' }, 'boom'],
  ])('whose selector gave %j', (selected, reason) => {
    expect(transform(compiled, [[selected]])).toEqual([
      [{ status: 'failed', blueprint: 'b', field: 'selector.query', reason }],
    ])
  })
})

it.each([[[false]], [[null]], [[]]])('a selector that gave %j leaves the object out', selected => {
  expect(transform(compiled, [[selected]])).toEqual([[{ status: 'skipped', blueprint: 'b' }]])
})

it('takes numbers as identifiers and every letter of every script', () => {
  expect(entity({ identifier: [42] })).toMatchObject({ identifier: '42' })
  expect(entity({ identifier: ['Ümläut/日本語@a.b+c:d\\e=f-g_h'] })).toMatchObject({
    identifier: 'Ümläut/日本語@a.b+c:d\\e=f-g_h',
  })
})
