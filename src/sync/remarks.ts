/** What a reviewer has to know of a plan besides its operations, because they do not show it. */
import { type EntityMapping, expressionsOf, isSearch } from '../mapping/model.ts'
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { countOwned } from '../port/owned.ts'
import type { Recorder } from '../report/recorder.ts'
import type { RunContext, Seen } from './context.ts'
import { TEAMS } from './resolve.ts'

export async function remark({ connections, inputs, recorder }: RunContext, seen: Seen): Promise<void> {
  noteTargets(seen, recorder)
  warnOfLookups(seen, recorder)
  await warnOfLeft(seen, { port: connections.port, installationId: inputs.installationId, recorder })
}

/** Port creates what it lacks of an entity's targets, and no operation names those. */
function noteTargets({ mapping, actuals }: Seen, recorder: Recorder): void {
  if (!mapping.createMissingRelatedEntities) return
  for (const [blueprint, { state }] of actuals) {
    const lacking = [...state.referenced].filter(identifier => !state.isThere(identifier)).length
    if (lacking === 0) continue
    recorder.note(
      `Entities of ${blueprint} that are pointed to, and that neither Port nor this plan has: ${lacking}. Port creates them with an identifier and nothing else, because createMissingRelatedEntities is true.`,
    )
  }
}

/** A plan looks something up before the run has written, and an apply meanwhile. */
function warnOfLookups({ ends, targets, actuals }: Seen, recorder: Recorder): void {
  const isWritten = (blueprint: string) => {
    const { created = 0, updated = 0 } = recorder.report.blueprints[blueprint] ?? {}
    return actuals.has(blueprint) && created + updated > 0
  }
  const said = new Set<string>()
  for (const { compiled } of ends) {
    const { kind, mappings } = compiled.resource
    for (const mapping of mappings) {
      for (const [field, expression] of expressionsOf(mapping)) {
        if (!isSearch(expression)) continue
        const among = lookedUpAmong(mapping, field)
        if (among === undefined || !isWritten(among)) continue
        said.add(
          `${kind}: ${field} is looked up among the entities of ${among}, some of which this plan writes: apply may find there what the plan did not, and then does something else.`,
        )
      }
    }
  }
  for (const sentence of said) recorder.warn(sentence)

  function lookedUpAmong({ blueprint }: EntityMapping, field: string): string | undefined {
    if (field === 'identifier') return blueprint
    if (field === 'team') return TEAMS
    return targets.relations.get(blueprint)?.get(field.slice('relations.'.length))
  }
}

interface Left {
  port: PortClient
  installationId: string
  recorder: Recorder
}

/** A blueprint that is no longer mapped is no longer looked at either. */
async function warnOfLeft({ base, mapping, blueprints }: Seen, { port, installationId, recorder }: Left) {
  const mapped = new Set(mapping.resources.flatMap(({ mappings }) => mappings.map(({ blueprint }) => blueprint)))
  for (const blueprint of [...(base?.blueprints ?? [])].sort()) {
    if (mapped.has(blueprint) || !blueprints.has(blueprint)) continue
    const count = await countLeft(port, blueprint, installationId)
    if (count === 0) continue
    recorder.warn(
      `The mapping no longer writes to ${blueprint}: ${count} entities of this installation stay there, and this action does not delete them. Delete them in Port; or keep the resource for one more sync, with query: 'false' and the input allow-mass-delete, and take it out after that.`,
    )
  }
}

/** 0 where Port does not say whose they are. */
async function countLeft(port: PortClient, blueprint: string, installationId: string): Promise<number> {
  try {
    return await countOwned(port, blueprint, installationId)
  } catch (error) {
    if (error instanceof PortError) return 0
    throw error
  }
}
