/** The name of a plan: whoever approved it can see that nothing else is done. */
import { createHash } from 'node:crypto'
import stringify from 'safe-stable-stringify'
import type { Blueprint } from '../port/model.ts'
import type { Operation } from './plan.ts'

export interface PlanCounts {
  create: number
  update: number
  delete: number
}

/** What decides, besides the operations, about what Port has after them. */
export interface Manner {
  /** In whose name is written, and so who owns the entities then. */
  installationId: string
  enableMergeEntity: boolean
  createMissingRelatedEntities: boolean
}

/** 64 bits of each operation are enough to tell plans apart, and small enough to keep for all of them. */
const DIGEST_LENGTH = 16

/**
 * Built from the operations themselves, in whatever order they come. It begins with their numbers, so that two ids say
 * in what they differ.
 */
export class PlanId {
  readonly counts: PlanCounts = { create: 0, update: 0, delete: 0 }
  readonly #digests: string[] = []

  constructor({ installationId, enableMergeEntity, createMissingRelatedEntities }: Manner) {
    this.#add(['manner', installationId, enableMergeEntity, createMissingRelatedEntities])
  }

  write({ action, blueprint, entity }: Operation): void {
    this.counts[action] += 1
    this.#add([action, blueprint, entity])
  }

  delete(blueprint: string, identifier: string): void {
    this.counts.delete += 1
    this.#add(['delete', blueprint, identifier])
  }

  /** All of it counts: whoever approved a blueprint has not approved another one of that name. */
  createBlueprint(blueprint: Blueprint): void {
    this.#add(['blueprint', stringify(blueprint)])
  }

  toString(): string {
    const all = createHash('sha256').update(this.#digests.toSorted().join('\n')).digest('hex')
    return `${this.counts.create}-${this.counts.update}-${this.counts.delete}-${all.slice(0, DIGEST_LENGTH)}`
  }

  #add(what: unknown): void {
    this.#digests.push(createHash('sha256').update(JSON.stringify(what)).digest('hex').slice(0, DIGEST_LENGTH))
  }
}

/** The numbers that an id begins with; undefined for what is no id. */
export function readCounts(id: string): PlanCounts | undefined {
  const [, create, update, remove] = /^(\d+)-(\d+)-(\d+)-[0-9a-f]{16}$/.exec(id) ?? []
  if (create === undefined) return undefined
  return { create: Number(create), update: Number(update), delete: Number(remove) }
}
