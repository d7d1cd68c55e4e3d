/** Reads entities of this installation, of several blueprints at once. */
import { PortError } from '../../port/answer.ts'
import type { PortClient } from '../../port/client.ts'
import { ownedRules, type Rule } from '../../port/datasource.ts'
import { type FoundEntity, searchBlueprints } from '../../port/entities.ts'
import type { Identities } from './identities.ts'

/** By blueprint and identifier. */
export type OwnedEntities = ReadonlyMap<string, ReadonlyMap<string, FoundEntity>>

/** Entities whose own relations say what else is to be read. */
export interface Carried {
  /** Those entities, by blueprint. */
  by: ReadonlyMap<string, readonly string[]>
  /** The blueprints of what is to be read. */
  blueprints: readonly string[]
}

/** A body with this many identifiers of the greatest length stays below Port's limit of 1 MiB. */
const MAX_IDENTIFIERS = 500

/**
 * @param carried to be read along
 * @returns undefined when Port does not let us ask who wrote an entity
 */
export async function readOwned(
  port: PortClient,
  identities: Identities,
  installationId: string,
  carried: Carried = { by: new Map(), blueprints: [] },
): Promise<OwnedEntities | undefined> {
  const owned = new Map<string, Map<string, FoundEntity>>()
  const read = async (rules: readonly Rule[]) => {
    for (const entity of await searchBlueprints(port, [...rules, ...ownedRules(installationId)])) {
      const blueprint = String(entity.blueprint)
      owned.set(blueprint, (owned.get(blueprint) ?? new Map()).set(entity.identifier, entity))
    }
  }
  const blueprints = [...identities.keys()]
  const identifiers = [...new Set([...identities.values()].flatMap(one => [...one.keys()]))]
  let along = carriedRule(carried)
  for (let start = 0; start < identifiers.length; start += MAX_IDENTIFIERS) {
    const named = [
      { property: '$blueprint', operator: 'in', value: blueprints },
      { property: '$identifier', operator: 'in', value: identifiers.slice(start, start + MAX_IDENTIFIERS) },
    ]
    try {
      if (along !== undefined) {
        await read([{ combinator: 'or', rules: [{ combinator: 'and', rules: named }, along] }])
        along = undefined
        continue
      }
    } catch (error) {
      if (!isRefusal(error)) throw error
      // Without them it is the same question; what they would have found is left to the next sync.
      along = undefined
    }
    try {
      await read(named)
    } catch (error) {
      // `$datasource` is not in Port's documentation: a Port that does not know it refuses the rule.
      if (isRefusal(error)) return undefined
      throw error
    }
  }
  return owned
}

/** Port calls upstream of an entity what its relations point to; what is further up is found as well. */
function carriedRule({ by, blueprints }: Carried): Rule | undefined {
  if (by.size === 0 || blueprints.length === 0) return undefined
  const related = [...by].map(([blueprint, value]) => ({
    operator: 'relatedTo',
    blueprint,
    value,
    direction: 'upstream',
  }))
  const rules = [
    { property: '$blueprint', operator: 'in', value: blueprints },
    { combinator: 'or', rules: related },
  ]
  return { combinator: 'and', rules }
}

function isRefusal(error: unknown): boolean {
  return error instanceof PortError && error.status === 422
}
