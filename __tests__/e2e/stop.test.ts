import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { killSwitch, mappingOf, numbers, startWorld } from './harness.ts'

const NATIVE = '/usr/bin/jq'

describe.each(['SIGINT', 'SIGTERM'] as const)('%s', signal => {
  it('ends the run cleanly while Wiz is read: nothing deleted, summary and report written, step failed', async () => {
    const world = await startWorld({ tenant: { issues: 3000 } })
    await world.fill()
    const stale = [...world.tenant.openIssues()].slice(0, 5)
    for (const { id } of stale) world.tenant.resolve(id)
    const { kill, onStart } = killSwitch()
    world.wiz.faults.push({
      match: { body: /"after"/ },
      times: 1,
      fault: {
        kind: 'rewrite',
        rewrite: body => {
          kill(signal)
          return body
        },
      },
    })
    const result = await world.run(
      {},
      {
        onStart,
      },
    )
    expect(result.exitCode).toBe(1)
    expect(result.outputs.conclusion).toBe('failed')
    expect(result.annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining(`The run was interrupted (${signal}): nothing more was written or deleted after that`),
    ])
    expect(result.summary).toContain(`interrupted (${signal})`)
    expect(result.report?.conclusion).toBe('failed')
    for (const { id } of stale) expect(world.port.entity('wizIssue', id)).toBeDefined()

    const again = await world.run()
    expect(again.exitCode).toBe(0)
    for (const { id } of stale) expect(world.port.entity('wizIssue', id)).toBeUndefined()
  })
})

/** Of 75 that it takes to write the issues of the world below. */
const WRITES_IN_FLIGHT = 16

it('a signal while Port is written lets the writes in flight finish and starts no new ones', async () => {
  const world = await startWorld({ tenant: { issues: 1500 }, port: { latencyMs: 150 } })
  const { kill, onStart } = killSwitch()
  let asked = 0
  world.port.faults.push({
    match: { path: /wizIssue\/entities\/bulk$/ },
    times: 1,
    fault: {
      kind: 'rewrite',
      rewrite: body => {
        asked = world.port.requests.length
        kill('SIGTERM')
        return body
      },
    },
  })
  const result = await world.run(
    {},
    {
      onStart,
    },
  )
  expect(result.exitCode).toBe(1)
  // What was counted as created is what Port has, apart from the bare targets that Port made itself.
  const bare = world.port.entities('wizProject').filter(({ title }) => title === null).length
  expect(numbers(result).created).toBe(world.port.writes.created - bare)
  // Answers to the writes in flight may reach the process before the signal does, and each of them starts one more.
  expect(world.port.requests.length - asked).toBeLessThanOrEqual(2 * WRITES_IN_FLIGHT)
  expect((await world.run()).exitCode).toBe(0)
})

it('a signal ends the wait for a limit: what was not written is neither done nor failed', async () => {
  const world = await startWorld({ tenant: { issues: 900 }, port: { latencyMs: 60 } })
  world.port.faults.push({
    match: { path: /entities\/bulk$/ },
    times: Number.POSITIVE_INFINITY,
    fault: {
      kind: 'rewrite',
      rewrite: body => body,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '240' },
    },
  })
  const { kill, onStart } = killSwitch()
  const result = await world.run(
    {},
    {
      onStart,
      onLine: line => {
        if (line.includes('its limit is nearly used up')) kill('SIGTERM')
      },
    },
  )
  expect(result.exitCode).toBe(1)
  expect(result.summary).toContain('interrupted (SIGTERM)')
  const bare = world.port.entities('wizProject').filter(({ title }) => title === null).length
  expect(numbers(result)).toMatchObject({ failed: 0, created: world.port.writes.created - bare })
  expect(result.report?.failures).toEqual([])
  expect(result.log.match(/its limit is nearly used up/g)).toHaveLength(1)
})

it.each([['bundled', {}], ...(existsSync(NATIVE) ? [['native', { 'jq-path': NATIVE }] as const] : [])] as const)(
  'a signal ends the %s jq too, whatever it is at',
  async (_, inputs) => {
    const world = await startWorld({ tenant: { issues: 900 } })
    const { kill, onStart } = killSwitch()
    // The second page is asked for while jq is at the first one.
    const until = async () => kill('SIGINT')
    world.wiz.faults.push({ match: { body: /"after"/ }, times: 1, fault: { kind: 'hold', until } })
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'\nproperties:\n  severity: "def f: f; f"',
    )
    const result = await world.run(inputs, {
      files,
      onStart,
    })
    expect(result.exitCode).toBe(1)
    expect(result.annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining('The run was interrupted (SIGINT)'),
    ])
    expect(result.summary).toContain('interrupted (SIGINT)')
    // Of the page that jq was at nothing came out.
    expect(result.report).toMatchObject({ conclusion: 'failed', fieldErrors: [] })
    expect(world.entityWrites()).toBe(0)
  },
)

it('the time budget ends the run before the job is killed', async () => {
  const world = await startWorld({ tenant: { issues: 3000 }, wiz: { latencyMs: 400 } })
  const result = await world.run({ 'time-budget-minutes': '0.02' })
  expect(result.exitCode).toBe(1)
  expect(result.annotations.map(({ message }) => message)).toEqual([
    expect.stringContaining('time-budget-minutes (0.02) is used up'),
  ])
  expect(numbers(result)).toMatchObject({ deleted: 0 })
})
