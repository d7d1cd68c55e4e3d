/** Reads some entities of this installation, of several blueprints at once. */
import { type PortClient, PortError } from '../../port/client.ts'
import { ownedRules } from '../../port/datasource.ts'
import { type FoundEntity, searchBlueprints } from '../../port/entities.ts'
import type { Identities } from './identify.ts'

/** By blueprint and identifier. */
export type OwnedEntities = ReadonlyMap<string, ReadonlyMap<string, FoundEntity>>

/** A body with this many identifiers of the greatest length stays below Port's limit of 1 MiB. */
const MAX_IDENTIFIERS = 500

/** @returns undefined when Port does not let us ask who wrote an entity */
export async function readOwned(
  port: PortClient,
  identities: Identities,
  installationId: string,
): Promise<OwnedEntities | undefined> {
  const owned = new Map([...identities.keys()].map(blueprint => [blueprint, new Map<string, FoundEntity>()]))
  const blueprints = [...identities.keys()]
  const identifiers = [...new Set([...identities.values()].flatMap(one => [...one]))]
  try {
    for (let start = 0; start < identifiers.length; start += MAX_IDENTIFIERS) {
      const found = await searchBlueprints(port, [
        { property: '$blueprint', operator: 'in', value: blueprints },
        { property: '$identifier', operator: 'in', value: identifiers.slice(start, start + MAX_IDENTIFIERS) },
        ...ownedRules(installationId),
      ])
      for (const entity of found) owned.get(String(entity.blueprint))?.set(entity.identifier, entity)
    }
    return owned
  } catch (error) {
    // `$datasource` is not in Port's documentation: a Port that does not know it refuses the rule.
    if (error instanceof PortError && error.status === 422) return undefined
    throw error
  }
}
