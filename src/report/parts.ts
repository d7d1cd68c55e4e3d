/** Writes what may be long in parts, so that it never stands in memory as one text. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Report } from './model.ts'
import type { Redactor } from './redact.ts'

const ITEMS = 500

/** Where the report to look at goes, given where the one for machines does. */
export function pageBeside(path: string): string {
  return join(dirname(path), 'report.html')
}

/** The items of a JSON list, without its brackets. */
export function* listParts<T>(items: readonly T[], write: (item: T) => string): Generator<string> {
  for (let start = 0; start < items.length; start += ITEMS) {
    const texts = items.slice(start, start + ITEMS).map(write)
    yield `${start === 0 ? '' : ','}\n${texts.join(',\n')}`
  }
}

/** The report as JSON: each operation on a line of its own. */
export function* reportParts({ operations, ...rest }: Report): Generator<string> {
  yield `${JSON.stringify(rest, null, 2).slice(0, -2)},\n  "operations": [`
  yield* listParts(operations, operation => JSON.stringify(operation))
  yield ']\n}\n'
}

export function writeParts(path: string, parts: Iterable<string>, redactor: Redactor): void {
  const file = openSync(path, 'w')
  try {
    for (const part of parts) writeSync(file, redactor.text(part))
  } finally {
    closeSync(file)
  }
}
