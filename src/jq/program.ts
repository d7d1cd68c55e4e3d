/**
 * Builds one jq program out of all expressions of a resource. A call of jq costs about as much as mapping an object, so
 * a program that evaluates every field in one go is many times faster than one call for each field.
 */

/** Whether a field takes the first output of its expression or all of them. */
export type Collect = 'first' | 'all'

export interface Field {
  /** Where the result goes, such as `identifier` or `properties.status`. */
  name: string
  expression: string
  collect: Collect
}

export interface Program {
  text: string
  /** The fields of each mapping, in the order in which a row has their results. */
  mappings: readonly (readonly Field[])[]
}

/** The outputs of an expression, or the error that ended it. */
export type FieldResult = unknown[] | { error: string }

/** What one object gave: the selector's result and, when it selected the object, the results of each mapping. */
export type Row = [selected: FieldResult, ...mappings: FieldResult[][]]

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

/**
 * @param query the resource's `selector.query`
 * @param mappings the fields of each entry of `port.entity.mappings`
 * @returns a program that prints one {@link Row} for each object
 */
export function fuse(query: string, mappings: readonly (readonly Field[])[]): Program {
  const rows = mappings.map(fields => `[${fields.map(field => guarded(field.expression, field.collect)).join(',\n')}]`)
  const selected = ['$__selected', ...rows].join(',\n')
  return {
    text: `${SEAL}${guarded(query, 'first')} as $__selected | if $__selected == [true] then [${selected}] else [$__selected] end`,
    mappings,
  }
}

/** Parses what a {@link fuse}d program printed. */
export function parseRows(output: string): Row[] {
  const lines = output.split('\n')
  if (lines.at(-1) === '') lines.pop()
  return lines.map(line => JSON.parse(line) as Row)
}

/**
 * A program that compiles if every expression compiles on its own, and runs none of them. It catches expressions that
 * are only valid between the parentheses of a fused program, such as `.a) | (.b`.
 */
export function compileOnly(expressions: readonly string[]): string {
  return `${SEAL}${expressions.map((expression, index) => `def __expression${index}:\n${expression}\n;`).join('\n')} empty`
}

// The newline ends a comment that an expression may end with.
function guarded(expression: string, collect: Collect): string {
  const outputs = collect === 'first' ? `first((${expression}\n))` : `${expression}\n`
  return `(try [${outputs}] catch {error: __message})`
}
