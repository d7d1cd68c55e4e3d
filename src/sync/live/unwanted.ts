/** Deletes what an event's objects were in Port, once the mapping does not want them any more. */
import type { FoundEntity } from '../../port/entities.ts'
import { kinds } from '../../wiz/kinds.ts'
import { deleteFound } from '../deletion.ts'
import type { Verdict } from '../guard.ts'
import { note, noteOutcome } from '../remove.ts'
import { add, type Identities } from './identify.ts'
import type { Live } from './live.ts'
import { type OwnedEntities, readOwned } from './owned.ts'
import type { Subject } from './step.ts'

export interface Unwanted {
  subject: Subject
  /** Undefined when Port does not say what is ours. */
  owned: OwnedEntities | undefined
  /** When Wiz was looked at, by Port's clock. */
  since: number
  /** Whether Wiz shows anything of this source at all. */
  visible: boolean
  isWanted: (blueprint: string, identifier: string) => boolean
}

/**
 * Deletes the objects' own entities, and then those of what they carried that nothing else points to. What somebody has
 * written since Wiz was looked at stays.
 *
 * @returns the blueprints from which something was deleted
 */
export async function removeUnwanted(live: Live, unwanted: Unwanted): Promise<ReadonlySet<string>> {
  const { subject, owned } = unwanted
  const emptied = new Set<string>()
  if (owned === undefined) {
    live.context.recorder.warn('Port does not report who wrote an entity: nothing is deleted.')
    return emptied
  }
  const gone: FoundEntity[] = []
  for (const found of pick(subject.own, owned, unwanted)) {
    const deleted = await remove(live, found, unwanted)
    gone.push(...deleted)
    if (deleted.length > 0) emptied.add(found[0])
  }
  // With nothing gone, all that is left behind is what this run wrote itself, before it knew.
  const parts = pick(subject.parts, owned, unwanted, (blueprint, id) => gone.length > 0 || live.isOurs(blueprint, id))
  if (subject.gone && gone.length > 0) parts.push(...(await carriedBy(live, gone, unwanted)))
  for (const found of parts) {
    if ((await remove(live, found, unwanted)).length > 0) emptied.add(found[0])
  }
  return emptied
}

type Found = [blueprint: string, entities: FoundEntity[]][]

/** Those of the identities that are ours and not wanted. */
function pick(
  identities: Identities,
  owned: OwnedEntities,
  { isWanted }: Unwanted,
  among: Live['isOurs'] = () => true,
): Found {
  return [...identities].flatMap(([blueprint, identifiers]): Found => {
    const found = [...identifiers].flatMap(id => owned.get(blueprint)?.get(id) ?? [])
    const unwanted = found.filter(({ identifier }) => !isWanted(blueprint, identifier) && among(blueprint, identifier))
    return unwanted.length === 0 ? [] : [[blueprint, unwanted]]
  })
}

/** What Port knows the deleted entities to have pointed to. */
async function carriedBy(live: Live, gone: readonly FoundEntity[], unwanted: Unwanted): Promise<Found> {
  const { connections, inputs } = live.context
  const identities: Identities = new Map()
  for (const target of gone.flatMap(({ relations }) => Object.values(relations ?? {}).flat())) {
    if (target === null) continue
    for (const blueprint of unwanted.subject.partBlueprints) add(identities, blueprint, target)
  }
  if (identities.size === 0) return []
  const owned = await readOwned(connections.port, identities, inputs.installationId)
  return owned === undefined ? [] : pick(identities, owned, unwanted)
}

function judge({ context, event }: Live, blueprint: string, { visible }: Unwanted): Verdict {
  if (!context.inputs.deleteStale) return { status: 'skip', reason: 'delete-stale is false' }
  const others = context.file.resources.filter(
    ({ kind, mappings }) =>
      kinds[kind].source !== event.source &&
      mappings.some(mapping => mapping.blueprint === undefined || mapping.blueprint === blueprint),
  )
  if (others.length > 0) {
    const names = [...new Set(others.map(({ kind }) => kind))].join(', ')
    return { status: 'skip', reason: `${names} may write the same entities; the next sync decides` }
  }
  if (!visible) {
    return {
      status: 'blocked',
      reason: `Wiz shows no ${event.source} at all. A service account that sees no projects gets empty lists and no error: check its project scope in Wiz.`,
    }
  }
  return { status: 'delete' }
}

/** @returns what was deleted */
async function remove(live: Live, [blueprint, found]: Found[number], unwanted: Unwanted): Promise<FoundEntity[]> {
  const { context, isOurs } = live
  const verdict = judge(live, blueprint, unwanted)
  const isOwn = unwanted.subject.own.has(blueprint)
  const { connections, recorder, log, stop } = context
  const stale = found.map(({ identifier }) => identifier)
  const report = note({ blueprint, owned: found.length, stale, verdict }, { recorder, log })
  if (verdict.status !== 'delete') return []
  const deleted = new Set<string>()
  await deleteFound(blueprint, found, {
    port: connections.port,
    stop,
    since: unwanted.since,
    isOurs,
    onOutcome(outcome) {
      if (outcome.status === 'deleted') deleted.add(outcome.identifier)
      // That other issues have the same rule is as it should be.
      if (outcome.status !== 'kept' || isOwn) noteOutcome(report, outcome, recorder)
    },
  })
  log.info(`${blueprint}: ${deleted.size} deleted`)
  return found.filter(({ identifier }) => deleted.has(identifier))
}
