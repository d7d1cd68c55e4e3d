/** Turns whatever a run threw into what its reader is told. */
import { ConfigError, messageOf, StoppedError } from '../errors.ts'
import type { Log } from './log.ts'
import type { Recorder } from './recorder.ts'

/** Every problem of a configuration, one sentence for everything else; a stack is for the debug log. */
export function explain(error: unknown, recorder: Recorder, log: Log): void {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) recorder.problem(problem)
    return
  }
  if (error instanceof StoppedError) {
    recorder.problem(`${error.message}: nothing more was written or deleted after that. Running again continues.`)
    return
  }
  recorder.problem(messageOf(error))
  if (error instanceof Error && error.stack !== undefined) log.debug(error.stack)
}
