/** Looks at some objects of Wiz: what they are now, which selectors they pass, and what other objects carry. */
import { ServiceError } from '../errors.ts'
import type { WizClient } from './client.ts'
import { type SourceName, sources } from './kinds.ts'
import { isWizObject, type WizObject } from './pages.ts'
import { type LookField, lookDocument } from './queries.ts'

export interface Look {
  /** The objects that Wiz has, by id, whatever a selector says of them. */
  objects: ReadonlyMap<string, WizObject>
  /** For each filter, the ids of the objects that pass it. */
  passing: readonly ReadonlySet<string>[]
  /** For each list, what is on it. */
  lists: readonly List[]
  /** False when Wiz shows nothing of this source at all: then that an object is not there says nothing. */
  visible: boolean
}

/** Some objects of a connection, whatever their ids. */
export interface ListQuery {
  filterBy: Record<string, unknown>
  /** What is asked of each object. */
  node: string
  /** At most so many. */
  first: number
}

export interface List {
  nodes: readonly WizObject[]
  /** Whether nothing else passes the filter. */
  complete: boolean
}

export interface LookQuery {
  /** At most 100. */
  ids: readonly string[]
  /** Values of `filterBy`. */
  filters: readonly Record<string, unknown>[]
  lists?: readonly ListQuery[]
}

/** Wiz takes eight root fields in a query; two of them are ours. */
const MAX_FIELDS = 6

/**
 * One request, and one more for every six filters and lists after the first six.
 *
 * @throws {ServiceError} when Wiz answers anything but these lists: part of an answer is no answer
 */
export async function lookAt(
  client: WizClient,
  source: SourceName,
  { ids, filters, lists = [] }: LookQuery,
): Promise<Look> {
  const { connection, withIds, unfiltered } = sources[source]
  const narrow = (filterBy: Record<string, unknown>) => ({ ...filterBy, ...withIds(ids) })
  const fields: (LookField & ListQuery)[] = [
    ...filters.map((filterBy, at) => ({
      alias: `passing${at}`,
      node: ' id',
      filterBy: narrow(filterBy),
      first: ids.length,
    })),
    ...lists.map((list, at) => ({ alias: `list${at}`, ...list })),
  ]
  const answers: Record<string, unknown> = {}
  for (let start = 0; start === 0 || start < fields.length; start += MAX_FIELDS) {
    const some = fields.slice(start, start + MAX_FIELDS)
    const variables = some.flatMap(({ alias, filterBy, first }) => [
      [`${alias}First`, first],
      [`${alias}Filter`, filterBy],
    ])
    const data = await client.query(lookDocument(connection, some), {
      first: ids.length,
      all: narrow(unfiltered),
      ...Object.fromEntries(variables),
    })
    // What every part asks again is taken from the first one.
    Object.assign(answers, { ...(data as object), ...answers })
  }
  const read = (alias: string) => readList(answers[alias], connection.name)
  return {
    objects: new Map(read('all').nodes.map(object => [object.id, object])),
    passing: filters.map((_, at) => new Set(read(`passing${at}`).nodes.map(({ id }) => id))),
    lists: lists.map((_, at) => read(`list${at}`)),
    visible: read('any').nodes.length > 0,
  }
}

function readList(answer: unknown, connection: string): List {
  const { nodes, pageInfo } = (answer ?? {}) as { nodes?: unknown; pageInfo?: { hasNextPage?: unknown } | null }
  if (!Array.isArray(nodes) || !nodes.every(isWizObject)) {
    throw new ServiceError(`Wiz's answer about ${connection} is not whole`, 200)
  }
  return { nodes, complete: pageInfo?.hasNextPage === false }
}
