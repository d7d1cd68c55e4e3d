/** Deletes what is stale, in bulks of 100, dependents first. What something else still points to is kept, and said. */
import { messageOf } from '../errors.ts'
import { type PortClient, PortError } from '../port/client.ts'
import { deleteBulk, findEntities, MAX_DELETE_ENTITIES } from '../port/entities.ts'

export type DeleteOutcome =
  | { status: 'deleted'; blueprint: string; identifier: string }
  /** Another entity, not of this run, depends on it. */
  | { status: 'kept'; blueprint: string; identifier: string }
  | { status: 'failed'; blueprint: string; identifier: string; reason: string }

/**
 * @param identifiers owned and stale
 * @param stop aborted when no new request may start
 */
export async function deleteStale(
  port: PortClient,
  blueprint: string,
  identifiers: readonly string[],
  stop: AbortSignal,
  onOutcome: (outcome: DeleteOutcome) => void,
): Promise<void> {
  for (let start = 0; start < identifiers.length && !stop.aborted; start += MAX_DELETE_ENTITIES) {
    await deleteBatch(identifiers.slice(start, start + MAX_DELETE_ENTITIES))
  }

  /** Port may list fewer than it was asked for: some were gone already, others it did not delete. */
  async function stillThere(identifiers: readonly string[]): Promise<ReadonlySet<string>> {
    const left = await findEntities(port, blueprint, identifiers, ['$identifier'])
    return new Set(left.map(({ identifier }) => identifier))
  }

  /** One entity with dependents makes Port refuse all: halved until it stands alone. */
  async function deleteBatch(batch: readonly string[]): Promise<void> {
    if (stop.aborted) return
    try {
      const deleted = await deleteBulk(port, blueprint, batch, stop)
      const left = await stillThere(batch.filter(identifier => !deleted.has(identifier)))
      for (const identifier of batch) {
        if (!left.has(identifier)) onOutcome({ status: 'deleted', blueprint, identifier })
        else onOutcome({ status: 'failed', blueprint, identifier, reason: 'Port accepted the request but kept it' })
      }
    } catch (error) {
      if (!(error instanceof PortError)) throw error
      if (batch.length > 1) {
        const middle = Math.ceil(batch.length / 2)
        await deleteBatch(batch.slice(0, middle))
        await deleteBatch(batch.slice(middle))
        return
      }
      for (const identifier of batch) {
        if (error.code === 'has_dependents') onOutcome({ status: 'kept', blueprint, identifier })
        else onOutcome({ status: 'failed', blueprint, identifier, reason: messageOf(error) })
      }
    }
  }
}
