import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JqEngine } from '../../src/jq/engine.ts'
import { stringifyJson } from '../../src/json.ts'
import { type Budget, Evaluator } from '../../src/mapping/evaluate.ts'
import { engines } from '../jq/engines.ts'
import { compiledFrom } from './compiled.ts'

/** Short, so that what never ends ends soon. */
const BUDGET: Partial<Budget> = { batchMs: 400, singleMs: 800, objectMs: 2 }
/** On a busy machine, a process takes a while to start. */
const NATIVE_BUDGET: Partial<Budget> = { ...BUDGET, singleMs: 1_800 }

interface Asked extends Partial<Budget> {
  query?: string
  identifier?: string
}

const OBJECTS = Array.from({ length: 12 }, (_, n) => ({ id: `i${n}`, n }))
const GOOD = OBJECTS.map(({ id, n }) => `[[[true],[["${id}"],[${n}],[${n}]]]]`)

describe.each(engines)('$name', ({ create, version, isNative }) => {
  let engine: JqEngine
  beforeAll(async () => {
    engine = await create()
  })
  afterAll(() => engine.close())

  function evaluator(x: string, { query = 'true', identifier = '.id', ...budget }: Asked = {}) {
    const compiled = compiledFrom('issue', { query, identifier, properties: { x, y: '.n' } })
    return new Evaluator(compiled, engine, { ...(isNative ? NATIVE_BUDGET : BUDGET), ...budget })
  }

  const evaluate = (one: Evaluator, objects: readonly object[] = OBJECTS) => one.evaluate(objects.map(stringifyJson))

  it.each<[string, string]>([
    ['never ends', 'def f: f; f'],
    ['never ends, building nothing', '[limit(1; repeat(empty))]'],
    ['fills the memory', '"x" * (.n * 200000000) | length'],
    ['recurses without end', 'def f: [f]; f | length'],
    ['prints without end', '[limit(20000000; repeat("xxxxxxxxxx"))]'],
  ])('an expression that %s on one object loses its field there, and nothing else is lost', async (_, bad) => {
    const lines = await evaluate(evaluator(`if .n == 7 then ${bad} else .n end`))
    expect(lines.filter((_, n) => n !== 7)).toEqual(GOOD.filter((_, n) => n !== 7))
    expect(JSON.parse(lines[7] ?? '')).toEqual([[[true], [['i7'], { error: expect.any(String) }, [7]]]])
  })

  it('a regular expression that backtracks without end is ended where it does', async () => {
    const objects = OBJECTS.map(object => ({ ...object, text: object.n === 7 ? `${'a'.repeat(40)}b` : 'aaa' }))
    const lines = await evaluate(evaluator('.text | test("^(a+)+$")'), objects)
    const results = lines.map(line => JSON.parse(line)[0][1][1])
    expect(results.filter((_, n) => n !== 7)).toEqual(OBJECTS.slice(1).map(() => [true]))
    expect(results[7]).toEqual({ error: expect.any(String) })
  })

  it('an expression that is slow on every object is given up, and named; the others are mapped', async () => {
    const one = evaluator('[range(3000000)] | length')
    const lines = await evaluate(one)
    expect(one.trips).toEqual([
      { field: 'properties.x', reason: expect.stringContaining('took more than 50 ms on each of 5') },
    ])
    expect(lines.map(line => JSON.parse(line)[0][1][2])).toEqual(OBJECTS.map(({ n }) => [n]))
    expect(new Set(lines.map(line => JSON.parse(line)[0][1][1].error))).toEqual(
      new Set([expect.stringContaining('given up: took more than 50 ms')]),
    )
  })

  it('an expression that had to be ended five times is not tried again', async () => {
    // Nothing counts as slow: on a busy machine that could be any expression, and is not what this is about.
    const one = evaluator('if .n % 2 == 1 then def f: f; f else .n end', { slowMs: 60_000 })
    const lines = await evaluate(one)
    expect(one.trips).toEqual([{ field: 'properties.x', reason: expect.stringContaining('had to be ended on 5') }])
    expect(lines.map(line => JSON.parse(line)[0][1][2])).toEqual(OBJECTS.map(({ n }) => [n]))
  })

  it.each([
    ['selector.query', { query: 'if .n == 7 then def f: f; f else true end' }],
    ['identifier', { identifier: 'if .n == 7 then def f: f; f else .id end' }],
  ])('without %s the object itself fails', async (field, expressions) => {
    const lines = await evaluate(evaluator('.n', expressions))
    expect(lines.filter((_, n) => n !== 7)).toEqual(GOOD.filter((_, n) => n !== 7))
    expect(JSON.parse(lines[7] ?? '')).toEqual({ error: expect.stringContaining('no result after'), field })
  })

  it('an object that jq cannot read fails alone', async () => {
    const texts = OBJECTS.map(stringifyJson)
    texts[7] = `{"id":"i7","n":7,"deep":${'['.repeat(12_000)}${']'.repeat(12_000)}}`
    const lines = await evaluator('.n').evaluate(texts)
    expect(lines.filter((_, n) => n !== 7)).toEqual(GOOD.filter((_, n) => n !== 7))
    expect(JSON.parse(lines[7] ?? '')).toEqual({
      error: expect.stringContaining('jq cannot read it'),
      field: 'the object',
    })
  })

  it('values go in and come out as they are', async () => {
    const values = [
      '\u0000',
      'a\u2028b',
      '😀',
      'x'.repeat(1024 * 1024),
      { __proto__x: 1, constructor: 'c' },
      -0.5,
      1e17,
    ]
    const objects = values.map((n, index) => ({ id: `i${index}`, n }))
    const lines = await evaluate(evaluator('.n'), objects)
    expect(lines.map(line => JSON.parse(line)[0][1][1][0])).toEqual(values)
    const proto = '{"id":"p","n":{"__proto__":{"a":1},"constructor":2}}'
    const [line = ''] = await evaluator('.n').evaluate([proto])
    expect(line).toContain('{"__proto__":{"a":1},"constructor":2}')
  })

  it.skipIf(version < 1.7)('numbers that a double cannot hold come out as they are', async () => {
    const [line] = await evaluator('.n').evaluate(['{"id":"i","n":12345678901234567890}'])
    expect(line).toBe('[[[true],[["i"],[12345678901234567890],[12345678901234567890]]]]')
  })
})
