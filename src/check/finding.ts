/** What a check found in a mapping. */
import type { Problem } from '../errors.ts'
import type { Expression } from '../mapping/model.ts'
import type { Position } from '../mapping/positions.ts'

export interface Finding extends Problem {
  /** An error keeps the run from starting; a warning deserves attention; a note is good to know. */
  level: 'error' | 'warning' | 'note'
  /** Where the expression begins that it is about. */
  subject?: Position
}

/** An expression of a mapping, and the field that it stands for. */
export type FieldExpression = readonly [field: string, expression: Expression]

export function findingAt(level: Finding['level'], file: string, at: Position, message: string): Finding {
  return { level, message, place: { file, line: at.line, column: at.column } }
}

/** By their places; what has none comes first. */
export function inOrder<T extends Problem>(problems: readonly T[]): T[] {
  const key = ({ place }: Problem) => (place === undefined ? [0, 0] : [place.line, place.column])
  return problems.toSorted((a, b) => {
    const [lineA = 0, columnA = 0] = key(a)
    const [lineB = 0, columnB = 0] = key(b)
    return lineA - lineB || columnA - columnB
  })
}
