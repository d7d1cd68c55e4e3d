/** Messages of the real jq, whose values may not be shown. */
import { describe, expect, it } from 'vitest'
import { Recorder } from '../../src/report/recorder.ts'
import { withoutValues } from '../../src/report/values.ts'
import { engines } from '../jq/engines.ts'

const SECRET = 'TOPSECRET) text (with "quotes", \'others\' and string ("more")'

/** Expressions that fail on a text, in all ways in which jq quotes it. */
const FAILING = [
  'tonumber',
  '. + 1',
  '{a: .} - 1',
  '[.] * {}',
  '.[]',
  '.a',
  '. as $key | [1] | .[$key]',
  '. as $key | [1] | setpath([$key]; 1)',
  'fromjson',
  'tojson | "\\(.)x" | fromjson',
  'strptime("%Y")',
  'fromdate',
  '@base64d',
  '[.] | {(.): 1}',
  '[[.]] | @csv',
  'keys',
  'unique',
  'pow(.; 2)',
  'test("a"; .)',
  'test(.)',
]

describe.each(engines)('$name', ({ create }) => {
  it('quotes values in messages, and none is left of them', async () => {
    const engine = await create()
    try {
      const quoting: string[] = []
      for (const expression of FAILING) {
        const program = `try (${expression} | empty) catch {message: .}`
        const [line = ''] = (await engine.run(program, JSON.stringify(SECRET))).split('\n')
        if (line === '') continue
        const { message } = JSON.parse(line) as { message: string }
        if (message.includes('TOPSECRET')) quoting.push(message)
        expect(withoutValues(message), expression).not.toMatch(/TOPSECRET|quotes|others|more/)
      }
      // Without any the test would prove nothing.
      expect(quoting.length).toBeGreaterThan(12)
    } finally {
      await engine.close()
    }
  })
})

it.each([
  ['string ("a") and number (1) cannot be added', 'string (…) cannot be added'],
  ['Cannot iterate over object ({"a":"b) c"})', 'Cannot iterate over object (…)'],
  ['string ("cut', 'string (…)'],
  ['Cannot index number with "name"', 'Cannot index number with "…"'],
  ['is null', 'is null'],
  ['gave a number; expected text', 'gave a number; expected text'],
  [
    'has characters that Port does not take (" "); clean it in the mapping with: | gsub("[^a]"; "-")',
    'has characters that Port does not take (" "); clean it in the mapping with: | gsub("[^a]"; "-")',
  ],
])('%s', (message, expected) => {
  expect(withoutValues(message)).toBe(expected)
})

it.each([true, false])('is in the report as it may be: %s', showValues => {
  const recorder = new Recorder()
  recorder.showValues = showValues
  const message = 'string ("TOPSECRET") cannot be parsed as a number'
  recorder.failed({ blueprint: 'b', identifier: 'i', field: 'selector.query', reason: message })
  recorder.fieldFailed('issue', 'title', message, 'i1')
  recorder.fieldFailed('issue', 'title', message.replace('TOP', 'MORE'), 'i2')
  const { failures, fieldErrors } = recorder.finish()
  expect(JSON.stringify({ failures, fieldErrors }).includes('TOPSECRET')).toBe(showValues)
  // What differs only by its values is one message.
  expect(fieldErrors.map(({ count }) => count)).toEqual(showValues ? [1, 1] : [2])
})
