/** Reads what an expression gave as what its field can hold. */
import type { FieldResult } from '../jq/program.ts'
import { exactNumber, unwritable } from '../json.ts'
import { identifierProblem } from '../port/identifier.ts'
import { readSearch, type Search } from './search.ts'

/** What one field gave: a value, nothing to write, something to look up, or an error. */
export type FieldOutcome = { value: unknown } | 'absent' | { search: Search } | { error: string }

/** `value` is empty where a search has to find it. */
export function toIdentifier(
  result: FieldResult,
): { value: string; search?: Search } | { reason: string; identifier?: string } {
  if (!Array.isArray(result)) return { reason: result.error }
  const [value] = result
  if (value === null || value === undefined) return { reason: 'is null' }
  const identifier = textOf(value)
  if (identifier !== undefined) {
    const problem = identifierProblem(identifier)
    return problem === undefined ? { value: identifier } : { reason: problem, identifier }
  }
  const search = toSearch(value)
  if (search === undefined) return { reason: `gave ${describe(value)}; expected text` }
  return 'search' in search ? { value: '', search: search.search } : { reason: search.error }
}

/** A text or a number, as text. */
function textOf(value: unknown): string | undefined {
  if (typeof value === 'string' || typeof value === 'number') return String(value)
  return exactNumber(value)
}

function toSearch(value: unknown): { search: Search } | { error: string } | undefined {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return undefined
  if (exactNumber(value) !== undefined) return undefined
  const search = readSearch(value)
  return 'error' in search ? search : { search }
}

/** @param all whether every output of the expression is in `value` */
export function toField(field: string, value: unknown, all: boolean): FieldOutcome {
  if (field.startsWith('properties.')) {
    const problem = unwritable(value)
    return problem === undefined ? { value } : { error: problem }
  }
  if (field.startsWith('relations.')) {
    const sole = all && Array.isArray(value) && value.length === 1 ? value[0] : value
    return toSearch(sole) ?? (all ? toTargets(value) : toTarget(value))
  }
  // Port's bulk route refuses a null title, icon or team, and with it the whole batch.
  if (value === null) return 'absent'
  if (field === 'team') {
    if (Array.isArray(value) && value.every(name => typeof name === 'string')) return { value }
    return toSearch(value) ?? toText(value, 'a string, a list of strings or a search')
  }
  return field === 'title' ? toText(textOf(value) ?? value, 'a string') : toText(value, 'a string')
}

function toText(value: unknown, expected: string): FieldOutcome {
  return typeof value === 'string' ? { value } : { error: `gave ${describe(value)}; expected ${expected}` }
}

function toTarget(value: unknown): FieldOutcome {
  if (value === null || value === '') return { value: null }
  const target = textOf(value)
  return target === undefined
    ? { error: `gave ${describe(value)}; expected one identifier or a search` }
    : { value: target }
}

/** Numbers become strings; null, empty and duplicate targets are dropped. */
function toTargets(value: unknown): FieldOutcome {
  const targets = new Set<string>()
  for (const item of Array.isArray(value) ? value : [value]) {
    if (item === null || item === '') continue
    const target = textOf(item)
    if (target === undefined) return { error: `gave a list with ${describe(item)}; expected identifiers` }
    targets.add(target)
  }
  return { value: [...targets] }
}

/** The type of a value, with an article, for messages that must not repeat data. */
export function describe(value: unknown): string {
  if (Array.isArray(value)) return 'an array'
  if (value === null) return 'null'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}
