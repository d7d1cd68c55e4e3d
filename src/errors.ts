/** Errors whose message is written for the person who runs the action: shown as it is, without a stack. */

/** The configuration is wrong; nothing was written. `problems` are whole sentences, each naming what to change. */
export class ConfigError extends Error {
  readonly problems: readonly string[]

  constructor(problems: string | readonly string[], options?: ErrorOptions) {
    const list = typeof problems === 'string' ? [problems] : problems
    super(list.join('\n'), options)
    this.name = 'ConfigError'
    this.problems = list
  }
}

/** Wiz or Port answered in a way that ends what was asked for: a page, a batch, or the run. */
export class ServiceError extends Error {
  readonly status: number

  /** @param status HTTP status, 0 when there was no answer. */
  constructor(message: string, status: number, options?: ErrorOptions) {
    super(message, options)
    this.name = 'ServiceError'
    this.status = status
  }
}

/** The run was told to stop: a signal from the runner, or the time budget. */
export class StoppedError extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'StoppedError'
  }
}

/** The message of anything that can be thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown)
}
