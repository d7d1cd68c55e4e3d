import fc from 'fast-check'
import { stringify } from 'safe-stable-stringify'
import { afterAll, expect, it } from 'vitest'
import { checkBlueprints } from '../../src/check/blueprints.ts'
import { checkRead } from '../../src/check/check.ts'
import { ConfigError } from '../../src/errors.ts'
import { stringifyJson } from '../../src/json.ts'
import { chooseBlueprints } from '../../src/mapping/choose.ts'
import { Evaluator } from '../../src/mapping/evaluate.ts'
import { parseMapping } from '../../src/mapping/file.ts'
import { locate } from '../../src/mapping/positions.ts'
import { readBlueprintFolder } from '../../src/port/blueprint-files.ts'
import { wasmEngine } from '../jq/engines.ts'
import { compiledFrom } from './compiled.ts'

const engine = wasmEngine()
afterAll(() => engine.close())

const SEED = { seed: 20261124 }

/** Some give a value, some several, some none, and some fail, depending on the object. */
const EXPRESSIONS = [
  '.id',
  '.a',
  '.a.b',
  '.a[]',
  '.a[]?',
  '.a // "none"',
  'empty',
  '(1, 2)',
  'error("no")',
  'error(null)',
  'error({code: .id})',
  '.a | tostring',
  '.a | ascii_downcase',
  '[.a, .id] | tojson',
  '. as {a: $x} | $x # comment',
  'reduce range(3) as $i (0; . + $i)',
  'label $f | (.a, break $f)',
  '"x\\(.a)"',
  '.a |= 1 | .a',
  'if .a then .id else empty end',
  'def f: .a; f',
  'first(.a[]) // "none"',
]
const jsonValue = fc.jsonValue({ maxDepth: 2 })
const object = fc.record({ id: fc.string({ minLength: 1 }), a: jsonValue })

it('a fused program gives what every expression gives on its own', async () => {
  const expressions = fc.array(fc.constantFrom(...EXPRESSIONS), { minLength: 1, maxLength: 6 })
  const property = fc.asyncProperty(
    fc.array(object, { minLength: 1, maxLength: 5 }),
    fc.constantFrom('true', '.a', '.a != null', 'error("no")', 'empty'),
    expressions,
    async (objects, query, chosen) => {
      const texts = objects.map(stringifyJson)
      const named = chosen.map((expression, index) => [`p${index}`, expression] as const)
      const evaluate = (properties: Record<string, string>) =>
        new Evaluator(compiledFrom('issue', { query, properties }), engine).evaluate(texts)
      const fused = await evaluate(Object.fromEntries(named))
      const alone = await Promise.all(named.map(([name, expression]) => evaluate({ [name]: expression })))
      for (const [index, line] of fused.entries()) {
        const [[selected, results]] = JSON.parse(line)
        const single = alone.map(lines => JSON.parse(lines[index] ?? '')[0])
        expect(single.map(row => row[0])).toEqual(single.map(() => selected))
        expect(single.map(row => row[1]?.[1])).toEqual(single.map((_, at) => results?.[at + 1]))
      }
    },
  )
  await fc.assert(property, { ...SEED, numRuns: 150 })
})

it("no object's failure changes what another one gives", async () => {
  // On objects with `bad` the first expression fails in one of the ways in which expressions can fail.
  const x = `if .bad == 1 then error("no") elif .bad == 2 then ("x" * 100000) elif .bad == 3 then (def f: [f]; f) else .a end`
  const compiled = compiledFrom('issue', { properties: { x, y: '.a' } })
  const evaluate = (objects: readonly object[]) =>
    new Evaluator(compiled, engine, { batchOutput: 60_000, singleOutput: 60_000, outputPerInput: 0 }).evaluate(
      objects.map(stringifyJson),
    )
  const mixed = fc.array(fc.record({ id: fc.string(), a: jsonValue, bad: fc.constantFrom(0, 0, 0, 1, 2, 3) }), {
    minLength: 1,
    maxLength: 8,
  })
  const property = fc.asyncProperty(mixed, async objects => {
    const together = await evaluate(objects)
    const good = objects.filter(({ bad }) => bad === 0)
    const alone = await evaluate(good)
    expect(together.filter((_, index) => objects[index]?.bad === 0)).toEqual(alone)
  })
  await fc.assert(property, { ...SEED, numRuns: 12 })
})

it('no mapping file makes the checker fail', async () => {
  const { blueprints: known } = readBlueprintFolder('mappings/blueprints', 'mappings/blueprints', 'mappings')
  const text = fc.oneof(
    fc.constantFrom(
      ...EXPRESSIONS,
      "'x'",
      '"wizIssue"',
      '.a |',
      '.a) | (.b',
      'env',
      'now',
      '\\',
      '"\\(',
      '',
      '{',
      '$__loc__',
    ),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('issue', 'isue', 'technology', 'true'),
  )
  const leaf = fc.oneof(text, fc.constantFrom(null, true, 1, [], {}), jsonValue)
  const search = fc.record({ combinator: leaf, rules: fc.array(fc.dictionary(text, leaf)) })
  const lookup = fc.oneof(text, leaf, search)
  const entry = fc.record(
    {
      identifier: lookup,
      blueprint: fc.oneof(fc.constant('"wizIssue"'), leaf),
      team: fc.oneof(lookup, fc.array(leaf)),
      properties: fc.oneof(fc.dictionary(text, leaf), leaf),
      relations: fc.oneof(fc.dictionary(text, lookup), leaf),
      extra: leaf,
    },
    { requiredKeys: ['identifier', 'blueprint'] },
  )
  const resource = fc.record({
    kind: fc.oneof(fc.constant('issue'), leaf),
    selector: fc.oneof(fc.record({ query: text }), leaf),
    port: fc.oneof(fc.record({ entity: fc.record({ mappings: fc.oneof(entry, fc.array(entry), leaf) }) }), leaf),
  })
  const document = fc.oneof(
    fc.record({ resources: fc.oneof(fc.array(resource), leaf) }).map(value => stringify(value) ?? ''),
    fc.string(),
  )
  const property = fc.asyncProperty(document, async source => {
    let read: ReturnType<typeof parseMapping>
    try {
      read = parseMapping(source, 'm.yml')
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError)
      return
    }
    const { mapping } = chooseBlueprints(read.mapping, known)
    const findings = [
      ...(await checkRead(read, engine)),
      ...checkBlueprints(mapping, { known, online: false, names: [] }),
    ]
    for (const { message, place } of findings) {
      expect(message).toMatch(/[.?]$/)
      expect(place === undefined || (place.line >= 1 && place.column >= 1)).toBe(true)
    }
  })
  await fc.assert(property, { ...SEED, numRuns: 400 })
})

it('every character of a text is found where it stands, however the text is written', () => {
  const value = fc.string({
    unit: fc.constantFrom('a', '|', '.', "'", '"', '\\', ' ', '\n', 'ä', '😀', '#', ':'),
    maxLength: 30,
  })
  const property = fc.property(value, fc.constantFrom('double', 'single', 'literal'), (text, style) => {
    // A mark that no text has, in a place that the search has to find.
    const marked = `${text}@`
    const written = {
      double: JSON.stringify(marked),
      single: `'${marked.replaceAll("'", "''").replaceAll('\n', '\n\n    ')}'`,
      literal: `|2-\n${marked.replaceAll(/^/gm, '    ')}`,
    }[style]
    fc.pre(style !== 'single' || !/\s\n|\n\s|^\s|\s@/.test(marked))
    const source = `a:\n  b: ${written}\n`
    const at = source.indexOf('@')
    const lines = source.slice(0, at).split('\n')
    const position = locate(source, 'm.yml').within(['a', 'b'], marked.indexOf('@'))
    expect(position).toEqual({ line: lines.length, column: (lines.at(-1)?.length ?? 0) + 1 })
  })
  fc.assert(property, { ...SEED, numRuns: 500 })
})
