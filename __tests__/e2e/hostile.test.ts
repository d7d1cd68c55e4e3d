import { existsSync } from 'node:fs'
import { expect, it } from 'vitest'
import { mappingOf, numbers, startWorld } from './harness.ts'

const NATIVE = '/usr/bin/jq'

/** What the runner takes for a command. */
const COMMANDS = /^\s*::(?!add-mask|group|endgroup|debug|error|warning)[a-z-]+|##\[[a-z-]+\]/im

it('names and texts from Wiz never act: not in the log, not in the summary', async () => {
  const world = await startWorld()
  const hostile = [
    '::set-output name=created::9',
    'x ##[error]y',
    'a\n::stop-commands::t',
    '<img src=x onerror=alert(1)>',
    '[l](javascript:1) @org/team #1',
  ]
  for (const [index, name] of hostile.entries()) {
    world.tenant.addIssue({
      id: `bad|${name}`,
      status: 'OPEN',
      entitySnapshot: { id: 'e', type: 'BUCKET', name, nativeType: null },
    })
    world.tenant.addIssue({
      id: `good-${index}`,
      status: 'OPEN',
      entitySnapshot: { id: 'e', type: 'BUCKET', name, nativeType: null },
    })
  }
  const result = await world.run()
  // Their identifiers are not taken by Port, so that they are shown as failures.
  expect(numbers(result).failed).toBe(hostile.length)
  expect(result.rawLog).not.toMatch(COMMANDS)
  expect(result.outputs.created).not.toBe('9')
  expect(result.summary).not.toMatch(/<img|\]\(javascript/)
  for (const [index, name] of hostile.entries()) {
    expect(world.port.entity('wizIssue', `good-${index}`)?.title).toBe(`${name} | BUCKET`)
  }

  // Deleted ones are shown by their titles.
  for (const index of hostile.keys()) world.tenant.deleteIssue(`good-${index}`)
  const deleted = await world.run()
  expect(numbers(deleted).deleted).toBeGreaterThanOrEqual(hostile.length)
  expect(deleted.rawLog).not.toMatch(COMMANDS)
  expect(deleted.summary).not.toMatch(/<img|\]\(javascript/)
  expect(deleted.summary).toContain('&lt;img src=x onerror=alert(1)&gt;')
})

it.each(['bundled', 'native'])('an expression that reaches beyond its object is refused (%s jq)', async engine => {
  if (engine === 'native' && !existsSync(NATIVE)) return
  const world = await startWorld({ tenant: { issues: 20 } })
  const words = ['env', '$ENV', 'input', '[inputs]', 'input_filename', 'debug', 'stderr', 'halt', '"x" | halt_error']
  const properties = words.map((word, index) => `  p${index}: '${word}'`).join('\n')
  const files = mappingOf(
    'project',
    `identifier: .id\nblueprint: '"wizProject"'\ntitle: 'import "a" as $a; .name'\nproperties:\n${properties}`,
  )
  const result = await world.run(engine === 'native' ? { 'jq-path': NATIVE } : {}, {
    files,
    env: { SECRET: 'hunter2' },
  })
  expect(result.exitCode).toBe(1)
  const refused = result.report?.problems.map(({ message }) => message.split(': ').slice(0, 2).join(': '))
  expect(refused).toEqual(
    expect.arrayContaining([
      'title: import',
      ...words.map((_, index) => expect.stringMatching(`^properties.p${index}: `)),
    ]),
  )
  expect(world.wiz.requests).toEqual([])
  expect(world.port.requests).toEqual([])
})

it.skipIf(!existsSync(NATIVE))('a native jq makes the same catalog as the bundled one', async () => {
  const [bundled, native] = [
    await startWorld({ tenant: { issues: 700 } }),
    await startWorld({ tenant: { issues: 700 } }),
  ]
  expect((await bundled.run()).exitCode).toBe(0)
  const result = await native.run({ 'jq-path': NATIVE })
  expect(result.exitCode).toBe(0)
  const catalog = ({ port }: typeof native) =>
    [...port.blueprints.keys()].flatMap(blueprint =>
      port.entities(blueprint).map(({ createdAt: _, updatedAt: __, ...entity }) => entity),
    )
  expect(catalog(native)).toEqual(catalog(bundled))
})

it('a jq-path that is no executable is refused', async () => {
  const world = await startWorld()
  const result = await world.run({ 'jq-path': 'bin/jq' }, { files: { 'bin/jq': 'not executable' } })
  expect(result.exitCode).toBe(1)
  expect(result.annotations[0]?.message).toMatch(/^jq-path: .*bin\/jq is not an executable file/)
})
