/** Errors whose message is written for the person who runs the action: shown as it is, without a stack. */

/** A place in a file of the repository; line and column count from 1. */
export interface Place {
  file: string
  line: number
  column: number
}

/** Something that a person can mend, and where. */
export interface Problem {
  /** A whole sentence. */
  message: string
  place?: Place
}

/** With its place in front, as compilers say it. */
export function sayProblem({ message, place }: Problem): string {
  return place === undefined ? message : `${place.file}:${place.line}:${place.column} ${message}`
}

/** The configuration is wrong; nothing was written. */
export class ConfigError extends Error {
  readonly problems: readonly Problem[]

  constructor(problems: string | readonly (string | Problem)[], options?: ErrorOptions) {
    const list = (typeof problems === 'string' ? [problems] : problems).map(problem =>
      typeof problem === 'string' ? { message: problem } : problem,
    )
    super(list.map(sayProblem).join('\n'), options)
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
