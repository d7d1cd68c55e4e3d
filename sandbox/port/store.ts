/** The tables of the sandbox's Port, with what makes 100,000 entities quick: sorted identifiers and incoming relations. */
import { type Blueprint, notFound, type StoredEntity } from './model.ts'

export interface Books {
  created: number
  updated: number
  deleted: number
  /** Entities that were only validated. */
  validated: number
}

export class Store {
  readonly blueprints = new Map<string, Blueprint>()
  readonly writes: Books = { created: 0, updated: 0, deleted: 0, validated: 0 }
  readonly #tables = new Map<string, Map<string, StoredEntity>>()
  readonly #sorted = new Map<string, string[]>()
  /** For each entity, those that point to it. */
  readonly #incoming = new Map<string, Set<StoredEntity>>()

  blueprint(identifier: string): Blueprint {
    const blueprint = this.blueprints.get(identifier)
    if (blueprint === undefined) throw notFound(`Blueprint with identifier "${identifier}" was not found`)
    return blueprint
  }

  table(blueprint: string): Map<string, StoredEntity> {
    const table = this.#tables.get(blueprint) ?? new Map()
    this.#tables.set(blueprint, table)
    return table
  }

  /** Identifiers in the order in which searches return them. */
  sortedIdentifiers(blueprint: string): readonly string[] {
    const table = this.table(blueprint)
    const known = this.#sorted.get(blueprint)
    if (known !== undefined) return known
    const sorted = [...table.keys()].sort()
    this.#sorted.set(blueprint, sorted)
    return sorted
  }

  put(entity: StoredEntity): void {
    const table = this.table(entity.blueprint)
    const before = table.get(entity.identifier)
    if (before === undefined) this.#sorted.delete(entity.blueprint)
    else this.#unlink(before)
    table.set(entity.identifier, entity)
    for (const key of this.#targetsOf(entity)) {
      const sources = this.#incoming.get(key) ?? new Set()
      this.#incoming.set(key, sources.add(entity))
    }
  }

  remove(entity: StoredEntity): void {
    this.table(entity.blueprint).delete(entity.identifier)
    this.#sorted.delete(entity.blueprint)
    this.#unlink(entity)
  }

  /** Entities of any blueprint with a relation to this one. */
  dependents(entity: StoredEntity): StoredEntity[] {
    return [...(this.#incoming.get(keyOf(entity.blueprint, entity.identifier)) ?? [])]
  }

  #unlink(entity: StoredEntity): void {
    for (const key of this.#targetsOf(entity)) this.#incoming.get(key)?.delete(entity)
  }

  *#targetsOf(entity: StoredEntity): Iterable<string> {
    const relations = this.blueprints.get(entity.blueprint)?.relations ?? {}
    for (const [name, value] of Object.entries(entity.relations)) {
      const target = relations[name]?.target
      if (target === undefined || value === null) continue
      for (const identifier of Array.isArray(value) ? value : [value]) yield keyOf(target, identifier)
    }
  }
}

function keyOf(blueprint: string, identifier: string): string {
  return `${blueprint}\u0000${identifier}`
}
