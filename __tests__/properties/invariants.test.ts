/**
 * What holds whatever the tenant, the catalog, the mapping and the trouble on the way: nothing wanted, foreign or
 * doubtful is deleted, the numbers are those of the catalog, nothing leaks, and the next run ends where one without any
 * trouble would have.
 */
import { randomInt } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { createClock } from '../../sandbox/clock.ts'
import type { RecordedRequest } from '../../sandbox/faults.ts'
import { type PortSandbox, startPort } from '../../sandbox/port/index.ts'
import { createTenant, startWiz, type Tenant, type WizSandbox } from '../../sandbox/wiz/index.ts'
import { BETWEEN_RUNS_MS, UNLIMITED } from '../e2e/harness.ts'
import { wasmEngine } from '../jq/engines.ts'
import { runSession, type Session, type SessionOptions, type Told } from '../session.ts'
import { type Catalog, catalogOf, type Expectation, expectation, fieldOf, type ResourceModel } from './model.ts'
import { change, ending, mapping, perform, RETRY_AFTER_MS, textOf, trouble } from './scenario.ts'

/** In each of the shards that run side by side: most of their time is spent on waiting for a second attempt. */
const RUNS = 128
const SHARDS = 4
const SEED = Number(process.env.INVARIANTS_SEED ?? randomInt(2 ** 31))

const OURS = '(installation/wiz)'

const scenario = fc.record({
  tenant: fc.record({ seed: fc.nat(1000), issues: fc.nat(30), projects: fc.nat(5) }),
  before: mapping,
  after: mapping,
  changes: fc.array(change, { maxLength: 8 }),
  troubles: fc.array(trouble, { maxLength: 3 }),
  ending,
  /** There was a sync, with the other mapping, before anything happened. */
  synced: fc.boolean(),
})
type Scenario = typeof scenario extends fc.Arbitrary<infer T> ? T : never

interface World {
  tenant: Tenant
  wiz: WizSandbox
  port: PortSandbox
  run(resources: readonly ResourceModel[], options?: Partial<SessionOptions>): Promise<Told>
  stop(): Promise<unknown>
}

async function startWorld(size: Scenario['tenant'], engine: SessionOptions['engine']): Promise<World> {
  const clock = createClock()
  const tenant = createTenant({ ...size, clock })
  const wiz = await startWiz({ tenant, ...UNLIMITED.wiz })
  const port = await startPort({ clock, ...UNLIMITED.port })
  return {
    tenant,
    wiz,
    port,
    run(resources, options) {
      clock.advance(BETWEEN_RUNS_MS)
      return runSession({ wiz, port, engine, mapping: textOf(resources), ...options })
    },
    stop: () => Promise.all([wiz.stop(), port.stop()]),
  }
}

it.concurrent.each(Array.from({ length: SHARDS }, (_, shard) => shard))(
  'the invariants hold (shard %i)',
  { timeout: 900_000 },
  async shard => {
    const engine = wasmEngine()
    try {
      const seed = SEED + shard
      console.log(`invariants, shard ${shard}: INVARIANTS_SEED=${SEED}`)
      await fc.assert(
        fc.asyncProperty(scenario, one => hold(one, engine)),
        { seed, numRuns: RUNS },
      )
    } finally {
      await engine.close()
    }
  },
)

async function hold(one: Scenario, engine: SessionOptions['engine']): Promise<void> {
  const world = await startWorld(one.tenant, engine)
  try {
    if (one.synced) await world.run(one.before)
    for (const what of one.changes) perform(what, world.tenant, world.port)
    await sufferTrouble(world, one)
    await converge(world, one.after)
    await ignoreOrder(world, one, engine)
  } finally {
    await world.stop()
  }
}

/** A run with trouble on its way, and perhaps without an end. */
async function sufferTrouble(world: World, one: Scenario): Promise<void> {
  const { wiz, port } = world
  const before = catalogOf(port)
  const marks = [wiz.requests.length, port.requests.length]
  for (const { trouble: what, skip } of one.troubles) {
    const fault = what.fault(wiz, port)
    world[what.service].faults.push({ ...fault, match: { ...fault.match, skip } })
  }
  const told = await world.run(one.after, {
    ...(one.ending !== null && { onStart: session => endAt(world, session, one.ending) }),
  })
  for (const { faults } of [wiz, port]) faults.length = 0
  const after = catalogOf(port)
  const doubtful = one.troubles.some(({ trouble: { passes } }) => !passes)
  // What passes makes no difference; that a field fails on all of few objects is the mapping's doing.
  if (one.ending === null && !doubtful) {
    for (const { message } of told.report.problems) expect(message).toMatch(/failed on every object/)
  }
  expectSafe(before, after, told, world, one.after)
  const loses = one.troubles.some(({ trouble: what }) => what.loses)
  if (one.ending?.how !== 'crash') expectNumbers(before, after, told, loses && doubtful)
  expectSilence(told, [...wiz.requests, ...port.requests])
  expectPatience(wiz.requests.slice(marks[0]))
  expectPatience(port.requests.slice(marks[1]))
}

function endAt({ wiz, port }: World, session: Session, ending: Scenario['ending']): void {
  if (ending === null) return
  const until = async () => session[ending.how]()
  const service = ending.service === 'wiz' ? wiz : port
  service.faults.unshift({ match: { skip: ending.request }, times: 1, fault: { kind: 'hold', until } })
}

/** I1 and I5: what is deleted was ours, is wanted by nobody, and everything that could want it was seen to its end. */
function expectSafe(before: Catalog, after: Catalog, { report }: Told, { tenant }: World, resources: ResourceModel[]) {
  const { wanted } = expectation(tenant, resources)
  const gone = [...before.values()].filter(({ blueprint, identifier }) => !after.has(`${blueprint} ${identifier}`))
  for (const { blueprint, identifier, datasource } of gone) {
    const name = `${blueprint} ${identifier}`
    expect(datasource, name).toContain(OURS)
    expect(wanted.get(blueprint)?.has(identifier) ?? false, `${name} is wanted`).toBe(false)
    const decision = report.deletions.find(one => one.blueprint === blueprint)
    expect(decision?.status, name).toBe('delete')
    const writers = report.kinds.filter(({ resource }) => resources[resource]?.blueprint === blueprint)
    expect(writers, name).toHaveLength(resources.filter(one => one.blueprint === blueprint).length)
    for (const { incomplete } of writers) expect(incomplete, name).toBeUndefined()
  }
  const [owned, lost] = [new Map<string, number>(), new Map<string, number>()]
  for (const { blueprint, datasource } of before.values()) if (datasource.includes(OURS)) count(owned, blueprint)
  for (const { blueprint } of gone) count(lost, blueprint)
  for (const [blueprint, number] of lost) {
    const base = owned.get(blueprint) ?? 0
    if (base >= 10) expect(number / base, `the share of ${blueprint}`).toBeLessThanOrEqual(0.3)
  }
  for (const [name, entity] of before) {
    const { blueprint, identifier, datasource } = entity
    if (datasource.includes(OURS) || wanted.get(blueprint)?.has(identifier)) continue
    expect(after.get(name), `${name} is somebody else's`).toEqual(entity)
  }
}

function count(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

/**
 * I6: what is said to be done is what has happened to the catalog.
 *
 * @param unheard an answer was lost, and Port then refused to say it again: what it was about is said to have failed
 */
function expectNumbers(before: Catalog, after: Catalog, { report }: Told, unheard = false): void {
  const said = { written: new Set<string>(), deleted: new Set<string>() }
  for (const { action, blueprint, identifier } of report.operations) {
    said[action === 'delete' ? 'deleted' : 'written'].add(`${blueprint} ${identifier}`)
  }
  const happened = { written: new Set<string>(), deleted: new Set<string>() }
  for (const name of before.keys()) if (!after.has(name)) happened.deleted.add(name)
  for (const [name, entity] of after) {
    const known = before.get(name)
    // Port itself creates a target that is missing, bare; nobody has sent it.
    const bare = entity.title === null && Object.keys(entity.properties).length === 0
    if (known === undefined ? !bare || said.written.has(name) : known.updatedAt !== entity.updatedAt)
      happened.written.add(name)
  }
  const failed = new Set(report.failures.map(({ blueprint, identifier }) => `${blueprint} ${identifier}`))
  const written = [...happened.written].filter(name => said.written.has(name) || !(unheard && failed.has(name)))
  expect(sortedNames(said.written)).toEqual(sortedNames(written))
  expect(sortedNames(said.deleted)).toEqual(sortedNames(happened.deleted))
  const sum = { created: 0, updated: 0, deleted: 0 }
  for (const { created, updated, deleted } of Object.values(report.blueprints)) {
    sum.created += created
    sum.updated += updated
    sum.deleted += deleted
  }
  expect(sum.created + sum.updated).toBe(said.written.size)
  expect(sum.deleted).toBe(said.deleted.size)
}

function sortedNames(names: Iterable<string>): string[] {
  return [...names].sort()
}

/** What the runner takes for a command in a line that is printed as it is. */
const COMMAND = /^\s*::|##\[/

/** I7 and I9: no secret is told, nothing that is told is a command or markup, and it is not too long. */
function expectSilence({ lines, summary, comment, page, json, secrets }: Told, requests: RecordedRequest[]): void {
  const tokens = requests.flatMap(({ headers }) => /^Bearer (.+)$/.exec(String(headers.authorization))?.[1] ?? [])
  const all = [lines.join('\n'), summary, comment, page, json].join('\n')
  for (const secret of new Set([...secrets, ...tokens])) expect(all.includes(secret), secret).toBe(false)
  for (const line of lines) expect(line).not.toMatch(COMMAND)
  for (const line of lines) expect(line).not.toMatch(/[\r\n\u2028\u2029]/)
  expect(`${summary}${comment}`).not.toMatch(/<(img|script|a|iframe)\b/i)
  expect(Buffer.byteLength(summary)).toBeLessThanOrEqual(900 * 1024)
  expect(Buffer.byteLength(comment)).toBeLessThanOrEqual(60_000)
}

/** I10: nobody is asked again before the time that they asked for. */
function expectPatience(requests: readonly RecordedRequest[]): void {
  for (const [index, { status, path, body, at }] of requests.entries()) {
    if (status !== 429) continue
    const again = requests.slice(index + 1).find(other => other.path === path && other.body === body)
    // What the server sees of the time between two requests may be a little less than what was waited.
    if (again !== undefined) expect(again.at - at).toBeGreaterThan(RETRY_AFTER_MS * 0.9)
  }
}

/** I2, I3, I4 and I6: a plan says what apply does, which makes Port equal to Wiz, so that another one does nothing. */
async function converge(world: World, resources: readonly ResourceModel[]): Promise<void> {
  const inputs = { allowMassDelete: true }
  const plan = await world.run(resources, { inputs: { ...inputs, mode: 'plan' } })
  const before = catalogOf(world.port)
  const apply = await world.run(resources, { inputs: { ...inputs, registerIntegration: true } })
  expect(apply.report.operations).toEqual(plan.report.operations)
  expect(apply.report.planId).toBe(plan.report.planId)
  expectNumbers(before, catalogOf(world.port), apply)
  expectEqual(world.port, expectation(world.tenant, resources), apply)
  expectSilence(apply, [...world.wiz.requests, ...world.port.requests])
  const writes = { ...world.port.writes }
  const again = await world.run(resources, { inputs })
  expect(again.report.operations).toEqual([])
  expect(world.port.writes).toEqual(writes)
}

function expectEqual(port: PortSandbox, expected: Expectation, { report }: Told): void {
  const after = catalogOf(port)
  const pointedTo = new Set([...after.values()].flatMap(({ relations }) => Object.values(relations).flat()))
  for (const [blueprint, table] of expected.wanted) {
    for (const [identifier, fields] of table) {
      const entity = after.get(`${blueprint} ${identifier}`)
      expect(entity, `${blueprint} ${identifier}`).toBeDefined()
      expect(entity?.datasource).toContain(OURS)
      for (const [field, values] of fields) {
        expect(values, `${blueprint} ${identifier} ${field}`).toContainEqual(entity && fieldOf(entity, field))
      }
    }
    for (const { identifier, datasource } of port.entities(blueprint)) {
      const kept = expected.failed > 0 || pointedTo.has(identifier) || !datasource.includes(OURS)
      expect(table.has(identifier) || kept, `${blueprint} ${identifier} is nobody's`).toBe(true)
    }
  }
  const sum = { done: 0, skipped: 0, failed: 0 }
  for (const { created, updated, unchanged, skipped, failed } of Object.values(report.blueprints)) {
    sum.done += created + updated + unchanged
    sum.skipped += skipped
    sum.failed += failed
  }
  const wanted = [...expected.wanted.values()].reduce((all, table) => all + table.size, 0)
  expect(sum).toEqual({ done: wanted, skipped: expected.skipped, failed: expected.failed })
}

/** I11: Wiz's order, and what comes twice, make no difference to what Port holds in the end. */
async function ignoreOrder(world: World, one: Scenario, engine: SessionOptions['engine']): Promise<void> {
  const other = await startPort(UNLIMITED.port)
  world.wiz.faults.push({
    match: { body: /query Crawl\(/ },
    times: Number.POSITIVE_INFINITY,
    fault: {
      kind: 'rewrite',
      rewrite(body) {
        for (const connection of Object.values((body as { data: Record<string, { nodes: unknown[] }> }).data))
          connection.nodes = [...connection.nodes.toReversed(), ...connection.nodes.slice(0, 2)]
        return body
      },
    },
  })
  try {
    await runSession({ wiz: world.wiz, port: other, engine, mapping: textOf(one.after) })
    for (const [blueprint, table] of expectation(world.tenant, one.after).wanted) {
      for (const [identifier, fields] of table) {
        const [here, there] = [world.port, other].map(port => port.entity(blueprint, identifier))
        for (const field of fields.keys()) {
          expect(there && fieldOf(there, field), `${blueprint} ${identifier} ${field}`).toEqual(
            here && fieldOf(here, field),
          )
        }
      }
    }
  } finally {
    world.wiz.faults.length = 0
    await other.stop()
  }
}
