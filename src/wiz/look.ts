/** Looks at some objects of Wiz: what they are now, and which selectors they pass. */
import { ServiceError } from '../errors.ts'
import type { WizClient } from './client.ts'
import { type SourceName, sources } from './kinds.ts'
import { isWizObject, type WizObject } from './pages.ts'
import { lookDocument } from './queries.ts'

export interface Look {
  /** The objects that Wiz has, by id, whatever a selector says of them. */
  objects: ReadonlyMap<string, WizObject>
  /** For each filter, the ids of the objects that pass it. */
  passing: readonly ReadonlySet<string>[]
  /** False when Wiz shows nothing of this source at all: then that an object is not there says nothing. */
  visible: boolean
}

/** Wiz takes eight root fields in a query; two of them are ours. */
const MAX_FILTERS = 6

/**
 * One request, and one more for every six filters after the first six.
 *
 * @param ids at most 100
 * @param filters values of `filterBy`
 * @throws {ServiceError} when Wiz answers anything but these lists: part of an answer is no answer
 */
export async function lookAt(
  client: WizClient,
  source: SourceName,
  ids: readonly string[],
  filters: readonly Record<string, unknown>[],
): Promise<Look> {
  const { connection, withIds, unfiltered } = sources[source]
  const narrow = (filterBy: Record<string, unknown>) => ({ ...filterBy, ...withIds(ids) })
  let look: Look | undefined
  for (let start = 0; look === undefined || start < filters.length; start += MAX_FILTERS) {
    const some = filters.slice(start, start + MAX_FILTERS)
    const variables = Object.fromEntries(some.map((filterBy, index) => [`filter${index}`, narrow(filterBy)]))
    const data = await client.query(lookDocument(connection, some.length), {
      first: ids.length,
      all: narrow(unfiltered),
      ...variables,
    })
    const read = (alias: string) => nodesOf(data, alias, connection.name)
    const passing = some.map((_, index) => new Set(read(`passing${index}`).map(({ id }) => id)))
    look = {
      objects: look?.objects ?? new Map(read('all').map(object => [object.id, object])),
      passing: [...(look?.passing ?? []), ...passing],
      visible: look?.visible ?? read('any').length > 0,
    }
  }
  return look
}

function nodesOf(data: unknown, alias: string, connection: string): WizObject[] {
  const { nodes } = (data as Record<string, { nodes?: unknown } | null>)[alias] ?? {}
  if (!Array.isArray(nodes) || !nodes.every(isWizObject)) {
    throw new ServiceError(`Wiz's answer about ${connection} is not whole`, 200)
  }
  return nodes
}
