/** What the mapping of the base branch would make of the same objects: tells why something is in a plan. */
import type { Mapped } from '../mapping/transform.ts'
import { fieldValue } from '../port/model.ts'
import type { Cause } from '../report/model.ts'
import type { Fingerprinter } from './fingerprint.ts'
import { fieldsOf, type Operation } from './plan.ts'
import { BlueprintState } from './state.ts'

export class BaseView {
  readonly #states = new Map<string, BlueprintState>()
  readonly #fields: ReadonlyMap<string, readonly string[]>
  readonly #fingerprint: Fingerprinter

  /** @param fields the mapped fields of each blueprint, as either mapping has them */
  constructor(fields: ReadonlyMap<string, readonly string[]>, fingerprint: Fingerprinter) {
    this.#fields = fields
    this.#fingerprint = fingerprint
  }

  /** Takes in what the base's mapping makes of an object. */
  take(outcomes: readonly Mapped[]): void {
    for (const outcome of outcomes) {
      if (outcome.status !== 'mapped' || outcome.entity.identifier === '') continue
      const { blueprint, entity } = outcome
      const state = this.#state(blueprint)
      const row = state.row(entity.identifier)
      state.want(row)
      for (const [field, value] of fieldsOf(entity)) {
        const column = state.column(field)
        if (column !== -1) state.claim(row, column, this.#fingerprint(field, value), 1)
      }
    }
  }

  /** Why an entity is written. Where several reasons meet, the mapping is named: it is what a reviewer can change. */
  causeOf({ action, blueprint, entity, takeover, fields }: Operation): Cause {
    const state = this.#state(blueprint)
    if (!state.has(entity.identifier)) return 'mapping'
    // The base would create it too, however it would fill it.
    if (action === 'create') return 'wiz'
    const row = state.row(entity.identifier)
    const remapped = fields.some(field => {
      const column = state.column(field)
      const same = state.fingerprint(row, column) === this.#fingerprint(field, fieldValue(entity, field))
      return !(state.isClaimed(row, column) && same)
    })
    if (remapped) return 'mapping'
    return takeover ? 'drift' : 'wiz'
  }

  /** Why an entity is deleted. */
  causeOfDeletion(blueprint: string, identifier: string): Cause {
    return this.#state(blueprint).has(identifier) ? 'unmapped' : 'wiz'
  }

  #state(blueprint: string): BlueprintState {
    const known = this.#states.get(blueprint) ?? new BlueprintState(blueprint, this.#fields.get(blueprint) ?? [])
    this.#states.set(blueprint, known)
    return known
  }
}
