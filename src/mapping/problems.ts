/** Turns what the schema found wrong into lines that a mapping's author can act on. */
import type { Problem } from '../errors.ts'
import { didYouMean } from '../words.ts'
import type { Path, Positions } from './positions.ts'
import { keysAt } from './schema.ts'

/** A problem of a mapping file, and the path of the value that has it. */
export interface ShapeProblem {
  path: Path
  message: string
  /** The key is wrong, not its value. */
  key?: boolean
}

interface RawIssue {
  code?: string | undefined
  expected?: unknown
  input?: unknown
}

/** Says what the schema expected, for those issues whose own message would not help. */
export function shapeMessage(issue: RawIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined
  if (issue.input === null) return `is empty; expected ${issue.expected}`
  return issue.input === undefined ? `missing; expected ${issue.expected}` : `expected ${issue.expected}`
}

interface ZodIssueLike {
  code?: string | undefined
  path: PropertyKey[]
  message: string
  errors?: ZodIssueLike[][]
  keys?: string[]
}

/** One issue for each place: of a union, the alternative that came closest; of unknown keys, the keys' own place. */
export function shapeProblems(issues: readonly ZodIssueLike[], base: Path = []): ShapeProblem[] {
  return issues.flatMap(issue => {
    const path = [...base, ...issue.path]
    const alternatives = issue.errors?.filter(errors => errors.some(error => error.path.length > 0))
    const closest = alternatives?.toSorted((a, b) => a.length - b.length)[0]
    if (closest !== undefined) return shapeProblems(closest, path)
    if (issue.keys?.length)
      return issue.keys.map(key => ({ path: [...path, key], message: unknownKey(key, path), key: true }))
    return [{ path, message: `${nameOf(path)}: ${issue.message}` }]
  })
}

/** The problems in the order of the file. */
export function locateProblems(problems: readonly ShapeProblem[], file: string, positions: Positions): Problem[] {
  return problems
    .map(({ path, message, key }) => ({
      message: `${message}.`,
      place: { file, ...(key ? positions.ofKey(path) : positions(path)) },
    }))
    .sort((a, b) => a.place.line - b.place.line || a.place.column - b.place.column)
}

/** What the value at a path is called: its key, and the number of an item from 1. */
function nameOf(path: Path): string {
  const last = path.at(-1)
  if (typeof last !== 'number') return String(last ?? 'the file')
  return `${String(path.findLast(key => typeof key === 'string') ?? 'the file')}, item ${last + 1}`
}

function unknownKey(key: string, path: Path): string {
  return `${key}: not known at this place; expected ${didYouMean(key, keysAt(path))}`
}
