/** Ends a run cleanly: when the runner asks for it, or when its time is up. */
import { StoppedError } from './errors.ts'

export interface Stop {
  /** Aborted when nothing new may start. */
  stop: AbortSignal
  /** Aborted a little later, when what is in flight has to be given up. */
  abort: AbortSignal
  /** Ends the run when this many minutes have passed. */
  limit(minutes: number): void
  /** Lets the process end. */
  release(): void
}

/** A cancelled job gets SIGINT, after 7.5 s SIGTERM, after 2.5 s more it is killed: 5 s leave time for the summary. */
const GRACE_MS = 5_000
/** Node fires a longer one at once. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

/** Watches from now on: a signal that nobody watches for would end the process without a word. */
export function watchForStop(): Stop {
  const stop = new AbortController()
  const abort = new AbortController()
  const timers: NodeJS.Timeout[] = []
  const end = (reason: string) => {
    if (stop.signal.aborted) return
    const error = new StoppedError(reason)
    stop.abort(error)
    timers.push(setTimeout(() => abort.abort(error), GRACE_MS))
  }
  const onInterrupt = () => end('The run was interrupted (SIGINT)')
  const onTerminate = () => end('The run was interrupted (SIGTERM)')
  process.on('SIGINT', onInterrupt)
  process.on('SIGTERM', onTerminate)
  return {
    stop: stop.signal,
    abort: abort.signal,
    limit(minutes) {
      const milliseconds = Math.min(minutes * 60_000, LONGEST_TIMER_MS)
      timers.push(setTimeout(() => end(`time-budget-minutes (${minutes}) is used up`), milliseconds))
    },
    release() {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onTerminate)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
