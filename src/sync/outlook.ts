/** What a reader of a plan wants to know besides its operations: how some entities change, and how long it would take. */
import { type PortClient, PortError } from '../port/client.ts'
import { findEntities, MAX_BULK_ENTITIES, MAX_DELETE_ENTITIES } from '../port/entities.ts'
import { fieldValue, splitField } from '../port/model.ts'
import type { ChangeReport, Forecast, Report } from '../report/model.ts'
import type { Operation } from './plan.ts'

/** Updates that are shown in full, of each blueprint. */
const MAX_SHOWN = 20
/** Port's published limit for bulk requests: in five minutes, and how many of them may come at once. */
const PORT_PER_SECOND = 35_000 / 300
const PORT_BURST = 3_500

/**
 * How the first updates of each blueprint change their entities. What Port has now is asked for: during the run only
 * fingerprints are kept of it.
 *
 * @param showValues false leaves the values out, and with them the question
 */
export async function readChanges(
  port: PortClient,
  operations: readonly Operation[],
  showValues: boolean,
): Promise<ChangeReport[]> {
  const changes: ChangeReport[] = []
  const updates = operations.filter(({ action, fields }) => action === 'update' && fields.length > 0)
  for (const blueprint of new Set(updates.map(operation => operation.blueprint))) {
    const shown = updates.filter(operation => operation.blueprint === blueprint).slice(0, MAX_SHOWN)
    const before = showValues ? await readBefore(port, blueprint, shown) : new Map()
    for (const { entity, fields } of shown) {
      const { identifier } = entity
      // A title names the entity it stands beside; one that changes is a value as any other.
      const title = showValues || !fields.includes('title') ? entity.title : undefined
      changes.push({
        blueprint,
        identifier,
        ...(title === undefined ? {} : { title }),
        fields: fields.map(field => ({
          field,
          ...(showValues
            ? {
                values: {
                  before: fieldValue(before.get(identifier) ?? {}, field) ?? null,
                  after: fieldValue(entity, field) ?? null,
                },
              }
            : {}),
        })),
      })
    }
  }
  return changes
}

async function readBefore(port: PortClient, blueprint: string, operations: readonly Operation[]) {
  const identifiers = operations.map(({ entity }) => entity.identifier)
  const fields = new Set(operations.flatMap(operation => operation.fields))
  const include = ['$identifier', ...[...fields].map(field => splitField(field).name || `$${field}`)]
  try {
    const found = await findEntities(port, blueprint, identifiers, include)
    return new Map(found.map(entity => [entity.identifier, entity]))
  } catch (error) {
    // Examples are no part of the plan.
    if (error instanceof PortError) return new Map()
    throw error
  }
}

/** Requests, to both services. */
export interface Requests {
  wiz: number
  port: number
}

/** @param reads requests that the plan has taken to know everything; apply takes as many */
export function forecast(
  { blueprints }: Pick<Report, 'blueprints'>,
  reads: Requests,
  wizRequestsPerSecond: number,
): Forecast {
  let writes = 0
  for (const { created, updated, deleted } of Object.values(blueprints)) {
    // Each bulk of deletions is followed by a look at what is left.
    writes += Math.ceil((created + updated) / MAX_BULK_ENTITIES) + 2 * Math.ceil(deleted / MAX_DELETE_ENTITIES)
  }
  const portRequests = reads.port + writes
  const seconds = Math.max(reads.wiz / wizRequestsPerSecond, (portRequests - PORT_BURST) / PORT_PER_SECOND)
  return { wizRequests: reads.wiz, portRequests, minutes: Math.max(0, seconds) / 60 }
}
