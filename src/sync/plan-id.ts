/** The name of a plan: whoever approved it can see that nothing else is done. */
import { createHash } from 'node:crypto'
import type { Operation } from './plan.ts'

export interface PlanCounts {
  create: number
  update: number
  delete: number
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

  write({ action, blueprint, entity }: Operation): void {
    this.counts[action] += 1
    this.#add([action, blueprint, entity])
  }

  delete(blueprint: string, identifier: string): void {
    this.counts.delete += 1
    this.#add(['delete', blueprint, identifier])
  }

  createBlueprint(identifier: string): void {
    this.#add(['blueprint', identifier])
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
