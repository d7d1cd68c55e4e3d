/** Turns what the schema found wrong into lines that a mapping's author can act on. */
import type { Path, Positions } from './positions.ts'

/** A problem of a mapping file, and the path of the value that has it. */
export interface ShapeProblem {
  path: Path
  message: string
}

interface RawIssue {
  code?: string | undefined
  expected?: unknown
  input?: unknown
}

/** Says what the schema expected, for those issues whose own message would not help. */
export function shapeMessage(issue: RawIssue): string | undefined {
  if (issue.code !== 'invalid_type') return undefined
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
    if (issue.keys?.length) return issue.keys.map(key => ({ path: [...path, key], message: unknownKey(key) }))
    return [{ path, message: `${String(path.at(-1) ?? 'the file')}: ${issue.message}` }]
  })
}

const NOT_YET = new Set(['itemsToParse', 'itemsToParseName', 'itemsToParseTopLevelTransform'])

function unknownKey(key: string): string {
  return NOT_YET.has(key) ? `${key}: not supported yet by wiz-to-port` : `${key}: not known at this place`
}

/** One line for each problem, in the order of the file. */
export function renderProblems(problems: readonly ShapeProblem[], name: string, positions: Positions): string[] {
  return problems
    .map(({ path, message }) => ({ ...positions(path), message }))
    .sort((a, b) => a.line - b.line || a.column - b.column)
    .map(({ line, column, message }) => `${name}:${line}:${column} ${message}.`)
}
