/** The log of the step: groups, progress, and one sentence for each decision. */
import * as core from '@actions/core'
import { logLine } from './escape.ts'

export interface Log {
  group(title: string): void
  endGroup(): void
  info(text: string): void
  debug(text: string): void
  /** Like {@link info}, but at most every few seconds, so that long stages show life without flooding. */
  progress(text: () => string): void
  warning(text: string): void
  error(text: string): void
}

const PROGRESS_EVERY_MS = 2_000

export function createLog(clock: () => number = () => performance.now()): Log {
  let lastProgress = Number.NEGATIVE_INFINITY
  let open = false
  const log: Log = {
    group(title) {
      log.endGroup()
      core.startGroup(logLine(title))
      open = true
    },
    endGroup() {
      if (open) core.endGroup()
      open = false
    },
    info: text => core.info(logLine(text)),
    debug: text => core.debug(logLine(text)),
    progress(text) {
      if (clock() - lastProgress < PROGRESS_EVERY_MS) return
      lastProgress = clock()
      core.info(logLine(text()))
    },
    warning: text => core.warning(logLine(text)),
    error: text => core.error(logLine(text)),
  }
  return log
}
