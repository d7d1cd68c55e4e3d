/** Makes entities out of what jq gave for an object. Pure: a failure is a value, never an exception. */
import type { FieldResult, Line, Row } from '../jq/program.ts'
import { identifierProblem } from '../port/identifier.ts'
import { type Entity, splitField } from '../port/model.ts'
import type { CompiledResource } from './compile.ts'
import type { Search } from './search.ts'
import { describe, toField, toIdentifier } from './values.ts'

/** An expression that failed on one object. Its field is left out of the entity, so that Port keeps what it has. */
export interface FieldError {
  field: string
  message: string
}

/** A value of a field that Port is to be asked for. */
export interface Lookup {
  field: string
  search: Search
}

export type Mapped =
  | {
      status: 'mapped'
      blueprint: string
      /** Its identifier is empty while a lookup has to find it. */
      entity: Entity
      lookups: Lookup[]
      fieldErrors: FieldError[]
    }
  /** `identifier` is known when the object has one but cannot be written under it. */
  | { status: 'failed'; blueprint: string; identifier?: string; field: string; reason: string }
  /** The selector left the object out. */
  | { status: 'skipped'; blueprint: string }

/**
 * @param line what the resource's program printed for one object
 * @returns for each row of it one outcome for each of the resource's entity mappings
 */
export function transform(compiled: CompiledResource, line: Line): Mapped[][] {
  const { resource } = compiled
  if (Array.isArray(line)) return line.map(row => transformRow(compiled, row))
  const { field, error: reason } = line
  return [resource.mappings.slice(0, 1).map(({ blueprint }) => ({ status: 'failed', blueprint, field, reason }))]
}

function transformRow({ resource, program }: CompiledResource, [selected, ...rows]: Row): Mapped[] {
  const problem = selectorProblem(selected)
  return resource.mappings.flatMap(({ blueprint, choice }, index): Mapped[] => {
    const sole = choice === undefined || resource.mappings.findIndex(one => one.choice === choice) === index
    if (problem !== undefined) {
      if (!sole) return []
      if (problem === 'not selected') return [{ status: 'skipped', blueprint }]
      return [{ status: 'failed', blueprint, field: 'selector.query', reason: problem }]
    }
    const { fields = [], when } = program.source.mappings[index] ?? {}
    const results = rows[index] ?? []
    if (when !== undefined) {
      const among = resource.mappings.flatMap(one => (one.choice === choice ? [one.blueprint] : []))
      const chosen = readChoice(results[0] ?? [], among)
      // What none of them takes is told once.
      if (typeof chosen === 'object')
        return sole ? [{ status: 'failed', blueprint, field: 'blueprint', ...chosen }] : []
      if (chosen !== blueprint) return []
    }
    const values = when === undefined ? results : results.slice(1)
    const named = fields.map((field, at): NamedResult => [field.name, field.collect === 'all', values[at] ?? []])
    return [toEntity(blueprint, named)]
  })
}

/** Only `true` selects. `false`, `null` and no output skip the object; anything else is a mistake worth a failure. */
function selectorProblem(selected: FieldResult): string | undefined {
  if (!Array.isArray(selected)) return selected.error
  const [value] = selected
  if (value === true) return undefined
  if (value === false || value === null || value === undefined) return 'not selected'
  return `gave ${describe(value)}; expected true or false`
}

function readChoice(result: FieldResult, among: readonly string[]): string | { reason: string } {
  if (!Array.isArray(result)) return { reason: result.error }
  const [value] = result
  if (value === null || value === undefined) return { reason: 'is null' }
  if (typeof value === 'string' && among.includes(value)) return value
  return { reason: `gave ${quote(value)}; expected one of ${among.join(', ')}` }
}

type NamedResult = readonly [name: string, all: boolean, result: FieldResult]

function toEntity(blueprint: string, results: readonly NamedResult[]): Mapped {
  const [first, ...others] = results
  const identifier = toIdentifier(first?.[2] ?? [])
  if ('reason' in identifier) return { status: 'failed', blueprint, field: 'identifier', ...identifier }

  const entity: Entity = { identifier: identifier.value, properties: {}, relations: {} }
  const lookups: Lookup[] = identifier.search === undefined ? [] : [{ field: 'identifier', search: identifier.search }]
  const fieldErrors: FieldError[] = []
  for (const [field, all, result] of others) {
    const outcome = Array.isArray(result) ? toField(field, collect(result, all), all) : result
    if (outcome === 'absent') continue
    if ('error' in outcome) fieldErrors.push({ field, message: outcome.error })
    else if ('search' in outcome) lookups.push({ field, search: outcome.search })
    else assignField(entity, field, outcome.value)
  }
  const target = unwritableTarget(entity)
  if (target !== undefined) return { status: 'failed', blueprint, identifier: entity.identifier, ...target }
  return { status: 'mapped', blueprint, entity, lookups, fieldErrors }
}

/** All outputs as a list, unless the only one is a list or null itself; or the first output, null when there is none. */
function collect(outputs: unknown[], all: boolean): unknown {
  const [first] = outputs
  if (!all) return first ?? null
  return outputs.length === 1 && (Array.isArray(first) || first === null) ? first : outputs
}

/** Sets a field by its name, as a mapping names it. */
export function assignField(entity: Entity, field: string, value: unknown): void {
  const { group, name } = splitField(field)
  if (group === 'properties') entity.properties[name] = value
  else if (group === 'relations') entity.relations[name] = value as string | string[] | null
  else Object.assign(entity, { [field]: value })
}

/** A relation target that Port would refuse, and with it the whole batch that the entity travels in. */
function unwritableTarget(entity: Entity): { field: string; reason: string } | undefined {
  for (const [name, value] of Object.entries(entity.relations)) {
    for (const target of Array.isArray(value) ? value : [value]) {
      const problem = target === null ? undefined : identifierProblem(target)
      if (problem !== undefined) return { field: `relations.${name}`, reason: `the target ${quote(target)} ${problem}` }
    }
  }
  return undefined
}

function quote(value: unknown): string {
  return JSON.stringify(value)
}
