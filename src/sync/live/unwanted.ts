/** Deletes what an event's objects were in Port, once the mapping does not want them any more. */
import type { Resource } from '../../mapping/model.ts'
import type { FoundEntity } from '../../port/entities.ts'
import { kinds } from '../../wiz/kinds.ts'
import { each, type Identities } from './identities.ts'
import type { Live } from './live.ts'
import type { OwnedEntities } from './owned.ts'
import { removeFound } from './removal.ts'
import type { Known, Subject } from './step.ts'

/** What objects carried, as Port has it. */
export interface Part {
  blueprint: string
  entity: FoundEntity
  /** What Wiz calls it; none where that is not known. */
  ids: ReadonlySet<string>
}

interface Removed {
  /** The blueprints from which something was deleted. */
  emptied: ReadonlySet<string>
  /** What is left to be asked about before it may be deleted. */
  parts: readonly Part[]
}

/**
 * Deletes the objects' own entities. What somebody has written since Wiz was looked at stays.
 *
 * @param owned undefined when Port does not say what is ours
 */
export async function removeOwn(
  live: Live,
  { own, parts, carried }: Subject,
  owned: OwnedEntities | undefined,
  known: Known,
): Promise<Removed> {
  if (owned === undefined) {
    live.context.recorder.warn('Port does not report who wrote an entity: nothing is deleted.')
    return { emptied: new Set(), parts: [] }
  }
  const unwanted = find(own, owned).filter(({ blueprint, entity }) => !known.isWanted(blueprint, entity.identifier))
  const gone: FoundEntity[] = []
  const emptied = new Set<string>()
  for (const blueprint of own.keys()) {
    const entities = unwanted.flatMap(part => (part.blueprint === blueprint ? [part.entity] : []))
    const deleted = await removeFound(live, blueprint, entities, known)
    gone.push(...deleted)
    if (deleted.length > 0) emptied.add(blueprint)
  }
  const left = [...find(parts, owned), ...carriedBy(gone, owned, carried)].filter(
    ({ blueprint, entity: { identifier } }) =>
      !known.isWanted(blueprint, identifier) &&
      // With nothing gone, all that is left behind is what this run wrote itself, before it knew.
      (gone.length > 0 || live.isOurs(blueprint, identifier)),
  )
  return { emptied, parts: [...new Map(left.toReversed().map(part => [part.entity, part])).values()].toReversed() }
}

function find(identities: Identities, owned: OwnedEntities): Part[] {
  return each(identities).flatMap(([blueprint, identifier, ids]) => {
    const entity = owned.get(blueprint)?.get(identifier)
    return entity === undefined ? [] : [{ blueprint, entity, ids }]
  })
}

/** What the deleted entities pointed to, as Port has it. */
function carriedBy(gone: readonly FoundEntity[], owned: OwnedEntities, carried: readonly Resource[]): Part[] {
  const targets = new Set(gone.flatMap(({ relations }) => Object.values(relations ?? {}).flat()))
  const blueprints = new Set(carried.flatMap(({ mappings }) => mappings.map(({ blueprint }) => blueprint)))
  return [...blueprints].flatMap(blueprint =>
    [...(owned.get(blueprint)?.values() ?? [])]
      .filter(({ identifier }) => targets.has(identifier))
      .map(entity => ({ blueprint, entity, ids: idsOf(carried, blueprint, entity.identifier) })),
  )
}

/**
 * What Wiz calls an entity of which only Port's identifier is known: the same, if the mapping takes Wiz's id as it is.
 * Where Wiz is not asked by ids, any name will do.
 */
function idsOf(carried: readonly Resource[], blueprint: string, identifier: string): ReadonlySet<string> {
  const isId = carried.every(
    ({ kind, items, mappings }) =>
      kinds[kind].carriers?.byId !== true ||
      mappings.every(
        one => one.blueprint !== blueprint || (items === undefined && one.identifier.text.trim() === '.id'),
      ),
  )
  return new Set(isId ? [identifier] : [])
}
