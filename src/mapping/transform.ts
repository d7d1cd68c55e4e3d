/** Makes entities out of what jq gave for an object. Pure: a failure is a value, never an exception. */
import type { FieldResult, Row } from '../jq/program.ts'
import { identifierProblem } from '../port/identifier.ts'
import type { Entity } from '../port/model.ts'
import type { CompiledResource } from './compile.ts'

/** An expression that failed on one object. Its field is left out of the entity, so that Port keeps what it has. */
export interface FieldError {
  field: string
  message: string
}

export type Mapped =
  | { status: 'mapped'; blueprint: string; entity: Entity; fieldErrors: FieldError[] }
  /** `identifier` is known when the object has one but cannot be written under it. */
  | { status: 'failed'; blueprint: string; identifier?: string; field: string; reason: string }
  /** The selector left the object out. */
  | { status: 'skipped'; blueprint: string }

/** What one field gave: a value, nothing to write, or an error. */
type FieldOutcome = { value: unknown } | 'absent' | { error: string }

/**
 * @param row what the resource's program printed for one object
 * @returns one outcome for each of the resource's entity mappings
 */
export function transform({ resource, program }: CompiledResource, [selected, ...rows]: Row): Mapped[] {
  return resource.mappings.map(({ blueprint }, index) => {
    const problem = selectorProblem(selected)
    if (problem === 'not selected') return { status: 'skipped', blueprint }
    if (problem !== undefined) return { status: 'failed', blueprint, field: 'selector.query', reason: problem }
    const fields = program.mappings[index] ?? []
    const results = rows[index] ?? []
    return toEntity(
      blueprint,
      fields.map((field, at) => [field.name, field.collect === 'all', results[at] ?? []]),
    )
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

type NamedResult = readonly [name: string, all: boolean, result: FieldResult]

function toEntity(blueprint: string, results: readonly NamedResult[]): Mapped {
  const [first, ...others] = results
  const identifier = toIdentifier(first?.[2] ?? [])
  if ('reason' in identifier) return { status: 'failed', blueprint, field: 'identifier', ...identifier }

  const entity: Entity = { identifier: identifier.value, properties: {}, relations: {} }
  const fieldErrors: FieldError[] = []
  for (const [field, all, result] of others) {
    const outcome = Array.isArray(result) ? toField(field, collect(result, all), all) : result
    if (outcome === 'absent') continue
    if ('error' in outcome) fieldErrors.push({ field, message: outcome.error })
    else assign(entity, field, outcome.value)
  }
  const target = unwritableTarget(entity)
  if (target !== undefined) return { status: 'failed', blueprint, identifier: entity.identifier, ...target }
  return { status: 'mapped', blueprint, entity, fieldErrors }
}

function toIdentifier(result: FieldResult): { value: string } | { reason: string; identifier?: string } {
  if (!Array.isArray(result)) return { reason: result.error }
  const [value] = result
  if (value === null || value === undefined) return { reason: 'is null' }
  if (typeof value !== 'string' && typeof value !== 'number') return { reason: `gave ${describe(value)}` }
  const identifier = String(value)
  const problem = identifierProblem(identifier)
  return problem === undefined ? { value: identifier } : { reason: problem, identifier }
}

/** All outputs as a list, unless the only one is a list or null itself; or the first output, null when there is none. */
function collect(outputs: unknown[], all: boolean): unknown {
  const [first] = outputs
  if (!all) return first ?? null
  return outputs.length === 1 && (Array.isArray(first) || first === null) ? first : outputs
}

function toField(field: string, value: unknown, all: boolean): FieldOutcome {
  if (field.startsWith('properties.')) return { value }
  if (field.startsWith('relations.')) return all ? toTargets(value) : toTarget(value)
  // Port's bulk route refuses a null title, icon or team, and with it the whole batch.
  if (value === null) return 'absent'
  if (field === 'team' && Array.isArray(value) && value.every(name => typeof name === 'string')) return { value }
  if (typeof value === 'string') return { value }
  if (typeof value === 'number' && field === 'title') return { value: String(value) }
  return { error: `gave ${describe(value)}; expected a string${field === 'team' ? ' or a list of strings' : ''}` }
}

function toTarget(value: unknown): FieldOutcome {
  if (value === null || value === '') return { value: null }
  if (typeof value === 'string' || typeof value === 'number') return { value: String(value) }
  return { error: `gave ${describe(value)}; expected one identifier` }
}

/** Numbers become strings; null, empty and duplicate targets are dropped. */
function toTargets(value: unknown): FieldOutcome {
  const targets = new Set<string>()
  for (const item of Array.isArray(value) ? value : [value]) {
    if (item === null || item === '') continue
    if (typeof item !== 'string' && typeof item !== 'number') {
      return { error: `gave a list with ${describe(item)}; expected identifiers` }
    }
    targets.add(String(item))
  }
  return { value: [...targets] }
}

function assign(entity: Entity, field: string, value: unknown): void {
  const [group, ...rest] = field.split('.')
  const name = rest.join('.')
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

function quote(text: string | null): string {
  return JSON.stringify(text)
}

/** The type of a value, with an article, for messages that must not repeat data. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
