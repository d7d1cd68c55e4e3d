/** Puts planned operations to Port without writing them, so that what Port would refuse is part of the plan. */
import { valueProblem } from '../check/value.ts'
import type { Blueprint } from '../port/model.ts'
import type { RunContext, Seen } from './context.ts'
import { withTargets } from './placed.ts'
import type { Operation } from './plan.ts'
import { type WriteOutcome, Writer } from './writer.ts'

type Refused = Extract<WriteOutcome, { status: 'failed' }>

/** @param missing blueprints that are only planned: what is to be in them cannot be tried in Port, and is checked here */
export async function tryOut(
  context: RunContext,
  seen: Seen,
  operations: readonly Operation[],
  missing: readonly Blueprint[],
): Promise<void> {
  const { connections, recorder, log } = context
  const { createMissingRelatedEntities: createsTargets } = seen.mapping
  const fresh = new Map(missing.map(blueprint => [blueprint.identifier, blueprint]))
  const tried = operations.filter(({ blueprint }) => !fresh.has(blueprint))
  const untried = operations.filter(({ blueprint }) => fresh.has(blueprint))

  const refused = await ask(context, seen, tried, createsTargets)
  const pointing = refused.flatMap(({ missingTarget, operation }) => (missingTarget ? operation : []))
  const placed = await withTargets(connections.port, seen, [...pointing, ...(createsTargets ? [] : untried)])
  // What they point to will have been written by then; what else is wrong with them, Port has not said.
  const excused = pointing.filter(operation => placed.has(operation))
  const others = await ask(context, seen, excused, true)
  recorder.refused([
    ...refused.filter(({ missingTarget, operation }) => !(missingTarget && placed.has(operation))),
    ...others,
    ...untried.flatMap(operation => {
      const lost = !createsTargets && !placed.has(operation)
      const reason = lost ? NO_TARGET : misfit(operation, fresh.get(operation.blueprint))
      return reason === undefined ? [] : [{ operation, reason }]
    }),
  ])
  if (tried.length > 0) log.info(`Port was asked about ${tried.length} of the planned entities, without writing them`)
}

const NO_TARGET = 'a relation points to what is neither in Port nor planned, and createMissingRelatedEntities is false'

async function ask(
  { connections: { port }, stop }: RunContext,
  { mapping, targets }: Seen,
  operations: readonly Operation[],
  createMissingRelatedEntities: boolean,
): Promise<Refused[]> {
  const refused: Refused[] = []
  const writer = new Writer({
    port,
    flags: { merge: mapping.enableMergeEntity, createMissingRelatedEntities, validationOnly: true },
    ranks: targets.ranks,
    stop,
    onOutcome(outcome) {
      if (outcome.status === 'failed') refused.push(outcome)
    },
  })
  for (const operation of operations) await writer.add(operation)
  await writer.finish()
  return refused
}

/** What Port would say of the values of an entity, once it has the blueprint; undefined when nothing. */
function misfit({ entity: { properties }, again }: Operation, blueprint: Blueprint | undefined): string | undefined {
  const { schema } = blueprint ?? {}
  const missing = schema?.required?.find(name => (properties[name] ?? null) === null)
  // A later object need not say again what an earlier one has said.
  if (missing !== undefined && !again) return `properties.${missing}: is required`
  for (const [name, value] of Object.entries(properties)) {
    const definition = schema?.properties[name]
    const problem = definition === undefined ? undefined : valueProblem(value, definition)
    if (problem !== undefined) return `properties.${name}: ${problem}`
  }
  return undefined
}
