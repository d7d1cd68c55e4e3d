/** How some of the entities of a plan change, for its reader to see. */
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { findEntities } from '../port/entities.ts'
import { fieldValue, splitField } from '../port/model.ts'
import type { ChangeReport } from '../report/model.ts'
import type { Operation } from './plan.ts'

/** Updates that are shown in full, of each blueprint. */
const MAX_SHOWN = 20

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
