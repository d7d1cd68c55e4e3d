/** What evaluates jq programs. Two engines keep this promise: the bundled WebAssembly one and a native executable. */
export interface JqEngine {
  /**
   * Runs a program once over each input.
   *
   * @param program jq text; whoever builds it wraps what users wrote, so that it cannot be read as an option
   * @param inputs one JSON value a line
   * @returns what jq printed: one JSON value a line
   * @throws {JqFailure} when the program does not compile, or the engine gave up
   */
  run(program: string, inputs: string): Promise<string>
  close(): Promise<void>
}

/** jq refused a program, or ended before it was through with its input. */
export class JqFailure extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'JqFailure'
  }
}

/** jq's own words about what is wrong, without its prefix and the lines that draw an arrow. */
export function shapeJqError(stderr: string): string {
  const line = stderr.split('\n').find(text => text.startsWith('jq: error'))
  if (line === undefined) return stderr.trim().split('\n')[0] ?? 'jq failed without a message'
  return line
    .replace(/^jq: error(?: \(at [^)]*\))?:? ?/, '')
    .replace(/ at <top-level>, line \d+(?:, column \d+)?:?$/, '')
    .replace(/ \(Unix shell quoting issues\?\)/, '')
}
