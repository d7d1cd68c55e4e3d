/** Port's things as this action knows them. */

export type PropertyType = 'string' | 'number' | 'boolean' | 'object' | 'array'

export interface RelationDefinition {
  target: string
  many?: boolean
  required?: boolean
  title?: string
  description?: string
}

/** A blueprint, as Port answers it; members that are not named here are carried along untouched. */
export interface Blueprint {
  identifier: string
  title?: string
  schema: { properties: Record<string, { type: PropertyType }>; required?: string[] }
  relations?: Record<string, RelationDefinition>
  [other: string]: unknown
}

/** What is written to Port. Members that are absent stay as Port has them; a null clears. */
export interface Entity {
  identifier: string
  title?: string
  icon?: string
  team?: string | string[]
  properties: Record<string, unknown>
  relations: Record<string, string | string[] | null>
}

/** The value of a field by its name, as a mapping names it: `title`, `properties.status`, `relations.control`. */
export function fieldValue(entity: Partial<Entity>, field: string): unknown {
  const [group, ...rest] = field.split('.')
  const name = rest.join('.')
  if (group === 'properties') return entity.properties?.[name]
  if (group === 'relations') return entity.relations?.[name]
  return entity[group as 'title' | 'icon' | 'team']
}
