/** Reading entities: pages of a blueprint, everything at once, by data source, one by one. */
import { createHash } from 'node:crypto'
import { ApiError, type Blueprint, invalid, type Json, type StoredEntity } from './model.ts'
import { compileQuery, type QueryOptions } from './query.ts'
import type { Store } from './store.ts'

export interface ReadOptions extends QueryOptions {
  /** Unset properties and relations come back as null. */
  unsetAsNull: boolean
}

/** Above this many entities the unpaginated routes time out. */
const MAX_UNPAGINATED = 10_000

export function searchPage(store: Store, blueprintId: string, body: Json, options: ReadOptions): Json {
  const blueprint = store.blueprint(blueprintId)
  const {
    query,
    include,
    exclude,
    limit = 200,
    from,
    ...rest
  } = body as {
    query?: Json
    include?: string[]
    exclude?: string[]
    limit?: number
    from?: string
  }
  void rest
  const binding = createHash('sha256')
    .update(JSON.stringify([blueprintId, query ?? null]))
    .digest('base64url')
    .slice(0, 12)
  const matches = compileQuery(query, options)
  const identifiers = store.sortedIdentifiers(blueprintId)
  const table = store.table(blueprintId)
  const entities: Json[] = []
  let position = from === undefined ? 0 : after(identifiers, readCursor(from, binding))
  let last = ''
  for (; position < identifiers.length; position += 1) {
    const entity = table.get(identifiers[position] ?? '')
    if (entity === undefined || !matches(entity)) continue
    if (entities.length === limit) return { ok: true, entities, next: writeCursor(last, binding) }
    entities.push(present(entity, blueprint, options, { include, exclude }))
    last = entity.identifier
  }
  return { ok: true, entities }
}

function writeCursor(last: string, binding: string): string {
  return Buffer.from(JSON.stringify([binding, last])).toString('base64url')
}

function readCursor(cursor: string, binding: string): string {
  try {
    const [owner, last] = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'))
    if (owner === binding && typeof last === 'string') return last
  } catch {
    // Said below, as for a cursor of another query.
  }
  throw invalid('"body/from" is not a cursor of this query')
}

/** The first position behind an identifier, found by halving. */
function after(sorted: readonly string[], identifier: string): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? '') <= identifier) low = middle + 1
    else high = middle
  }
  return low
}

export function searchAll(store: Store, query: Json, options: ReadOptions): Json {
  const matches = compileQuery(query, { ...options, store })
  const entities: Json[] = []
  for (const blueprint of store.blueprints.values()) {
    for (const entity of store.table(blueprint.identifier).values()) {
      if (!matches(entity)) continue
      if (entities.length === MAX_UNPAGINATED) throw new ApiError(504, 'gateway_timeout', 'upstream request timeout')
      entities.push(present(entity, blueprint, options))
    }
  }
  return { ok: true, entities }
}

export function listAll(store: Store, blueprintId: string, options: ReadOptions): Json {
  const blueprint = store.blueprint(blueprintId)
  const table = store.table(blueprintId)
  if (table.size > MAX_UNPAGINATED) throw new ApiError(504, 'gateway_timeout', 'upstream request timeout')
  return { ok: true, entities: [...table.values()].map(entity => present(entity, blueprint, options)) }
}

/** The route by which Port's own exporters find what they wrote. */
export function byDatasource(store: Store, body: Json, options: ReadOptions): Json {
  const {
    datasource_prefix: prefix,
    datasource_suffix: suffix,
    before,
    limit = 5000,
    from = '0',
  } = body as {
    datasource_prefix: string
    datasource_suffix: string
    before?: string
    limit?: number
    from?: string
  }
  const start = Number(from)
  if (!Number.isInteger(start) || start < 0) throw invalid('"body/from" is not a cursor')
  const found = [...store.blueprints.values()].flatMap(blueprint =>
    [...store.table(blueprint.identifier).values()]
      .filter(({ datasource, updatedAt }) => {
        if (options.datasource !== 'reported') return false
        return (
          datasource.startsWith(prefix) && datasource.endsWith(suffix) && (before === undefined || updatedAt < before)
        )
      })
      .map(entity => present(entity, blueprint, options)),
  )
  const end = start + limit
  return { ok: true, entities: found.slice(start, end), next: end < found.length ? String(end) : null }
}

const BUILT_IN: Record<string, (entity: StoredEntity) => Json> = {
  $identifier: ({ identifier }) => ({ identifier }),
  $title: ({ title }) => ({ title }),
  $icon: ({ icon }) => ({ icon }),
  $team: ({ team }) => ({ team }),
  $blueprint: ({ blueprint }) => ({ blueprint }),
  $datasource: ({ datasource }) => ({ $datasource: datasource }),
  $createdAt: ({ createdAt }) => ({ createdAt, createdBy: 'sandbox' }),
  $updatedAt: ({ updatedAt }) => ({ updatedAt, updatedBy: 'sandbox' }),
}

/** An entity as Port answers it, narrowed to what was asked for. */
export function present(
  entity: StoredEntity,
  blueprint: Blueprint,
  options: ReadOptions,
  { include, exclude }: { include?: string[] | undefined; exclude?: string[] | undefined } = {},
): Json {
  const wanted = (name: string) => (include === undefined ? !exclude?.includes(name) : include.includes(name))
  const answer: Json = {}
  for (const [name, read] of Object.entries(BUILT_IN)) {
    if (name === '$datasource' && options.datasource !== 'reported') continue
    if (wanted(name)) Object.assign(answer, read(entity))
  }
  const group = (names: string[], values: Json) => {
    const entries = names.filter(wanted).flatMap((name): [string, unknown][] => {
      const value = values[name]
      if (value === undefined && !options.unsetAsNull) return []
      return [[name, value ?? null]]
    })
    return Object.fromEntries(entries)
  }
  answer.properties = group(Object.keys(blueprint.schema.properties), entity.properties)
  answer.relations = group(Object.keys(blueprint.relations), entity.relations)
  if (include === undefined) answer.scorecards = {}
  return answer
}
