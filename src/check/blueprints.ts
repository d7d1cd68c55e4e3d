/** Holds a mapping against the blueprints that it writes to. */
import { type EntityMapping, expressionsOf, type Mapping } from '../mapping/model.ts'
import { identifierProblem } from '../port/identifier.ts'
import { type Blueprint, splitField } from '../port/model.ts'
import { didYouMean } from '../words.ts'
import { type FieldExpression, type Finding, findingAt } from './finding.ts'
import { valueProblem } from './value.ts'

export interface BlueprintSource {
  /** By identifier. */
  known: ReadonlyMap<string, Blueprint>
  /** Whether these are Port's own: then a blueprint that is not among them does not exist. */
  online: boolean
  /** What an unknown one may be meant to be. */
  names: readonly string[]
}

/** Blueprints that Port itself fills. */
const FILLED_BY_PORT: ReadonlySet<string> = new Set(['_user', '_team'])

/** All that a mapping writes and its blueprints do not take, and what it leaves open. */
export function checkBlueprints(mapping: Mapping, source: BlueprintSource): Finding[] {
  const entries = mapping.resources.flatMap(({ mappings }) => mappings)
  const written = new Set(entries.map(({ blueprint }) => blueprint))
  return [
    ...entries.flatMap(entry => {
      const blueprint = source.known.get(entry.blueprint)
      return blueprint === undefined
        ? [unknownBlueprint(mapping.file, entry, source)]
        : checkEntry(mapping.file, entry, blueprint, written, source)
    }),
    ...[...written].flatMap(identifier => {
      const blueprint = source.known.get(identifier)
      return blueprint === undefined ? [] : checkCoverage(mapping.file, blueprint, entries)
    }),
  ]
}

function unknownBlueprint(file: string, { blueprint, at }: EntityMapping, source: BlueprintSource): Finding {
  const names = didYouMean(blueprint, source.names)
  return source.online
    ? findingAt(
        'error',
        file,
        at,
        `blueprint "${blueprint}" is neither in Port nor shipped with the action; expected ${names}. Create it in Port, or correct the mapping.`,
      )
    : findingAt(
        'warning',
        file,
        at,
        `blueprint "${blueprint}" is not checked: no file of the repository or the action has it; expected ${names}. If it is in Port, put its JSON into blueprints/ beside the mapping file to have the mapping checked against it.`,
      )
}

function checkEntry(
  file: string,
  entry: EntityMapping,
  blueprint: Blueprint,
  written: ReadonlySet<string>,
  source: BlueprintSource,
): Finding[] {
  if (isWebhookVariant(entry, blueprint)) {
    return [
      findingAt(
        'error',
        file,
        entry.at,
        'blueprint "wizIssue" in Port is the one of Port\'s Wiz webhook guide, where "control" is a text; this mapping needs it as a relation to wizControl. The two cannot be merged: write to another blueprint in the mapping, or remove the webhook and its wizIssue from Port and run again.',
      ),
    ]
  }
  return expressionsOf(entry).flatMap(one => [
    ...checkField(file, one, blueprint, source),
    ...checkConstant(file, one, blueprint),
    ...checkTarget(file, one, blueprint, written),
  ])
}

function checkField(
  file: string,
  [field, { at }]: FieldExpression,
  blueprint: Blueprint,
  { online }: BlueprintSource,
): Finding[] {
  const { group, name } = splitField(field)
  const isProperty = group === 'properties'
  if (!isProperty && group !== 'relations') return []
  const members = (isProperty ? blueprint.schema.properties : blueprint.relations) ?? {}
  if (Object.hasOwn(members, name)) return []
  const what = isProperty ? 'property' : 'relation'
  const nearest = Object.keys(members).length === 0 ? '' : `; expected ${didYouMean(name, Object.keys(members))}`
  return [
    findingAt(
      'error',
      file,
      at,
      `${field}: blueprint "${blueprint.identifier}"${online ? ' in Port' : ''} has no ${what} "${name}"${nearest}. Add it to the blueprint, or take it out of the mapping.`,
    ),
  ]
}

/** A constant that does not fit would fail every entity. */
function checkConstant(file: string, [field, { text, at, leaves }]: FieldExpression, blueprint: Blueprint): Finding[] {
  const value = leaves === undefined ? constantOf(text) : undefined
  if (value === undefined) return []
  const { group, name } = splitField(field)
  const definition = group === 'properties' ? blueprint.schema.properties[name] : undefined
  const problem =
    definition !== undefined
      ? valueProblem(value, definition)
      : typeof value === 'string' && (field === 'identifier' || group === 'relations')
        ? identifierProblem(value)
        : undefined
  if (problem === undefined) return []
  const message = `${field}: the constant ${JSON.stringify(value)} does not fit: ${problem}.`
  return [{ ...findingAt('error', file, at, message), subject: at }]
}

/** The value of an expression that is nothing but JSON. */
function constantOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function checkTarget(
  file: string,
  [field, { at, leaves }]: FieldExpression,
  blueprint: Blueprint,
  written: ReadonlySet<string>,
): Finding[] {
  const { group, name } = splitField(field)
  const target = group === 'relations' ? blueprint.relations?.[name]?.target : undefined
  // What is searched for is somebody else's by design.
  if (target === undefined || leaves !== undefined || written.has(target) || FILLED_BY_PORT.has(target)) return []
  const message = `${field}: it points to blueprint "${target}", and nothing in this mapping fills that. Add a resource for it, if nobody else fills it.`
  return [findingAt('warning', file, at, message)]
}

/** What all entries of a blueprint together leave open. */
function checkCoverage(file: string, blueprint: Blueprint, all: readonly EntityMapping[]): Finding[] {
  const entries = all.filter(entry => entry.blueprint === blueprint.identifier)
  const [first] = entries
  if (first === undefined) return []
  const mapped = new Set(entries.flatMap(entry => expressionsOf(entry).map(([field]) => field)))
  const { properties, required = [] } = blueprint.schema
  const { relations = {} } = blueprint
  const needed = [
    ...required.filter(name => properties[name]?.default === undefined).map(name => `properties.${name}`),
    ...Object.keys(relations).flatMap(name => (relations[name]?.required === true ? `relations.${name}` : [])),
  ].filter(field => !mapped.has(field))
  const open = [
    ...Object.keys(properties).map(name => `properties.${name}`),
    ...Object.keys(relations).map(name => `relations.${name}`),
  ].filter(field => !mapped.has(field) && !needed.includes(field))
  const findings = needed.map(field =>
    findingAt('error', file, first.at, `blueprint "${blueprint.identifier}" requires ${field}, and nothing maps it.`),
  )
  if (open.length > 0) {
    const message = `blueprint "${blueprint.identifier}" has fields that are never mapped: ${open.join(', ')}.`
    findings.push(findingAt('note', file, first.at, message))
  }
  return findings
}

/** Port's guide for a Wiz webhook creates a `wizIssue` of its own, which has the same name and does not fit. */
function isWebhookVariant(mapping: EntityMapping, blueprint: Blueprint): boolean {
  return (
    blueprint.identifier === 'wizIssue' &&
    'control' in mapping.relations &&
    !Object.hasOwn(blueprint.relations ?? {}, 'control') &&
    blueprint.schema.properties.control?.type === 'string'
  )
}
