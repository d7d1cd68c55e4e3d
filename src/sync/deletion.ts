/**
 * Deletes what is stale, in bulks of 100, dependents first. What something else still points to is kept, and so is what
 * was written since it was found stale; both are said.
 */
import { messageOf } from '../errors.ts'
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { ownedRules } from '../port/datasource.ts'
import { deleteBulk, type FoundEntity, findEntities, MAX_DELETE_ENTITIES } from '../port/entities.ts'

export type DeleteOutcome =
  | { status: 'deleted'; identifier: string; title?: string }
  /** Another entity, not of this run, depends on it. */
  | { status: 'kept'; identifier: string }
  /** Written after the run had begun: whoever wrote it may know more of it. */
  | { status: 'touched'; identifier: string }
  | { status: 'failed'; identifier: string; reason: string }

export interface DeletionOptions {
  port: PortClient
  /** Aborted when no new request may start. */
  stop: AbortSignal
  /** When what makes entities stale began to be read: Port's time, in milliseconds since the epoch. */
  since: number
  /** Whether an entity was written by this very run, and not by somebody who may know more. */
  isOurs?: (blueprint: string, identifier: string) => boolean
  /** Whether Port is asked again with halves when it refuses some of a batch; if not, all of it is kept. Default true. */
  halve?: boolean
  onOutcome: (outcome: DeleteOutcome) => void
}

/** What a decision about deleting an entity needs of it. */
export const DECIDING_FIELDS = ['$identifier', '$title', '$updatedAt'] as const

/**
 * Deletes those of the entities that are still ours, and have not been written since.
 *
 * @param identifiers owned and stale when they were read
 */
export async function deleteStale(
  blueprint: string,
  identifiers: readonly string[],
  options: DeletionOptions & { installationId: string },
): Promise<void> {
  const { port, stop, installationId } = options
  for (let start = 0; start < identifiers.length && !stop.aborted; start += MAX_DELETE_ENTITIES) {
    const batch = identifiers.slice(start, start + MAX_DELETE_ENTITIES)
    const answered = await findEntities(port, blueprint, batch, DECIDING_FIELDS, ownedRules(installationId))
    // Whatever is answered besides was not found stale.
    const asked = new Set(batch)
    const found = answered.filter(({ identifier }) => asked.has(identifier))
    await deleteFound(blueprint, found, options)
  }
}

/** @param found entities of ours, with {@link DECIDING_FIELDS} */
export async function deleteFound(
  blueprint: string,
  found: readonly FoundEntity[],
  { port, stop, since, isOurs = () => false, halve = true, onOutcome }: DeletionOptions,
): Promise<void> {
  const titles = new Map(found.map(({ identifier, title }) => [identifier, title]))
  const untouched: string[] = []
  for (const entity of found) {
    const { identifier } = entity
    // Port gives every entity the time of its last write; without it nothing is known of the entity.
    const known = Date.parse(String(entity.updatedAt)) < since || isOurs(blueprint, identifier)
    if (known) untouched.push(identifier)
    else onOutcome({ status: 'touched', identifier })
  }
  for (let start = 0; start < untouched.length; start += MAX_DELETE_ENTITIES) {
    await deleteBatch(untouched.slice(start, start + MAX_DELETE_ENTITIES))
  }

  function deleted(identifier: string): void {
    const title = titles.get(identifier)
    onOutcome({ status: 'deleted', identifier, ...(typeof title === 'string' ? { title } : {}) })
  }

  /** Port may list fewer than it was asked for: some were gone already, others it did not delete. */
  async function stillThere(identifiers: readonly string[]): Promise<ReadonlySet<string>> {
    const left = await findEntities(port, blueprint, identifiers, ['$identifier'])
    return new Set(left.map(({ identifier }) => identifier))
  }

  /** One entity with dependents makes Port refuse all: halved until it stands alone. */
  async function deleteBatch(batch: readonly string[]): Promise<void> {
    if (stop.aborted || batch.length === 0) return
    try {
      const gone = await deleteBulk(port, blueprint, batch, stop)
      const left = await stillThere(batch.filter(identifier => !gone.has(identifier)))
      for (const identifier of batch) {
        if (!left.has(identifier)) deleted(identifier)
        else onOutcome({ status: 'failed', identifier, reason: 'Port accepted the request but kept it' })
      }
    } catch (error) {
      if (!(error instanceof PortError)) throw error
      if (batch.length > 1 && halve) {
        const middle = Math.ceil(batch.length / 2)
        await deleteBatch(batch.slice(0, middle))
        await deleteBatch(batch.slice(middle))
        return
      }
      for (const identifier of batch) {
        if (error.code === 'has_dependents') onOutcome({ status: 'kept', identifier })
        else onOutcome({ status: 'failed', identifier, reason: messageOf(error) })
      }
    }
  }
}
