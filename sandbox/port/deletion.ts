/** Deleting entities, one or a hundred: all or nothing when something depends on them and may not go along. */
import { ApiError, type StoredEntity } from './model.ts'
import type { Store } from './store.ts'

/**
 * @returns identifiers of the request that were deleted; unknown ones are not listed
 * @throws {ApiError} `has_dependents`, and then nothing was deleted
 */
export function deleteEntities(
  store: Store,
  blueprint: string,
  identifiers: readonly string[],
  withDependents: boolean,
): string[] {
  store.blueprint(blueprint)
  const table = store.table(blueprint)
  const found = [...new Set(identifiers)].flatMap(identifier => table.get(identifier) ?? [])
  const doomed = new Set(found)
  const dependents = found.flatMap(entity => store.dependents(entity)).filter(entity => !doomed.has(entity))
  const [first] = dependents
  if (first !== undefined && !withDependents) {
    throw new ApiError(
      422,
      'has_dependents',
      `Entities cannot be deleted because "${first.identifier}" of "${first.blueprint}" depends on them`,
    )
  }
  for (const dependent of dependents) collect(store, dependent, doomed)
  for (const entity of doomed) store.remove(entity)
  store.writes.deleted += doomed.size
  return found.map(({ identifier }) => identifier)
}

function collect(store: Store, entity: StoredEntity, doomed: Set<StoredEntity>): void {
  if (doomed.has(entity)) return
  doomed.add(entity)
  for (const dependent of store.dependents(entity)) collect(store, dependent, doomed)
}
