/** A run that ends at any of its requests leaves nothing that the next one cannot mend, and says the truth. */
import { expect, it } from 'vitest'
import { shippedOracle } from '../../sandbox/oracle.ts'
import { held, startWorld, type World } from './harness.ts'

type Kill = (signal: NodeJS.Signals) => void

/** More requests than a small sync has, of either service. */
const MOST_REQUESTS = 80

/** Gives a sync something of everything to do. */
function disturb({ tenant }: World): void {
  const open = [...tenant.openIssues()]
  tenant.resolve(open[0]?.id ?? '')
  tenant.editIssue(open[1]?.id ?? '', { dueAt: new Date(tenant.clock.now()).toISOString() })
  tenant.addIssues(2)
}

function expectEqual(world: World, message: string): void {
  for (const [blueprint, wanted] of Object.entries(shippedOracle.wanted(world.tenant))) {
    const surplus = blueprint === 'wizProject' ? shippedOracle.bareProjects(world.port) : 0
    expect(held(world.port, blueprint), message).toEqual(expect.arrayContaining(wanted))
    expect(held(world.port, blueprint), message).toHaveLength(wanted.length + surplus)
  }
}

/** A sync in which something happens at one of its requests; undefined when it has no such request. */
async function runWith(world: World, service: 'wiz' | 'port', request: number, happen: (kill: Kill) => void) {
  let kill: Kill = () => {}
  let happened = false
  const fault = {
    match: { skip: request },
    times: 1,
    fault: {
      kind: 'hold' as const,
      async until() {
        happened = true
        happen(kill)
      },
    },
  }
  world[service].faults.push(fault)
  const result = await world.run(
    {},
    {
      onStart(given) {
        kill = given
      },
    },
  )
  world[service].faults.length = 0
  return happened ? result : undefined
}

async function startSmall(): Promise<World> {
  const world = await startWorld({ tenant: { projects: 3, issues: 30 } })
  await world.run()
  return world
}

const services = ['wiz', 'port'] as const

it.each(services)(
  'killed at any request to %s, the next run ends where it would have',
  { timeout: 300_000 },
  async service => {
    const world = await startSmall()
    let request = 0
    for (; request < MOST_REQUESTS; request += 1) {
      disturb(world)
      const before = new Set(held(world.port, 'wizIssue'))
      const killed = await runWith(world, service, request, kill => kill('SIGKILL'))
      if (killed === undefined) break
      expect(killed.exitCode).toBe(null)
      const lost = [...(shippedOracle.wanted(world.tenant).wizIssue ?? [])].filter(
        id => before.has(id) && !held(world.port, 'wizIssue').includes(id),
      )
      expect(lost, `killed at request ${request}`).toEqual([])
      expect((await world.run()).exitCode).toBe(0)
      expectEqual(world, `killed at request ${request}`)
    }
    expect(request).toBeGreaterThan(2)
  },
)

it.each(services)(
  'told to stop at any request to %s, it says so, with a summary and a report',
  { timeout: 300_000 },
  async service => {
    const world = await startSmall()
    let request = 0
    for (; request < MOST_REQUESTS; request += 1) {
      disturb(world)
      const [stale] = held(world.port, 'wizIssue').filter(
        id => !shippedOracle.wanted(world.tenant).wizIssue?.includes(id),
      )
      const signal = request % 2 === 0 ? 'SIGINT' : 'SIGTERM'
      const deletionsBefore = world.port.writes.deleted
      const stopped = await runWith(world, service, request, kill => kill(signal))
      if (stopped === undefined) break
      const message = `${signal} at request ${request}`
      // Once everything is done, there is nothing left to stop.
      if (stopped.exitCode !== 0) {
        expect(stopped.outputs.conclusion, message).toBe('failed')
        expect(stopped.report?.problems.map(problem => problem.message).join(), message).toContain(
          `interrupted (${signal})`,
        )
        expect(stopped.summary, message).toContain(`interrupted (${signal})`)
        // What was deleted was under way when the signal came, and is counted.
        const deleted = world.port.writes.deleted - deletionsBefore
        expect(Number(stopped.outputs.deleted), message).toBe(deleted)
        if (deleted === 0) expect(held(world.port, 'wizIssue'), message).toContain(stale)
      }
      expect((await world.run()).exitCode, message).toBe(0)
      expectEqual(world, message)
    }
    expect(request).toBeGreaterThan(2)
  },
)

it.each(services)(
  'with tokens of %s that end at any request, it goes on with new ones',
  { timeout: 300_000 },
  async service => {
    const world = await startSmall()
    for (let request = 0; request < MOST_REQUESTS; request += 1) {
      disturb(world)
      const result = await runWith(world, service, request, () => world[service].revokeTokens())
      expectEqual(world, `revoked at request ${request}`)
      if (result === undefined) return
      expect(result.exitCode, `revoked at request ${request}: ${result.log}`).toBe(0)
    }
    expect.unreachable('a small sync has fewer requests')
  },
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
