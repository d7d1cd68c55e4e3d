/** What the mapping of the base branch would make of the same objects: tells why something is in a plan. */
import type { Mapped } from '../mapping/transform.ts'
import type { Cause, OperationReport } from '../report/model.ts'
import type { Fingerprinter } from './fingerprint.ts'
import { fieldsOf } from './plan.ts'
import { BlueprintState } from './state.ts'

export class BaseView {
  readonly #states = new Map<string, BlueprintState>()
  readonly #unknown = new Set<string>()
  readonly #fields: ReadonlyMap<string, readonly string[]>
  readonly #fingerprint: Fingerprinter

  /** @param fields the fields of each blueprint that the pull request's mapping has: causes are asked of no others */
  constructor(fields: ReadonlyMap<string, readonly string[]>, fingerprint: Fingerprinter) {
    this.#fields = fields
    this.#fingerprint = fingerprint
  }

  /**
   * Takes in what the base's mapping makes of an object.
   *
   * @param rank of the object, as the planner has it: the same one holds where objects say different things
   */
  take(outcomes: readonly Mapped[], rank: number): void {
    for (const outcome of outcomes) {
      if (outcome.status !== 'mapped' || outcome.entity.identifier === '') continue
      const { blueprint, entity } = outcome
      const state = this.#state(blueprint)
      const row = state.row(entity.identifier)
      for (const [field, value] of fieldsOf(entity)) {
        const column = state.column(field)
        if (column === -1 || state.claimRank(row, column) > rank) continue
        state.claim(row, column, this.#fingerprint(field, value), rank)
      }
    }
  }

  /** Not everything was seen that the base's mapping makes of a blueprint: what it causes is not known. */
  giveUp(blueprint: string): void {
    this.#unknown.add(blueprint)
  }

  /**
   * Why an entity is written, once everything was seen. Where several reasons meet, the mapping is named: it is what a
   * reviewer can change.
   *
   * @param wanted what is wanted of the blueprint
   * @returns undefined where it is not known
   */
  causeOf({ action, blueprint, identifier, takeover, fields }: OperationReport, wanted: BlueprintState) {
    if (this.#unknown.has(blueprint)) return undefined
    const state = this.#state(blueprint)
    if (!state.has(identifier)) return 'mapping'
    // The base would create it too, however it would fill it.
    if (action === 'create') return 'wiz'
    const row = state.row(identifier)
    const wantedRow = wanted.row(identifier)
    const remapped = fields.some(field => {
      const column = state.column(field)
      const same = state.fingerprint(row, column) === wanted.fingerprint(wantedRow, wanted.column(field))
      return !(state.isClaimed(row, column) && same)
    })
    if (remapped) return 'mapping'
    return takeover ? 'drift' : 'wiz'
  }

  /** Why an entity is deleted; undefined where it is not known. */
  causeOfDeletion(blueprint: string, identifier: string): Cause | undefined {
    if (this.#unknown.has(blueprint)) return undefined
    return this.#state(blueprint).has(identifier) ? 'unmapped' : 'wiz'
  }

  #state(blueprint: string): BlueprintState {
    const known = this.#states.get(blueprint) ?? new BlueprintState(blueprint, this.#fields.get(blueprint) ?? [])
    this.#states.set(blueprint, known)
    return known
  }
}
