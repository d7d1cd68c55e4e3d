/** A run that ends at any of its requests leaves nothing that the next one cannot mend, and says the truth. */
import { expect, it } from 'vitest'
import { shippedOracle } from '../../sandbox/oracle.ts'
import type { RunResult } from '../../sandbox/runner.ts'
import { expectEqual, held, killSwitch, startWorld, UNLIMITED, type World } from './harness.ts'

type Kill = (signal: NodeJS.Signals) => void

const services = ['wiz', 'port'] as const

/** A run in which something happened at one of its requests. */
interface Disturbed {
  world: World
  result: RunResult
  /** The issues that Port had before it. */
  before: string[]
  /** Entities that Port deleted in it. */
  deleted: number
  /** Says which request it was, for messages. */
  at: string
}

/**
 * Goes through the requests of a small sync to a service: at each of them something happens to a run that has a bit of
 * everything to do, and after each of those the next run has to end where it would have.
 */
async function atEachRequest(
  service: (typeof services)[number],
  happen: (world: World, request: number, kill: Kill) => void,
  check: (disturbed: Disturbed) => void,
): Promise<void> {
  const world = await startWorld({ ...UNLIMITED, tenant: { projects: 3, issues: 30 } })
  await world.fill()
  let request = 0
  for (;;) {
    const open = [...world.tenant.openIssues()]
    world.tenant.resolve(open[0]?.id ?? '')
    world.tenant.editIssue(open[1]?.id ?? '', { dueAt: new Date(world.tenant.clock.now()).toISOString() })
    world.tenant.addIssues(2)
    const before = held(world.port, 'wizIssue')
    const deletedBefore = world.port.writes.deleted
    const result = await runWith(world, service, request, kill => happen(world, request, kill))
    if (result === undefined) break
    const deleted = world.port.writes.deleted - deletedBefore
    check({ world, result, before, deleted, at: `request ${request}` })
    await world.fill()
    expectEqual(world, `after request ${request}`)
    request += 1
  }
  expect(request).toBeGreaterThan(2)
}

/** A sync in which something happens at one of its requests; undefined when it has no such request. */
async function runWith(world: World, service: 'wiz' | 'port', request: number, happen: (kill: Kill) => void) {
  const { kill, onStart } = killSwitch()
  let happened = false
  const until = async () => {
    happened = true
    happen(kill)
  }
  world[service].faults.push({ match: { skip: request }, times: 1, fault: { kind: 'hold', until } })
  const result = await world.run({ 'wiz-requests-per-second': '100' }, { onStart })
  world[service].faults.length = 0
  return happened ? result : undefined
}

it.each(services)(
  'killed at any request to %s, it has lost nothing, and the next run ends where it would have',
  { timeout: 600_000 },
  service =>
    atEachRequest(
      service,
      (_world, _request, kill) => kill('SIGKILL'),
      ({ world, result, before, at }) => {
        expect(result.exitCode, at).toBe(null)
        const wanted = shippedOracle.wanted(world.tenant).wizIssue ?? []
        expect(held(world.port, 'wizIssue'), at).toEqual(
          expect.arrayContaining(before.filter(id => wanted.includes(id))),
        )
      },
    ),
)

it.each(services)(
  'told to stop at any request to %s, it says so, with a summary and a report',
  { timeout: 600_000 },
  service =>
    atEachRequest(
      service,
      (_world, request, kill) => kill(request % 2 === 0 ? 'SIGINT' : 'SIGTERM'),
      ({ world, result, before, deleted, at }) => {
        // Once everything is done, there is nothing left to stop.
        if (result.exitCode === 0) return
        const says = /interrupted \(SIG(INT|TERM)\)/
        expect(result.outputs.conclusion, at).toBe('failed')
        expect(result.report?.problems.map(({ message }) => message).join(), at).toMatch(says)
        expect(result.summary, at).toMatch(says)
        // What was deleted was under way when the signal came, and is counted.
        expect(Number(result.outputs.deleted), at).toBe(deleted)
        if (deleted === 0) expect(held(world.port, 'wizIssue'), at).toEqual(expect.arrayContaining(before))
      },
    ),
)

it.each(services)(
  'with tokens of %s that end at any request, it goes on with new ones',
  { timeout: 600_000 },
  service =>
    atEachRequest(
      service,
      world => world[service].revokeTokens(),
      ({ world, result, at }) => {
        expect([at, result.exitCode, result.exitCode === 0 ? '' : result.log]).toEqual([at, 0, ''])
        expectEqual(world, at)
      },
    ),
)

it('two installations at once do not touch what the other has', async () => {
  const world = await startWorld()
  const mapping = (prefix: string) =>
    `resources:\n  - kind: issue\n    selector:\n      query: 'true'\n    port:\n      entity:\n        mappings:\n          identifier: '"${prefix}" + .id'\n          blueprint: '"wizIssue"'\n          title: .id\n`
  const run = (installation: string) =>
    world.run(
      { 'installation-id': installation },
      { files: { '.github/wiz-to-port.yml': mapping(`${installation}:`) } },
    )
  await run('one')
  const [first] = world.tenant.openIssues()
  world.tenant.resolve(first?.id ?? '')
  const results = await Promise.all([run('one'), run('two')])
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0])
  const wanted = [...world.tenant.openIssues()].map(({ id }) => id)
  expect(held(world.port, 'wizIssue')).toEqual(['one', 'two'].flatMap(name => wanted.map(id => `${name}:${id}`)).sort())
})
