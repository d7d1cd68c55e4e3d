/** Puts planned operations to Port without writing them, so that what Port would refuse is part of the plan. */
import { valueProblem } from '../check/value.ts'
import { type PortClient, PortError } from '../port/client.ts'
import { findEntities } from '../port/entities.ts'
import type { Blueprint } from '../port/model.ts'
import type { Refusal } from '../report/recorder.ts'
import type { RunContext, Seen } from './context.ts'
import type { Operation } from './plan.ts'
import { Writer } from './writer.ts'

/** Port is asked for so many targets at a time. */
const TARGETS_AT_ONCE = 100

/** @param missing blueprints that are only planned: what is to be in them cannot be tried in Port, and is checked here */
export async function tryOut(
  { connections, recorder, stop, log }: RunContext,
  seen: Seen,
  operations: readonly Operation[],
  missing: readonly Blueprint[],
): Promise<void> {
  const { port } = connections
  const fresh = new Map(missing.map(blueprint => [blueprint.identifier, blueprint]))
  const tried = operations.filter(({ blueprint }) => !fresh.has(blueprint))
  const { createMissingRelatedEntities } = seen.mapping
  const refusals: Refusal<Operation>[] = []
  const pointing: Operation[] = []
  const ask = async (asked: readonly Operation[], createMissing: boolean) => {
    const writer = new Writer({
      port,
      flags: {
        merge: seen.mapping.enableMergeEntity,
        createMissingRelatedEntities: createMissing,
        validationOnly: true,
      },
      ranks: seen.targets.ranks,
      stop,
      onOutcome(outcome) {
        if (outcome.status !== 'failed') return
        if (outcome.missingTarget) pointing.push(outcome.operation)
        refusals.push(outcome)
      },
    })
    for (const operation of asked) await writer.add(operation)
    await writer.finish()
  }
  await ask(tried, createMissingRelatedEntities)
  // By then the plan will have written what they point to; what else is wrong with them, Port has not said.
  const excused = await withTargets(port, seen, pointing)
  const left = refusals.filter(({ operation }) => !excused.has(operation))
  refusals.length = 0
  await ask([...excused], true)
  recorder.refused([...left, ...refusals, ...operations.flatMap(operation => misfit(operation, fresh))])
  if (tried.length > 0) log.info(`Port was asked about ${tried.length} of the planned entities, without writing them`)
}

/** What Port would say of an entity of a blueprint that it does not have yet. */
function misfit(operation: Operation, fresh: ReadonlyMap<string, Blueprint>): Refusal<Operation>[] {
  const { properties } = operation.entity
  const { schema } = fresh.get(operation.blueprint) ?? {}
  if (schema === undefined) return []
  const missing = (schema.required ?? []).find(name => (properties[name] ?? null) === null)
  if (missing !== undefined && !operation.again) return [{ operation, reason: `properties.${missing}: is required` }]
  for (const [name, value] of Object.entries(properties)) {
    const definition = schema.properties[name]
    const problem = definition === undefined ? undefined : valueProblem(value, definition)
    if (problem !== undefined) return [{ operation, reason: `properties.${name}: ${problem}` }]
  }
  return []
}

interface Target {
  blueprint: string
  identifier: string
}

/** Those of the operations whose targets are all in Port, or planned. */
async function withTargets(
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
