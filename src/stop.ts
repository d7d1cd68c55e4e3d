/** Ends a run cleanly: when the runner asks for it, or when its time is up. */
import { StoppedError } from './errors.ts'

export interface Stop {
  /** Aborted when nothing new may start. */
  stop: AbortSignal
  /** Aborted a little later, when what is in flight has to be given up. */
  abort: AbortSignal
  /** Lets the process end. */
  release(): void
}

/** A cancelled job gets SIGINT, after 7.5 s SIGTERM, after 2.5 s more it is killed: 5 s leave time for the summary. */
const GRACE_MS = 5_000

/** @param budgetMinutes from now on */
export function watchForStop(budgetMinutes: number): Stop {
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
  timers.push(
    setTimeout(
      () => end(`time-budget-minutes (${budgetMinutes}) is used up`),
      Math.min(budgetMinutes * 60_000, 2 ** 31 - 1),
    ),
  )
  return {
    stop: stop.signal,
    abort: abort.signal,
    release() {
      process.off('SIGINT', onInterrupt)
      process.off('SIGTERM', onTerminate)
      for (const timer of timers) clearTimeout(timer)
    },
  }
}
