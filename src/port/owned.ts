/** Counts what this installation wrote. */
import type { PortClient } from './client.ts'
import { ownedRules } from './datasource.ts'
import { searchEntities } from './entities.ts'

/**
 * @param enough once there are so many, the rest is not counted
 * @returns how many entities of a blueprint are ours
 * @throws {PortError} where Port does not let us ask who wrote an entity
 */
export async function countOwned(
  port: PortClient,
  blueprint: string,
  installationId: string,
  enough = Number.POSITIVE_INFINITY,
): Promise<number> {
  let count = 0
  for await (const page of searchEntities(port, blueprint, ownedRules(installationId), ['$identifier'])) {
    count += page.length
    if (count >= enough) break
  }
  return count
}
