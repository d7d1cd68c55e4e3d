/**
 * Builds one jq program out of all expressions of a resource. A call of jq costs about as much as mapping an object, so
 * a program that evaluates every field in one go is many times faster than one call for each field.
 */

import { parseJson } from '../json.ts'

/** Whether a field takes the first output of its expression or all of them. */
export type Collect = 'first' | 'all'

export interface Field {
  /** Where the result goes, such as `identifier` or `properties.status`. */
  name: string
  expression: string
  collect: Collect
}

export interface MappingSource {
  fields: readonly Field[]
  /** The fields are evaluated where this expression gives this text. */
  when?: { expression: string; gives: string }
}

/** Each object is taken apart: as many rows as the expression's list has items. */
export interface ItemsSource {
  expression: string
  /** The member of the object under which each item stands. */
  name: string
  /** A path that each row's object lacks. */
  without?: string | undefined
}

export interface ProgramSource {
  query: string
  items?: ItemsSource | undefined
  mappings: readonly MappingSource[]
}

export interface Program {
  text: string
  source: ProgramSource
}

/** The outputs of an expression, or the error that ended it. */
export type FieldResult = unknown[] | { error: string }

/**
 * The selector's result and, when it selected the object, the results of each mapping: of its fields in their order,
 * behind that of `when` where there is one.
 */
export type Row = [selected: FieldResult, ...mappings: FieldResult[][]]

/** What an object gave: a row, or several when it was taken apart; or why it has none. */
export type Line = Row[] | ObjectError

export interface ObjectError {
  error: string
  field: string
}

/**
 * What an expression could reach beyond its object is closed, whichever engine runs it: the environment, the other
 * objects of the batch, the engine's own streams and its end.
 */
const SEAL = `def env: {};
def input: error("input is not available in a mapping");
def inputs: error("inputs is not available in a mapping");
def debug: .; def debug(f): .; def stderr: .;
def halt: error("halt is not available in a mapping");
def halt_error: error("halt_error is not available in a mapping");
def halt_error(f): error("halt_error is not available in a mapping");
def input_filename: null; def input_line_number: 0;
def __message: if type == "string" then . else tojson end;
{} as $ENV | `

export const ITEMS_FIELD = 'port.itemsToParse'

/** @returns a program that prints one {@link Line} for each object */
export function fuse(source: ProgramSource): Program {
  const { query, items, mappings } = source
  const row = `${guarded(query, 'first')} as $__selected | if $__selected == [true] then [$__selected${mappings
    .map(mapping => `,\n${mappingText(mapping)}`)
    .join('')}] else [$__selected] end`
  return { text: `${SEAL}${items === undefined ? `[${row}]` : itemsText(items, row)}`, source }
}

function mappingText({ fields, when }: MappingSource): string {
  const results = fields.map(({ expression, collect }) => guarded(expression, collect)).join(',\n')
  if (when === undefined) return `[${results}]`
  const gives = JSON.stringify([when.gives])
  return `(${guarded(when.expression, 'first')} as $__when | if $__when == ${gives} then [$__when, ${results}] else [$__when] end)`
}

function itemsText({ expression, name, without }: ItemsSource, row: string): string {
  const field = JSON.stringify(ITEMS_FIELD)
  const parent = without === undefined ? '.' : `del(${without})`
  return `${guarded(expression, 'first')} as $__items |
if ($__items | type) == "object" then $__items + {field: ${field}}
elif $__items[0] == null then []
elif ($__items[0] | type) != "array" then {error: "gave a value of type \\($__items[0] | type); expected a list", field: ${field}}
else ${parent} as $__parent | [$__items[0][] as $__item | $__parent + {${JSON.stringify(name)}: $__item} | ${row}] end`
}

/** Parses what a {@link fuse}d program printed. */
export function parseLine(text: string): Line {
  return parseJson(text) as Line
}

/** The lines of what jq printed. */
export function splitLines(output: string): string[] {
  const lines = output.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines
}

/**
 * A program that compiles if every expression compiles on its own, and runs none of them. It catches expressions that
 * are only valid between the parentheses of a fused program, such as `.a) | (.b`.
 */
export function compileOnly(expressions: readonly string[]): string {
  const definitions = expressions.map((expression, index) => `def __expression${index}:\n${expression}\n;`)
  // jq looks up the names in a definition when something calls it.
  const calls = expressions.map((_, index) => `__expression${index}`)
  return `${SEAL}${definitions.join('\n')} empty | (${calls.join(', ')})`
}

/** A program that compiles if another one does, and runs none of it. */
export function compileCheck({ text }: Program): string {
  return `def __program: ${text}; empty | __program`
}

/** The line of a {@link compileOnly} program in which its first expression begins. */
export const EXPRESSION_LINE = SEAL.split('\n').length + 1

// The newline ends a comment that an expression may end with.
function guarded(expression: string, collect: Collect): string {
  const outputs = collect === 'first' ? `first((${expression}\n))` : `${expression}\n`
  return `(try [${outputs}] catch {error: __message})`
}
