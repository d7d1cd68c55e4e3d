/** A mapping file after it was read and checked. */
import type { KindName } from '../wiz/kinds.ts'
import type { Position } from './positions.ts'

/** jq text, and where it stands in the mapping file. */
export interface Expression {
  text: string
  at: Position
}

export interface EntityMapping {
  /** Identifier of the blueprint that the entities belong to. */
  blueprint: string
  identifier: Expression
  title?: Expression
  icon?: Expression
  team?: Expression
  properties: Readonly<Record<string, Expression>>
  relations: Readonly<Record<string, Expression>>
  at: Position
}

export interface Resource {
  /** Position in the file's `resources` list, from 0. */
  index: number
  kind: KindName
  /** The selector's options besides `query`, checked against the kind. */
  selector: Readonly<Record<string, unknown>>
  query: Expression
  mappings: readonly EntityMapping[]
  at: Position
}

export interface Mapping {
  /** As messages name it. */
  file: string
  createMissingRelatedEntities: boolean
  /** Properties that are not mapped stay as Port has them; false replaces the whole entity. */
  enableMergeEntity: boolean
  entityDeletionThreshold: number | undefined
  resources: readonly Resource[]
}

/** Every expression of an entity mapping by the field that it fills, `identifier` first. */
export function expressionsOf(mapping: EntityMapping): [field: string, expression: Expression][] {
  const fields: [string, Expression][] = [['identifier', mapping.identifier]]
  for (const name of ['title', 'icon', 'team'] as const) {
    const expression = mapping[name]
    if (expression !== undefined) fields.push([name, expression])
  }
  for (const [name, expression] of Object.entries(mapping.properties)) fields.push([`properties.${name}`, expression])
  for (const [name, expression] of Object.entries(mapping.relations)) fields.push([`relations.${name}`, expression])
  return fields
}
