import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JqEngine } from '../../src/jq/engine.ts'
import { createNativeEngine } from '../../src/jq/native.ts'
import {
  compileOnly,
  EXPRESSION_LINE,
  type Field,
  fuse,
  type ItemsSource,
  parseLine,
  splitLines,
} from '../../src/jq/program.ts'
import { CLEANING_JQ } from '../../src/port/identifier.ts'
import { engines, wasmEngine } from './engines.ts'

const field = (expression: string, collect: Field['collect'] = 'first'): Field => ({ name: 'f', expression, collect })
const program = (query: string, fields: Field[], items?: ItemsSource) =>
  fuse({ query, items, mappings: [{ fields }] }).text

describe.each(engines)('$name', ({ create, version }) => {
  let engine: JqEngine
  beforeAll(async () => {
    engine = await create()
  })
  afterAll(() => engine.close())

  async function rows(query: string, fields: Field[], ...objects: unknown[]) {
    const inputs = objects.map(object => JSON.stringify(object)).join('\n')
    return splitLines(await engine.run(program(query, fields), inputs)).map(line => (parseLine(line) as unknown[])[0])
  }

  it.each<[string, Field['collect'], unknown, unknown]>([
    ['.a', 'first', { a: 1 }, [1]],
    ['.a[]', 'first', { a: [1, 2] }, [1]],
    ['.a[]', 'all', { a: [1, 2] }, [1, 2]],
    ['.a[]?', 'all', { a: null }, []],
    ['.a | map(.id)', 'all', { a: [{ id: 'x' }] }, [['x']]],
    ['empty', 'first', {}, []],
    ['.a // "b" # a comment', 'first', {}, ['b']],
    ['-1', 'first', {}, [-1]],
    ['(1, error("late"))', 'first', {}, [1]],
    ['.id as $id | "x\'" + $id', 'first', { id: 'ü😀' }, ["x'ü😀"]],
    [`.id | ${CLEANING_JQ}`, 'first', { id: 'a#b c/d|é' }, ['a-b-c/d-é']],
  ])('%s (%s) over %j gives %j', async (expression, collect, object, expected) => {
    expect(await rows('true', [field(expression, collect)], object)).toEqual([[[true], [expected]]])
  })

  it('gives the message of an expression that fails, and the other fields and objects all the same', async () => {
    const result = await rows('true', [field('.a.b'), field('.c')], { a: 1, c: 2 }, { a: { b: 3 }, c: 4 })
    expect(result).toEqual([
      [[true], [{ error: expect.stringContaining('Cannot index number') }, [2]]],
      [[true], [[3], [4]]],
    ])
  })

  it('maps only what the selector selects, and says what the selector gave', async () => {
    const result = await rows(
      '.keep',
      [field('.id')],
      { id: 1, keep: true },
      { id: 2, keep: false },
      { id: 3, keep: 'yes' },
    )
    expect(result).toEqual([[[true], [[1]]], [[false]], [['yes']]])
  })

  it('shows an expression nothing but its object', async () => {
    const sealed = [
      'env',
      '$ENV',
      'input',
      '[inputs]',
      'halt',
      '"x" | halt_error',
      'input_filename',
      '"x" | debug',
      '"x" | stderr',
    ]
    const result = await rows(
      'true',
      sealed.map(expression => field(expression)),
      { a: 1 },
      { a: 2 },
    )
    const refused = (name: string) => ({ error: `${name} is not available in a mapping` })
    const expected = [
      [{}],
      [{}],
      refused('input'),
      refused('inputs'),
      refused('halt'),
      refused('halt_error'),
      [null],
      ['x'],
      ['x'],
    ]
    expect(result).toEqual([
      [[true], expected],
      [[true], expected],
    ])
  })

  it.each(['.a |', '.a) | (.b', '.a; def g: .b', 'import "a" as $a; .'])('refuses %s', async expression => {
    const alone = engine.run(compileOnly([expression]), 'null')
    const fused = engine.run(program('true', [field(expression)]), 'null')
    const outcomes = await Promise.allSettled([alone, fused])
    expect(outcomes.map(({ status }) => status)).toContain('rejected')
  })

  it('says what is wrong with a program, however large its input', async () => {
    const large = `${JSON.stringify('x'.repeat(300_000))}\n`.repeat(10)
    await expect(engine.run(program('true', [field('.a |')]), large)).rejects.toThrow('syntax error')
  })

  it('runs nothing when it only compiles', async () => {
    expect(await engine.run(compileOnly(['.a', 'error("no")', 'def f: f; f']), 'null')).toBe('')
  })

  it('ends what never ends when it is told to, and begins nothing after that', async () => {
    const stop = new AbortController()
    const stopped = await create(stop.signal)
    await stopped.run('.', '{}')
    const running = Promise.allSettled([1, 2].map(() => stopped.run(program('true', [field('def f: f; f')]), '{}')))
    await setImmediate()
    stop.abort(new Error('told to stop'))
    const ended = { status: 'rejected', reason: new Error('told to stop') }
    expect(await running).toEqual([ended, ended])
    await expect(stopped.run('.', '{}')).rejects.toThrow('told to stop')
    await stopped.close()
  })

  it('runs a program that is longer than an argument may be, and says what is wrong with one', async () => {
    const long = 'x'.repeat(140_000)
    expect(await rows('true', [field(`"${long}"`), field('.a')], { a: 1 })).toEqual([[[true], [[long], [1]]]])
    const [first, second] = [`"${long}"\n| .a`, '.a |\n\n| .b']
    const refused = await engine.run(compileOnly([first, second]), 'null').catch(error => error)
    expect(refused.message).toMatch(/^syntax error, unexpected '\|'/)
    expect(refused.place).toMatchObject({ line: EXPRESSION_LINE + 6 })
  })

  it.skipIf(version < 1.7)('has the functions of jq 1.7 and later', async () => {
    const result = await rows('true', [field('" x " | trim'), field('[1, 2, 3] | pick(.[1])')], {})
    expect(result).toEqual([[[true], [['x'], [[null, 2]]]]])
  })
})

describe('the bundled engine', () => {
  it('ends an expression that never ends, and goes on with a fresh start', async () => {
    const engine = wasmEngine()
    const endless = engine.run(program('true', [field('def f: f; f')]), '{}', { timeoutMs: 300 })
    await expect(endless).rejects.toThrow('may never end')
    const output = await engine.run(program('true', [field('.a')]), '{"a":1}')
    expect(splitLines(output)).toEqual(['[[[true],[[1]]]]'])
    await engine.close()
  })
})

describe('the native engine', () => {
  it('says what is wrong with a path that is no executable', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'jq-')), 'jq')
    writeFileSync(file, 'not executable')
    expect(() => createNativeEngine(file)).toThrow('jq-path')
    expect(() => createNativeEngine(`${file}-missing`)).toThrow('jq-path')
  })

  it('says that jq cannot be run any more, whichever way the system says it', async () => {
    const file = join(mkdtempSync(join(tmpdir(), 'jq-')), 'jq')
    writeFileSync(file, '', { mode: 0o755 })
    const engine = createNativeEngine(file)
    rmSync(file)
    await expect(engine.run('.', 'null')).rejects.toThrow('jq cannot be run: spawn ./jq ENOENT')
    symlinkSync(file, file)
    await expect(engine.run('.', 'null')).rejects.toThrow('jq cannot be run: spawn ELOOP')
    await engine.close()
  })
})
