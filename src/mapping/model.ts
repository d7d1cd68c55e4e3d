/** A mapping file after it was read and checked. */
import type { Problem } from '../errors.ts'
import type { KindName } from '../wiz/kinds.ts'
import type { Position } from './positions.ts'

/** jq text, and where it stands in the mapping file. */
export interface Expression {
  /** What jq is given. */
  text: string
  at: Position
  /** Where a character of `text` stands, given its offset. */
  place: (offset: number) => Position
  /** The expressions that a search was put together from; it has no text of its own in the file. */
  leaves?: readonly Expression[]
}

/** What an entry of `port.entity.mappings` fills. */
export interface MappedFields {
  /** Gives the blueprint where it depends on the object. */
  choice?: Expression
  identifier: Expression
  title?: Expression
  icon?: Expression
  team?: Expression
  properties: Readonly<Record<string, Expression>>
  relations: Readonly<Record<string, Expression>>
  at: Position
}

/** An entry of `port.entity.mappings` as it is in the file. */
export interface MappingEntry extends MappedFields {
  /** Undefined where `choice` gives it. */
  blueprint: string | undefined
}

/** What makes entities of one blueprint; an entry with a choice is as many as there are blueprints to choose from. */
export interface EntityMapping extends MappedFields {
  blueprint: string
}

/** Each object becomes as many as `expression` has items; an item stands beside the object's own members. */
export interface Items {
  expression: Expression
  /** The member under which an item is found. */
  name: string
  /** A path to leave out of the object, because its items are there one by one. */
  without: string | undefined
}

export interface Resource<M extends MappedFields = EntityMapping> {
  /** Position in the file's `resources` list, from 0. */
  index: number
  kind: KindName
  /** The selector's options besides `query`, checked against the kind. */
  selector: Readonly<Record<string, unknown>>
  query: Expression
  items?: Items
  mappings: readonly M[]
  at: Position
}

export interface Mapping<M extends MappedFields = EntityMapping> {
  /** As messages name it. */
  file: string
  createMissingRelatedEntities: boolean
  /** Properties that are not mapped stay as Port has them; false replaces the whole entity. */
  enableMergeEntity: boolean
  entityDeletionThreshold: number | undefined
  resources: readonly Resource<M>[]
  /** What deserves attention and keeps nothing from running. */
  warnings: readonly Problem[]
}

/** As the file has it: which blueprints an entry may choose is not known from it alone. */
export type MappingFile = Mapping<MappingEntry>

/** Every expression of an entity mapping by the field that it fills, `identifier` first. */
export function expressionsOf(mapping: MappedFields): [field: string, expression: Expression][] {
  const fields: [string, Expression][] = [['identifier', mapping.identifier]]
  for (const name of ['title', 'icon', 'team'] as const) {
    const expression = mapping[name]
    if (expression !== undefined) fields.push([name, expression])
  }
  for (const [name, expression] of Object.entries(mapping.properties)) fields.push([`properties.${name}`, expression])
  for (const [name, expression] of Object.entries(mapping.relations)) fields.push([`relations.${name}`, expression])
  return fields
}

/** Every expression that a resource has in the file, by the field that it stands for. */
export function allExpressions(resource: Resource<MappingEntry>): [field: string, expression: Expression][] {
  const all: [string, Expression][] = [['selector.query', resource.query]]
  if (resource.items !== undefined) all.push(['port.itemsToParse', resource.items.expression])
  for (const mapping of resource.mappings) {
    if (mapping.choice !== undefined) all.push(['blueprint', mapping.choice])
    for (const [field, expression] of expressionsOf(mapping)) {
      for (const one of expression.leaves ?? [expression]) all.push([field, one])
    }
  }
  return all
}

/** The blueprints that a mapping names. */
export function namedBlueprints(mapping: MappingFile): string[] {
  const names = mapping.resources.flatMap(({ mappings }) => mappings.map(({ blueprint }) => blueprint))
  return [...new Set(names.filter(name => name !== undefined))]
}

/** Whether an expression gives a search, of which the jq text always has the word. */
export function isSearch({ text }: Expression): boolean {
  return /\bcombinator\b/.test(text)
}
