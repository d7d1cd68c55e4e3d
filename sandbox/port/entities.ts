/** Writing entities: create, upsert, merge, replace, patch; one at a time or twenty. */
import { ApiError, type Blueprint, invalid, type Json, notFound, type StoredEntity } from './model.ts'
import { compileQuery, type QueryOptions } from './query.ts'
import type { Store } from './store.ts'
import { validateProperties, validateRelations } from './validate-entity.ts'

export interface WriteOptions extends QueryOptions {
  /** Without it an entity that exists is a conflict. */
  upsert: boolean
  /** Keep what is not sent; without it, everything that is not sent is dropped. */
  merge: boolean
  createMissing: boolean
  validationOnly: boolean
  /** The writer's User-Agent. */
  writer: string
  dropUnknown: boolean
  now: () => string
}

type Relations = StoredEntity['relations']

/** Port keeps these to itself: missing targets in them are not created. */
const PROTECTED = new Set(['_user', '_team'])
const MAX_RELATION_RESULTS = 100

/** @throws {ApiError} when the entity cannot be written; then nothing was */
export function writeEntity(
  store: Store,
  blueprintId: string,
  input: Json,
  options: WriteOptions,
): { created: boolean; entity: StoredEntity } {
  const blueprint = store.blueprint(blueprintId)
  const identifier = resolveIdentifier(store, blueprintId, input.identifier, options)
  const before = store.table(blueprintId).get(identifier)
  if (before !== undefined && !options.upsert) {
    throw new ApiError(
      409,
      'conflict',
      `Entity with identifier "${identifier}" already exists in the blueprint "${blueprintId}"`,
    )
  }
  const base = options.merge ? before : undefined
  const sent = resolveRelations(store, blueprint, (input.relations ?? {}) as Json, options)
  const properties = { ...base?.properties, ...((input.properties ?? {}) as Json) }
  const relations: Relations = { ...base?.relations, ...sent }
  validateRelations(blueprint, relations)
  const kept = validateProperties(blueprint, properties, options.dropUnknown)
  const missing = missingTargets(store, blueprint, sent)
  const [first] = missing
  if (first !== undefined && !options.createMissing) {
    throw notFound(`Entity with identifier "${first.identifier}" does not exist in the blueprint "${first.blueprint}"`)
  }
  const forbidden = missing.find(({ blueprint: target }) => PROTECTED.has(target))
  if (forbidden !== undefined) {
    throw new ApiError(
      403,
      'protected_resource',
      `Cannot create entity from blueprint "${forbidden.blueprint}" as it is marked protected`,
    )
  }
  const at = options.now()
  const entity: StoredEntity = {
    identifier,
    blueprint: blueprintId,
    title: text(input.title) ?? base?.title ?? null,
    icon: text(input.icon) ?? base?.icon ?? null,
    team: teams(input.team) ?? base?.team ?? [],
    // Null clears.
    properties: Object.fromEntries(Object.entries(kept).filter(([, value]) => value !== null)),
    relations: Object.fromEntries(Object.entries(relations).filter(([, value]) => value !== null)),
    datasource: options.writer,
    createdAt: before?.createdAt ?? at,
    updatedAt: at,
  }
  if (options.validationOnly) {
    store.writes.validated += 1
    return { created: before === undefined, entity }
  }
  for (const target of missing) {
    store.put(bare(target.blueprint, target.identifier, options.writer, at))
    store.writes.created += 1
  }
  store.put(entity)
  store.writes[before === undefined ? 'created' : 'updated'] += 1
  return { created: before === undefined, entity }
}

/** @returns what the bulk route answers; failures are matched by index */
export function writeBulk(store: Store, blueprintId: string, inputs: readonly Json[], options: WriteOptions) {
  store.blueprint(blueprintId)
  const entities: Json[] = []
  const errors: Json[] = []
  for (const [index, input] of inputs.entries()) {
    try {
      const { created, entity } = writeEntity(store, blueprintId, input, options)
      entities.push({ created, identifier: entity.identifier, index })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const identifier = typeof input.identifier === 'string' ? input.identifier : 'unknown'
      errors.push({ identifier, index, statusCode: error.status, error: error.code, message: error.message })
    }
  }
  return { entities, errors }
}

/** PATCH of one entity: only what is sent changes, and null clears a title too. */
export function patchEntity(
  store: Store,
  blueprintId: string,
  identifier: string,
  input: Json,
  options: WriteOptions,
): StoredEntity {
  const before = getEntity(store, blueprintId, identifier)
  const { entity } = writeEntity(
    store,
    blueprintId,
    { ...input, identifier },
    { ...options, upsert: true, merge: true },
  )
  const patched = { ...entity, createdAt: before.createdAt }
  for (const field of ['title', 'icon'] as const) if (input[field] === null) patched[field] = null
  if (input.team === null) patched.team = []
  store.put(patched)
  return patched
}

export function getEntity(store: Store, blueprintId: string, identifier: string): StoredEntity {
  store.blueprint(blueprintId)
  const entity = store.table(blueprintId).get(identifier)
  if (entity === undefined)
    throw notFound(`Entity with identifier "${identifier}" does not exist in the blueprint "${blueprintId}"`)
  return entity
}

function resolveIdentifier(store: Store, blueprint: string, identifier: unknown, options: QueryOptions): string {
  if (typeof identifier === 'string') return identifier
  if (identifier === undefined) return `e_${Math.random().toString(36).slice(2, 18)}`
  const found = find(store, blueprint, identifier as Json, options, 2)
  if (found.length === 1 && found[0] !== undefined) return found[0]
  const message = found.length === 0 ? 'did not match any entity' : 'matched more than one entity'
  throw new ApiError(
    found.length === 0 ? 404 : 422,
    found.length === 0 ? 'not_found' : 'invalid_request',
    `The identifier query ${message}`,
  )
}

function resolveRelations(store: Store, blueprint: Blueprint, relations: Json, options: QueryOptions): Relations {
  const resolved = Object.entries(relations).map(([name, value]): [string, string | string[] | null] => {
    if (value === null || typeof value !== 'object' || Array.isArray(value))
      return [name, value as string | string[] | null]
    const definition = blueprint.relations[name]
    if (definition === undefined)
      throw invalid(`The "${blueprint.identifier}" Blueprint does not have relation with name "${name}"`)
    const found = find(store, definition.target, value as Json, options, MAX_RELATION_RESULTS)
    return [name, definition.many ? found : (found[0] ?? null)]
  })
  return Object.fromEntries(resolved)
}

function find(store: Store, blueprint: string, query: Json, options: QueryOptions, limit: number): string[] {
  const matches = compileQuery(query, options)
  const found: string[] = []
  for (const entity of store.table(blueprint).values()) {
    if (found.length < limit && matches(entity)) found.push(entity.identifier)
  }
  return found
}

function missingTargets(store: Store, blueprint: Blueprint, relations: Relations) {
  return Object.entries(relations).flatMap(([name, value]) => {
    const target = blueprint.relations[name]?.target
    if (target === undefined || value === null) return []
    const table = store.table(store.blueprint(target).identifier)
    const identifiers = Array.isArray(value) ? value : [value]
    return identifiers
      .filter(identifier => !table.has(identifier))
      .map(identifier => ({ blueprint: target, identifier }))
  })
}

function bare(blueprint: string, identifier: string, datasource: string, at: string): StoredEntity {
  return {
    identifier,
    blueprint,
    title: null,
    icon: null,
    team: [],
    properties: {},
    relations: {},
    datasource,
    createdAt: at,
    updatedAt: at,
  }
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function teams(value: unknown): string[] | undefined {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.map(String) : undefined
}
