/**
 * Whatever Wiz, Port, the network between, the data, the mapping and the runner do: each fault is a row that says what must
 * hold afterwards. Its number is that of its family: F1 throttling, F2 limits, F3 broken answers, F4 the network, F5 odd
 * JSON, F6 GraphQL errors, F7 tokens, F8 paging, F9 an empty Wiz, F10 writes, F11 deletions, F12 others at work, F13 ends,
 * F15 clocks, F16 identifiers, F17 names, F18 expressions, F19 expressions without an end, F20 YAML, F21 texts that act,
 * F22 secrets, F23 addresses, F24 events, F25 limits of the runner, F26 size. Nothing is kept between runs, so that no row
 * is about what was kept (F14).
 */
import { expect, it } from 'vitest'
import { shippedOracle } from '../../sandbox/oracle.ts'
import type { Blueprint, PortSandbox, StoredEntity } from '../../sandbox/port/index.ts'
import type { RunResult } from '../../sandbox/runner.ts'
import { failing } from './faults/failing.ts'
import { others } from './faults/others.ts'
import { passing } from './faults/passing.ts'
import type { Row } from './faults/row.ts'
import { held, startWorld, type World } from './harness.ts'

/** What Port holds after a sync of a tenant with so many issues; the same for every row, so that one sync is enough. */
const synced = new Map<number, Promise<Snapshot>>()

interface Snapshot {
  blueprints: Blueprint[]
  entities: StoredEntity[]
}

async function sync(issues: number): Promise<Snapshot> {
  const { port, run } = await startWorld({ tenant: { projects: 6, issues } })
  expect((await run()).exitCode).toBe(0)
  // What is pointed to comes first.
  const order = ['wizProject', 'wizControl', 'wizServiceTicket', 'wizIssue']
  return { blueprints: [...port.blueprints.values()], entities: order.flatMap(name => port.entities(name)) }
}

function restore(port: PortSandbox, { blueprints, entities }: Snapshot): void {
  for (const blueprint of blueprints) port.putBlueprint({ ...blueprint, relations: {} })
  for (const { identifier, relations } of blueprints) port.changeBlueprint(identifier, { relations })
  for (const { blueprint, datasource, identifier, title, properties, relations } of entities) {
    port.putEntity(blueprint, { identifier, ...(title !== null && { title }), properties, relations }, datasource)
  }
}

/** A world after a sync, with everything to do again: something new, something changed, something gone. */
async function start({ options, arrange, issues = 80 }: Pick<Row, 'options' | 'arrange' | 'issues'>) {
  synced.set(issues, synced.get(issues) ?? sync(issues))
  const snapshot = await synced.get(issues)
  const world = await startWorld({ ...options, tenant: { projects: 6, issues } })
  if (snapshot !== undefined) restore(world.port, snapshot)
  const open = [...world.tenant.openIssues()]
  for (const { id } of open.slice(0, 2)) world.tenant.resolve(id)
  for (const { id } of open.slice(2, 6)) world.tenant.editIssue(id, { dueAt: '2029-01-01T00:00:00Z' })
  world.tenant.addIssues(3)
  const before = held(world.port, 'wizIssue')
  arrange?.(world)
  return { world, before, gone: open.slice(0, 2).map(({ id }) => id) }
}

function told({ summary, annotations }: RunResult): string {
  return [summary.replaceAll(/&#?\w+;/g, ' '), ...annotations.map(({ message }) => message)].join('\n')
}

it.each([...passing, ...failing, ...others].map(row => [row.name, row] as const))('%s', async (_, row) => {
  const { world, before, gone } = await start(row)
  const books = { ...world.port.writes }
  const result = await world.run(row.inputs, row.run)
  if (row.silent) expect(world.port.writes).toEqual(books)
  expect([result.exitCode, result.exitCode === 0 ? '' : result.log]).toEqual([
    row.exit,
    row.exit === 0 ? '' : result.log,
  ])
  expect(result.report?.conclusion === 'success').toBe(row.exit === 0)
  if (!row.unseen) expect(result.summary).not.toBe('')
  if (row.says !== undefined) expect(told(result)).toMatch(row.says)
  // Whatever happens, what Wiz still has is never deleted.
  const left = held(world.port, 'wizIssue')
  expect(before.filter(id => !gone.includes(id) && !left.includes(id))).toEqual([])
  if (row.expect === 'safe') expect(gone.filter(id => !left.includes(id))).toEqual([])
  if (row.expect === 'equal') expectEqual(world)
})

/** Port is what Wiz says. */
function expectEqual(world: World): void {
  for (const [blueprint, wanted] of Object.entries(shippedOracle.wanted(world.tenant))) {
    const surplus = blueprint === 'wizProject' ? shippedOracle.bareProjects(world.port) : 0
    expect(held(world.port, blueprint)).toEqual(expect.arrayContaining(wanted))
    expect(held(world.port, blueprint)).toHaveLength(wanted.length + surplus)
  }
}

/** The first page and the one after it have been cut by now; `gone` were resolved before the run. */
type Change = (
  tenant: World['tenant'],
  page: { first: readonly string[]; second: readonly string[]; gone: readonly string[] },
) => void

it.each<[string, Change]>([
  ['one that was read is resolved', (tenant, { first }) => tenant.resolve(first[0] ?? '')],
  // Fewer than Wiz counted on its first page, and as many as it counts in the end.
  ['one that was not read yet is resolved', (tenant, { second }) => tenant.resolve(second[0] ?? '')],
  ['one that was read vanishes', (tenant, { first }) => tenant.deleteIssue(first[0] ?? '')],
  ['new ones come', tenant => void tenant.addIssues(3)],
  ['one is open again, where the crawl has been', (tenant, { gone }) => tenant.reopen(gone[0] ?? '')],
  [
    'one that was not read yet moves to where the crawl has been, and another one is new',
    (tenant, { second }) => {
      tenant.editIssue(second[0] ?? '', { status: 'RESOLVED' })
      tenant.addIssues(1)
      tenant.reopen(second[0] ?? '')
    },
  ],
])('F8 between two pages %s: what Wiz has stays, and the next run ends it', async (_, change) => {
  const { world, before, gone } = await start({ issues: 1200 })
  const open = [...world.tenant.openIssues()].map(({ id }) => id)
  const until = async () => change(world.tenant, { first: open.slice(0, 500), second: open.slice(500), gone })
  world.wiz.faults.push({ match: { body: /query Crawl\(.*"after":"/s }, times: 1, fault: { kind: 'hold', until } })
  const result = await world.run()
  expect([result.exitCode, result.log]).toEqual([0, result.log])
  const { wizIssue: wanted = [] } = shippedOracle.wanted(world.tenant)
  const left = held(world.port, 'wizIssue')
  expect(before.filter(id => wanted.includes(id) && !left.includes(id))).toEqual([])
  expect((await world.run()).exitCode).toBe(0)
  expectEqual(world)
})
