import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type JqEngine, JqFailure } from '../../src/jq/engine.ts'
import { fuse, splitLines } from '../../src/jq/program.ts'
import { IN_JQ_1_6, TABLE } from './conformance-table.ts'
import { engines } from './engines.ts'

const BEFORE = '[[[true],['
const AFTER = ']]]'

/** What the expression gives as the only field of a fused program, as jq prints it. */
async function outputs(engine: JqEngine, expression: string, input: string): Promise<string> {
  const { text } = fuse({ query: 'true', mappings: [{ fields: [{ name: 'f', expression, collect: 'all' }] }] })
  try {
    const [line = ''] = splitLines(await engine.run(text, input, { timeoutMs: 2_000 }))
    return line.slice(BEFORE.length, -AFTER.length)
  } catch (error) {
    if (error instanceof JqFailure) return error.timedOut ? 'never ends' : 'refused'
    throw error
  }
}

describe.each(engines.filter(({ version }) => version === 1.6 || version >= 1.8))('$name', ({ create, version }) => {
  let engine: JqEngine
  beforeAll(async () => {
    engine = await create()
  })
  afterAll(() => engine.close())

  describe.each(Object.entries(TABLE))('%s', (_, rows) => {
    it.each(rows)('%s over %s gives %s', async (expression, input, expected) => {
      const differs = version === 1.6 ? IN_JQ_1_6.get(expression) : undefined
      expect(await outputs(engine, expression, input)).toBe(differs ?? expected)
    })
  })
})

it('the table has each expression and input once, and names no difference for nothing', () => {
  const rows = Object.values(TABLE).flat()
  expect(new Set(rows.map(([expression, input]) => `${expression}\t${input}`)).size).toBe(rows.length)
  expect(rows.length).toBeGreaterThan(300)
  const expressions = new Set(rows.map(([expression]) => expression))
  expect([...IN_JQ_1_6.keys()].filter(expression => !expressions.has(expression))).toEqual([])
})
