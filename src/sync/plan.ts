/**
 * Decides what has to be written, one wanted entity after another. Touches neither network nor clock: the same entities
 * against the same state give the same operations in the same order, whether they are written or only shown.
 */
import { assignField } from '../mapping/transform.ts'
import type { Entity } from '../port/model.ts'
import type { KindName } from '../wiz/kinds.ts'
import type { Fingerprinter } from './fingerprint.ts'
import type { BlueprintState } from './state.ts'

export interface Operation {
  action: 'create' | 'update'
  blueprint: string
  entity: Entity
  /** The entity is in Port already, written by somebody else: writing it makes it ours. */
  takeover: boolean
  /** It was counted when it was written first; this only settles what a later object says of it. */
  again: boolean
  /** What Port has otherwise; of a new entity, all that is set. */
  fields: readonly string[]
  /** The mapping has more to say of the entity than is in it: what is not in it has to stay, also where Port is to replace. */
  partial: boolean
  /** The object of Wiz that it comes from. */
  origin?: Origin
}

export interface Origin {
  kind: KindName
  id: string
}

/** What else is known of a wanted entity. */
export interface Wish {
  /** Whether it becomes ours; one that a search found stays whoever's it is. Default true. */
  adopt?: boolean
  /** An expression of it failed, so that a field is missing that Port is to keep. */
  partial?: boolean
  origin?: Origin
}

/** Two objects that say different things about one field of one entity; the one of the higher rank holds. */
export interface Collision {
  blueprint: string
  identifier: string
  fields: string[]
}

/** Where a relation of a blueprint points to. */
export type RelationTargets = ReadonlyMap<string, string>

interface Held {
  operation: Operation
  /** The row as it is in Port, for what turns out to be equal in the end. */
  actual: BigUint64Array
  row: number
  bytes: number
}

/**
 * Updates are held back until everything was seen, up to this many bytes: where objects collide, the last one may bring
 * back what Port already has, and then nothing must be written. What does not fit is written at once.
 */
const HOLD_BYTES = 16 * 1024 * 1024

export interface PlannerOptions {
  /** What Port has, by blueprint. */
  states: ReadonlyMap<string, BlueprintState>
  /** For each blueprint, the blueprints that its relations point to. */
  targets: ReadonlyMap<string, RelationTargets>
  fingerprint: Fingerprinter
  onCollision: (collision: Collision) => void
  holdBytes?: number
}

export class Planner {
  readonly #states: ReadonlyMap<string, BlueprintState>
  readonly #targets: ReadonlyMap<string, RelationTargets>
  readonly #fingerprint: Fingerprinter
  readonly #held = new Map<string, Held>()
  readonly #onCollision: (collision: Collision) => void
  readonly #holdBytes: number
  #heldBytes = 0

  constructor({ states, targets, fingerprint, onCollision, holdBytes = HOLD_BYTES }: PlannerOptions) {
    this.#states = states
    this.#targets = targets
    this.#fingerprint = fingerprint
    this.#onCollision = onCollision
    this.#holdBytes = holdBytes
  }

  /** Notes that Wiz has an entity that cannot be written, so that it is not taken for stale. */
  keep(blueprint: string, identifier: string): void {
    const state = this.#state(blueprint)
    state.fail(state.row(identifier))
  }

  /**
   * @param rank of the object: where objects say different things, the highest one holds, in whatever order they come
   * @param more see {@link Wish}
   * @returns what is to be written now; updates may come later, from {@link settle}
   */
  want(blueprint: string, wanted: Entity, rank: number, more: Wish = {}): Operation[] {
    const { adopt = true, partial = false, origin } = more
    const state = this.#state(blueprint)
    const row = state.row(wanted.identifier)
    const key = `${blueprint}\u0000${wanted.identifier}`
    const held = this.#held.get(key)
    const before = held?.actual ?? state.snapshot(row)
    const { entity, changed, collided } = this.#claim(state, row, wanted, rank)
    this.#refer(blueprint, wanted)
    state.want(row)

    if (collided.length > 0) this.#onCollision({ blueprint, identifier: entity.identifier, fields: collided })
    if (held !== undefined) {
      held.operation.entity = merge(held.operation.entity, entity)
      held.operation.partial ||= partial
      return []
    }
    const from = origin === undefined ? {} : { origin }
    const first = !state.isWritten(row)
    if (first && !state.isInPort(row)) {
      state.write(row)
      const fields = fieldsOf(entity).map(([field]) => field)
      return [{ action: 'create', blueprint, entity, takeover: false, again: false, fields, partial, ...from }]
    }
    const takeover = adopt && first && !state.isOwned(row)
    if (!changed && !takeover) return []
    const again = !first
    const operation: Operation = { action: 'update', blueprint, entity, takeover, again, fields: [], partial, ...from }
    return this.#hold(key, { operation, actual: before, row, bytes: JSON.stringify(entity).length })
  }

  /** The updates that were held back and are still needed, in the order in which they were first wanted. */
  settle(): Operation[] {
    const operations: Operation[] = []
    for (const { operation, actual, row } of this.#held.values()) {
      const state = this.#state(operation.blueprint)
      const now = state.snapshot(row)
      const fields = state.fields.filter((_, column) => now[column] !== actual[column])
      if (!operation.takeover && fields.length === 0) continue
      state.write(row)
      const partial = operation.partial || operation.again || claimsMore(state, row, operation.entity)
      operations.push({ ...operation, fields, partial })
    }
    this.#held.clear()
    this.#heldBytes = 0
    return operations
  }

  #hold(key: string, held: Held): Operation[] {
    this.#held.set(key, held)
    this.#heldBytes += held.bytes
    return this.#heldBytes > this.#holdBytes ? this.settle() : []
  }

  /** @returns the entity without what a higher rank has said already */
  #claim(state: BlueprintState, row: number, wanted: Entity, rank: number) {
    let changed = false
    const collided: string[] = []
    const overruled = new Set<string>()
    for (const [field, value] of fieldsOf(wanted)) {
      const column = state.column(field)
      const fingerprint = this.#fingerprint(field, value)
      const differs = state.fingerprint(row, column) !== fingerprint
      const holder = state.claimRank(row, column)
      if (differs && holder > 0) collided.push(field)
      if (holder > rank) {
        overruled.add(field)
        continue
      }
      changed ||= differs
      state.claim(row, column, fingerprint, rank)
    }
    return { entity: overruled.size === 0 ? wanted : withoutFields(wanted, overruled), changed, collided }
  }

  /** A target of a wanted entity is never deleted. */
  #refer(blueprint: string, entity: Entity): void {
    for (const [relation, value] of Object.entries(entity.relations)) {
      const target = this.#targets.get(blueprint)?.get(relation)
      const state = target === undefined ? undefined : this.#states.get(target)
      if (state === undefined || value === null) continue
      for (const identifier of typeof value === 'string' ? [value] : value) state.referenced.add(identifier)
    }
  }

  #state(blueprint: string): BlueprintState {
    const state = this.#states.get(blueprint)
    if (state === undefined) throw new Error(`no state was read for blueprint ${blueprint}`)
    return state
  }
}

/** Whether others have said something of an entity that is not in what is written of it now. */
function claimsMore(state: BlueprintState, row: number, entity: Entity): boolean {
  const set = new Set(fieldsOf(entity).map(([field]) => field))
  return state.fields.some((field, column) => state.isClaimed(row, column) && !set.has(field))
}

/** What an entity sets, by the names that a mapping has for it. */
export function fieldsOf(entity: Entity): [field: string, value: unknown][] {
  const fields: [string, unknown][] = []
  for (const name of ['title', 'icon', 'team'] as const) {
    if (entity[name] !== undefined) fields.push([name, entity[name]])
  }
  for (const [name, value] of Object.entries(entity.properties)) fields.push([`properties.${name}`, value])
  for (const [name, value] of Object.entries(entity.relations)) fields.push([`relations.${name}`, value])
  return fields
}

function withoutFields(entity: Entity, fields: ReadonlySet<string>): Entity {
  const left: Entity = { identifier: entity.identifier, properties: {}, relations: {} }
  for (const [field, value] of fieldsOf(entity)) if (!fields.has(field)) assignField(left, field, value)
  return left
}

/** What both say together; where both set a field, the later one holds. */
function merge(earlier: Entity, later: Entity): Entity {
  return {
    ...earlier,
    ...later,
    properties: { ...earlier.properties, ...later.properties },
    relations: { ...earlier.relations, ...later.relations },
  }
}
