/** Port's things as this action knows them. */

export type PropertyType = 'string' | 'number' | 'boolean' | 'object' | 'array'

export interface RelationDefinition {
  target: string
  many?: boolean
  required?: boolean
  title?: string
  description?: string
}

/** JSON Schema with additions of Port's; members that are not named here are carried along untouched. */
export interface PropertyDefinition {
  type?: PropertyType
  format?: string
  enum?: unknown[]
  items?: PropertyDefinition
  [other: string]: unknown
}

/** A blueprint, as Port answers it; members that are not named here are carried along untouched. */
export interface Blueprint {
  identifier: string
  title?: string
  schema: { properties: Record<string, PropertyDefinition>; required?: string[] }
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

/** The parts of a field's name, as a mapping names it: `title` has no second one, `properties.a.b` has `a.b`. */
export function splitField(field: string): { group: string; name: string } {
  const dot = field.indexOf('.')
  return dot === -1 ? { group: field, name: '' } : { group: field.slice(0, dot), name: field.slice(dot + 1) }
}

/** The value of a field by its name, as a mapping names it: `title`, `properties.status`, `relations.control`. */
export function fieldValue(entity: Partial<Entity>, field: string): unknown {
  const { group, name } = splitField(field)
  if (group === 'properties' || group === 'relations') {
    const values: Record<string, unknown> = entity[group] ?? {}
    return Object.hasOwn(values, name) ? values[name] : undefined
  }
  return entity[group as 'title' | 'icon' | 'team']
}
