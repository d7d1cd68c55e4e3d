/** Blueprints: what they refer to must exist, and the type of a property never changes. */
import { ApiError, type Blueprint, invalid, type Json, type RelationDefinition } from './model.ts'
import type { Store } from './store.ts'

/** @throws {ApiError} 409 when it exists, 404 or 422 when it refers to what does not */
export function createBlueprint(store: Store, body: Json): Blueprint {
  const identifier = String(body.identifier)
  if (store.blueprints.has(identifier)) {
    throw new ApiError(409, 'conflict', `Blueprint with identifier "${identifier}" already exists`)
  }
  return save(store, body, undefined)
}

/** Members that are sent replace those that were; the others stay. */
export function patchBlueprint(store: Store, identifier: string, body: Json): Blueprint {
  const before = store.blueprint(identifier)
  return save(store, { ...before, ...body, identifier }, before)
}

export function replaceBlueprint(store: Store, identifier: string, body: Json): Blueprint {
  return save(store, { ...body, identifier }, store.blueprint(identifier))
}

export function deleteBlueprint(store: Store, identifier: string): void {
  const blueprint = store.blueprint(identifier)
  const pointing = [...store.blueprints.values()].some(
    other => other !== blueprint && Object.values(other.relations).some(({ target }) => target === identifier),
  )
  if (store.table(identifier).size > 0 || pointing) {
    throw new ApiError(422, 'has_dependents', `Blueprint "${identifier}" has entities or relations that depend on it`)
  }
  store.blueprints.delete(identifier)
}

function save(store: Store, body: Json, before: Blueprint | undefined): Blueprint {
  const blueprint = {
    calculationProperties: {},
    aggregationProperties: {},
    mirrorProperties: {},
    relations: {},
    ...body,
  } as Json as Blueprint
  blueprint.schema = { ...blueprint.schema, required: blueprint.schema.required ?? [] }
  for (const [name, { type }] of Object.entries(before?.schema.properties ?? {})) {
    const now = blueprint.schema.properties[name]?.type
    if (now !== undefined && now !== type) {
      throw invalid(`The type of property "${name}" changed from "${type}" to "${now}"`)
    }
  }
  checkRelations(store, blueprint)
  checkMirrors(store, blueprint)
  const at = new Date().toISOString()
  const saved = { ...blueprint, createdAt: before?.createdAt ?? at, updatedAt: at }
  store.blueprints.set(blueprint.identifier, saved)
  return saved
}

function checkRelations(store: Store, { identifier, relations }: Blueprint): void {
  for (const [name, { target, many, required }] of Object.entries<RelationDefinition>(relations)) {
    if (many === true && required === true) throw invalid(`"relations/${name}" cannot be both many and required`)
    if (target !== identifier) store.blueprint(target)
  }
}

/** A mirror property names a relation, and a property of its target. */
function checkMirrors(store: Store, blueprint: Blueprint): void {
  for (const { path } of Object.values((blueprint.mirrorProperties ?? {}) as Record<string, { path: string }>)) {
    const [relation = '', property = ''] = path.split('.')
    const target = blueprint.relations[relation]?.target
    const definition = target === blueprint.identifier ? blueprint : store.blueprints.get(target ?? '')
    const exists = property.startsWith('$') || definition?.schema.properties[property] !== undefined
    if (definition === undefined || !exists) throw invalid(`The path "${path}" do not exists`)
  }
}
