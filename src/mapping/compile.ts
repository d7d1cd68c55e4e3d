/** Turns a resource into the program that jq runs, once the blueprints say which fields collect all outputs. */
import { type Field, fuse, ITEMS_FIELD, type MappingSource, type Program, type ProgramSource } from '../jq/program.ts'
import { type Blueprint, splitField } from '../port/model.ts'
import { type EntityMapping, expressionsOf, type Resource } from './model.ts'

export interface CompiledResource {
  resource: Resource
  program: Program
}

/**
 * A `many` relation and an array property collect every output of their expression; all other fields take the first.
 *
 * @param blueprints those that the mapping writes to, by identifier
 */
export function compileResource(resource: Resource, blueprints: ReadonlyMap<string, Blueprint>): CompiledResource {
  const { items } = resource
  const program = fuse({
    query: resource.query.text,
    ...(items === undefined ? {} : { items: { ...items, expression: items.expression.text } }),
    mappings: resource.mappings.map(mapping => sourceOf(mapping, blueprints.get(mapping.blueprint))),
  })
  return { resource, program }
}

function sourceOf(mapping: EntityMapping, blueprint: Blueprint | undefined): MappingSource {
  const fields = expressionsOf(mapping).map(
    ([name, { text, leaves }]): Field => ({
      name,
      expression: text,
      // A search is one thing, however many entities it finds.
      collect: leaves === undefined && collectsAll(blueprint, name) ? 'all' : 'first',
    }),
  )
  const { choice } = mapping
  return choice === undefined ? { fields } : { fields, when: { expression: choice.text, gives: mapping.blueprint } }
}

function collectsAll(blueprint: Blueprint | undefined, field: string): boolean {
  const { group, name } = splitField(field)
  if (group === 'properties') return blueprint?.schema.properties[name]?.type === 'array'
  if (group === 'relations') return blueprint?.relations?.[name]?.many === true
  return false
}

/** One expression of a program, and the program without the others. */
export interface Slot {
  /** As messages call it. */
  field: string
  /** Whether an object without its result can still become an entity. */
  dispensable: boolean
  /** Evaluates this expression and those that decide whether it is evaluated, and nothing else. */
  alone: Program
  /** The program with another expression in its place. */
  replace: (source: ProgramSource, expression: string) => ProgramSource
}

/** What decides about others comes first. */
export function slotsOf({ source }: Program): Slot[] {
  const { items, query, mappings } = source
  const slots: Slot[] = []
  if (items !== undefined) {
    slots.push({
      field: ITEMS_FIELD,
      dispensable: false,
      alone: fuse({ query: 'false', items, mappings: [] }),
      replace: (old, expression) => ({ ...old, items: { ...items, expression } }),
    })
  }
  slots.push({
    field: 'selector.query',
    dispensable: false,
    alone: fuse({ query, items, mappings: [] }),
    replace: (old, expression) => ({ ...old, query: expression }),
  })
  for (const [index, { when, fields }] of mappings.entries()) {
    if (when !== undefined) {
      slots.push({
        field: 'blueprint',
        dispensable: false,
        alone: fuse({ query, items, mappings: [{ fields: [], when }] }),
        replace: (old, expression) => withMapping(old, index, { when: { ...when, expression } }),
      })
    }
    for (const [at, field] of fields.entries()) {
      slots.push({
        field: field.name,
        dispensable: field.name !== 'identifier',
        alone: fuse({ query, items, mappings: [{ ...(when === undefined ? {} : { when }), fields: [field] }] }),
        replace: (old, expression) => withField(old, index, at, expression),
      })
    }
  }
  return slots
}

function withField(source: ProgramSource, index: number, at: number, expression: string): ProgramSource {
  const fields = source.mappings[index]?.fields ?? []
  return withMapping(source, index, { fields: fields.map((one, here) => (here === at ? { ...one, expression } : one)) })
}

function withMapping(source: ProgramSource, index: number, change: Partial<MappingSource>): ProgramSource {
  return { ...source, mappings: source.mappings.map((one, here) => (here === index ? { ...one, ...change } : one)) }
}
