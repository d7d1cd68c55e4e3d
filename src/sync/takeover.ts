/** Entities that somebody else wrote and that the mapping wants: they are written once, and then ours. */
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { ownedRules } from '../port/datasource.ts'
import { findEntities } from '../port/entities.ts'
import type { Recorder } from '../report/recorder.ts'
import type { Operation } from './plan.ts'

/** Former owners are asked for this many entities of a blueprint; the count goes on. */
const MAX_NAMED = 100

/**
 * Notes who wrote the entities that become ours with these operations: Port forgets it with the write.
 *
 * @returns what to call with operations before they are written
 */
export function createOwnerNotes(
  port: PortClient,
  recorder: Recorder,
): (operations: readonly Operation[]) => Promise<void> {
  const named = new Map<string, number>()
  return async operations => {
    const taken = operations.filter(({ takeover }) => takeover)
    for (const blueprint of new Set(taken.map(operation => operation.blueprint))) {
      const identifiers = taken.flatMap(operation =>
        operation.blueprint === blueprint ? operation.entity.identifier : [],
      )
      const known = named.get(blueprint) ?? 0
      const owners = await readOwners(port, blueprint, identifiers.slice(0, MAX_NAMED - known))
      named.set(blueprint, Math.min(MAX_NAMED, known + identifiers.length))
      for (const identifier of identifiers) recorder.tookOver(blueprint, owners.get(identifier) ?? 'another writer')
    }
  }
}

async function readOwners(port: PortClient, blueprint: string, identifiers: readonly string[]) {
  const owners = new Map<string, string>()
  for (const entity of await find(port, blueprint, identifiers, ['$identifier', '$datasource'])) {
    if (typeof entity.$datasource === 'string') owners.set(entity.identifier, entity.$datasource)
  }
  return owners
}

/**
 * Whether Port reports an entity that was just written as ours. It derives the data source from the User-Agent; a
 * proxy, or Port itself, may lose it, and then ownership means nothing.
 */
export async function isReportedAsOurs(
  port: PortClient,
  installationId: string,
  written: { blueprint: string; identifier: string },
): Promise<boolean> {
  const found = await find(port, written.blueprint, [written.identifier], ['$identifier'], ownedRules(installationId))
  return found.length > 0
}

async function find(...search: Parameters<typeof findEntities>) {
  try {
    return await findEntities(...search)
  } catch (error) {
    // `$datasource` is not in Port's documentation: a Port that does not know it refuses the question.
    if (error instanceof PortError) return []
    throw error
  }
}
