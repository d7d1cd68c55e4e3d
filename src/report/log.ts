/** The log of the step: groups, progress, and one sentence for each decision. */
import * as core from '@actions/core'
import type { Place } from '../errors.ts'
import { logLine } from './escape.ts'
import type { Redactor } from './redact.ts'

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

/** What the toolkit prints with. */
export type Toolkit = Pick<typeof core, 'startGroup' | 'endGroup' | 'info' | 'debug' | 'notice' | 'warning' | 'error'>

export interface LogOptions {
  toolkit?: Toolkit
  clock?: () => number
}

/** @param redactor takes secrets out before the runner has to */
export function createLog(redactor: Redactor, options: LogOptions = {}): Log {
  const { toolkit = core, clock = () => performance.now() } = options
  const line = (text: string) => logLine(redactor.text(text))
  let lastProgress = Number.NEGATIVE_INFINITY
  let open = false
  const log: Log = {
    group(title) {
      log.endGroup()
      toolkit.startGroup(line(title))
      open = true
    },
    endGroup() {
      if (open) toolkit.endGroup()
      open = false
    },
    info: text => toolkit.info(line(text)),
    debug: text => toolkit.debug(line(text)),
    progress(text) {
      if (clock() - lastProgress < PROGRESS_EVERY_MS) return
      lastProgress = clock()
      toolkit.info(line(text()))
    },
    notice: (text, place) => toolkit.notice(line(text), annotation(place)),
    warning: (text, place) => toolkit.warning(line(text), annotation(place)),
    error: (text, place) => toolkit.error(line(text), annotation(place)),
  }
  return log
}

/** Where nobody reads the log any more, or its disk is full, the run goes on without: it may be in the middle of writing. */
export function outliveLog(): void {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {})
}

function annotation(place: Place | undefined): core.AnnotationProperties {
  return place === undefined ? {} : { file: place.file, startLine: place.line, startColumn: place.column }
}
