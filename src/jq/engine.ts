/**
 * What evaluates jq programs. Two engines keep this promise: the bundled WebAssembly one and a native executable. Both
 * are made with a signal that ends what they are at: an expression may take longer than the runner waits for us.
 */

export interface RunLimits {
  /** Wall time, in milliseconds. */
  timeoutMs?: number
  /** Characters that jq may print. */
  maxOutput?: number
}

export const DEFAULT_LIMITS: Required<RunLimits> = { timeoutMs: 60_000, maxOutput: 32 * 1024 * 1024 }

export interface JqEngine {
  /**
   * Runs a program once over each input.
   *
   * @param program jq text; whoever builds it wraps what users wrote, so that it cannot be read as an option
   * @param inputs one JSON value a line
   * @returns what jq printed: one JSON value a line
   * @throws {JqFailure} when the program does not compile, goes beyond a limit, or the engine gave up
   * @throws the reason of the signal that the engine was made with, once that is aborted
   */
  run(program: string, inputs: string, limits?: RunLimits): Promise<string>
  close(): Promise<void>
}

/** For an engine that nothing ends. */
export const NEVER: AbortSignal = new AbortController().signal

export interface JqFailureOptions extends ErrorOptions {
  timedOut?: boolean
  place?: { line: number; column: number } | undefined
}

/** jq refused a program, or ended before it was through with its input. */
export class JqFailure extends Error {
  readonly timedOut: boolean
  /** Where in the program jq found an error; line and column count from 1. */
  readonly place: { line: number; column: number } | undefined

  constructor(message: string, { timedOut = false, place, ...options }: JqFailureOptions = {}) {
    super(message, options)
    this.name = 'JqFailure'
    this.timedOut = timedOut
    this.place = place
  }
}

export function timeout({ timeoutMs }: Required<RunLimits>): JqFailure {
  return new JqFailure(`no result after ${timeoutMs / 1000} s; an expression may never end`, { timedOut: true })
}

/** @throws {JqFailure} when there is more output than was allowed */
export function assertOutput(output: string, { maxOutput }: Required<RunLimits>): string {
  if (output.length <= maxOutput) return output
  throw new JqFailure(`the result has more than ${maxOutput / 1024 / 1024} MiB; an expression builds too much`)
}

/** jq 1.8 says line and column, jq 1.7 and older the line at most; a program in a file is named by its path. */
const PLACE = / at (?:<[\w-]+>|\/.*\.jq),? line (\d+)(?:, column (\d+))?:?$/

/** jq's own words about what is wrong, without its prefix and the lines that draw an arrow. */
export function failureFrom(stderr: string, options: ErrorOptions = {}): JqFailure {
  const line = stderr.split('\n').find(text => text.startsWith('jq: error'))
  if (line === undefined) return new JqFailure(stderr.trim().split('\n')[0] || 'jq failed without a message', options)
  const [, row, column] = PLACE.exec(line) ?? []
  const message = line
    .replace(/^jq: error(?: \(at [^)]*\))?:? ?/, '')
    .replace(PLACE, '')
    .replace(/ \(Unix shell quoting issues\?\)/, '')
  return new JqFailure(message, {
    ...options,
    place: row === undefined ? undefined : { line: Number(row), column: Number(column ?? 1) },
  })
}
