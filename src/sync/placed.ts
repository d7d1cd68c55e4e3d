/** Whether what a planned entity points to will be there: it is in Port, or planned itself. */
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { findEntities } from '../port/entities.ts'
import type { Seen } from './context.ts'
import type { Operation } from './plan.ts'

/** Port is asked for so many targets at a time. */
const TARGETS_AT_ONCE = 100

interface Target {
  blueprint: string
  identifier: string
}

/** Those of the operations whose targets are all in Port, or planned. */
export async function withTargets(
  port: PortClient,
  seen: Seen,
  operations: readonly Operation[],
): Promise<ReadonlySet<Operation>> {
  const targets = new Map(operations.map(operation => [operation, targetsOf(operation, seen)]))
  const asked = new Map<string, Set<string>>()
  for (const { blueprint, identifier } of [...targets.values()].flat()) {
    // Of a blueprint that this run writes, it knows everything.
    if (seen.actuals.has(blueprint) || !seen.blueprints.has(blueprint)) continue
    asked.set(blueprint, (asked.get(blueprint) ?? new Set()).add(identifier))
  }
  const found = new Map<string, ReadonlySet<string>>()
  for (const [blueprint, identifiers] of asked) found.set(blueprint, await findAll(port, blueprint, [...identifiers]))
  const isThere = ({ blueprint, identifier }: Target) =>
    seen.actuals.get(blueprint)?.state.isThere(identifier) ?? found.get(blueprint)?.has(identifier) ?? false
  return new Set(operations.filter(operation => targets.get(operation)?.every(isThere)))
}

function targetsOf({ blueprint, entity }: Operation, { targets }: Seen): Target[] {
  return Object.entries(entity.relations).flatMap(([relation, value]) => {
    const target = targets.relations.get(blueprint)?.get(relation)
    if (target === undefined) return []
    return [value].flat().flatMap(identifier => (identifier === null ? [] : { blueprint: target, identifier }))
  })
}

async function findAll(port: PortClient, blueprint: string, identifiers: readonly string[]) {
  const found = new Set<string>()
  try {
    for (let start = 0; start < identifiers.length; start += TARGETS_AT_ONCE) {
      const batch = identifiers.slice(start, start + TARGETS_AT_ONCE)
      for (const { identifier } of await findEntities(port, blueprint, batch, ['$identifier'])) found.add(identifier)
    }
  } catch (error) {
    // What may not be read is not known to be there.
    if (!(error instanceof PortError)) throw error
  }
  return found
}
