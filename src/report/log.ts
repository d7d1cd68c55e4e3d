/** The log of the step: groups, progress, and one sentence for each decision. */
import * as core from '@actions/core'
import type { Place } from '../errors.ts'
import { logLine } from './escape.ts'

export interface Log {
  group(title: string): void
  endGroup(): void
  info(text: string): void
  debug(text: string): void
  /** Like {@link info}, but at most every few seconds, so that long stages show life without flooding. */
  progress(text: () => string): void
  /** An annotation; with a place, on the line of that file. */
  notice(text: string, place?: Place): void
  warning(text: string, place?: Place): void
  error(text: string, place?: Place): void
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
    notice: (text, place) => core.notice(logLine(text), annotation(place)),
    warning: (text, place) => core.warning(logLine(text), annotation(place)),
    error: (text, place) => core.error(logLine(text), annotation(place)),
  }
  return log
}

function annotation(place: Place | undefined): core.AnnotationProperties {
  return place === undefined ? {} : { file: place.file, startLine: place.line, startColumn: place.column }
}
