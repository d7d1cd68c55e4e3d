/**
 * Whatever Wiz, Port, the network between, the data, the mapping and the runner do: each fault is a row that says what must
 * hold afterwards. Its number is that of its family: F1 throttling, F2 limits, F3 broken answers, F4 the network, F5 odd
 * JSON, F6 GraphQL errors, F7 tokens, F8 paging, F9 an empty Wiz, F10 writes, F11 deletions, F12 others at work, F13 ends,
 * F15 clocks, F16 identifiers, F17 names, F18 expressions, F19 expressions without an end, F20 YAML, F21 texts that act,
 * F22 secrets, F23 addresses, F24 events, F25 limits of the runner, F26 size. Nothing is kept between runs, so that no row
 * is about what was kept (F14).
 */
import { expect } from 'vitest'
import type { Blueprint, PortSandbox, StoredEntity } from '../../../sandbox/port/index.ts'
import type { RunResult } from '../../../sandbox/runner.ts'
import { expectEqual, held, startWorld } from '../harness.ts'
import type { Row } from './row.ts'

/** What Port holds after a sync of a tenant with so many issues; the same for every row, so that one sync is enough. */
const synced = new Map<number, Promise<Snapshot>>()

interface Snapshot {
  blueprints: Blueprint[]
  entities: StoredEntity[]
}

async function sync(issues: number): Promise<Snapshot> {
  const { port, fill } = await startWorld({ tenant: { projects: 6, issues } })
  await fill()
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
export async function start({ options, arrange, issues = 80 }: Pick<Row, 'options' | 'arrange' | 'issues'>) {
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

/** Each row runs against the bundle, and what it says holds afterwards. */
export async function hold(row: Row): Promise<void> {
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
}
