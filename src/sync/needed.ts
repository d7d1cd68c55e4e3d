/** Which stale entities others will still point to when their turn comes: Port keeps those, and a plan has to say so. */
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { type FoundEntity, searchEntities } from '../port/entities.ts'
import { fieldValue } from '../port/model.ts'
import type { Seen } from './context.ts'
import type { Deletion } from './remove.ts'

export interface NeededOptions {
  port: PortClient
  seen: Seen
  /** What will be deleted before, by blueprint. */
  gone: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * Reads every blueprint of Port that has a relation to the deletion's. An apply need not ask: Port refuses what it does
 * not delete.
 *
 * @returns identifiers, sorted
 */
export async function findNeeded(
  { blueprint, stale }: Pick<Deletion, 'blueprint' | 'stale'>,
  { port, seen, gone }: NeededOptions,
): Promise<ReadonlySet<string>> {
  const candidates = new Set(stale)
  const needed = new Set<string>()
  if (candidates.size === 0) return needed
  for (const [other, { relations = {} }] of seen.blueprints) {
    const names = Object.keys(relations).filter(name => relations[name]?.target === blueprint)
    if (names.length === 0) continue
    for await (const entity of readAll(port, other, names)) {
      const { identifier } = entity
      if (gone.get(other)?.has(identifier) || (other === blueprint && candidates.has(identifier))) continue
      for (const name of names.filter(one => !isRewritten(other, identifier, one))) {
        for (const target of [fieldValue(entity, `relations.${name}`)].flat()) {
          if (typeof target === 'string' && candidates.has(target)) needed.add(target)
        }
      }
    }
  }
  return new Set([...needed].sort())

  /** What the mapping wants points to what it wants by then, and that is not stale. */
  function isRewritten(other: string, identifier: string, relation: string): boolean {
    const mapped = seen.targets.fields.get(other)?.includes(`relations.${relation}`) ?? false
    return mapped && seen.actuals.get(other)?.state.isWanted(identifier) === true
  }
}

async function* readAll(
  port: PortClient,
  blueprint: string,
  relations: readonly string[],
): AsyncGenerator<FoundEntity> {
  try {
    for await (const page of searchEntities(port, blueprint, [], ['$identifier', ...relations])) yield* page
  } catch (error) {
    // What may not be read is left to the apply, which Port tells the same.
    if (!(error instanceof PortError)) throw error
  }
}
