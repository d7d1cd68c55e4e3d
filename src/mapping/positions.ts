/** Where in a YAML text each value stands, so that a message can name its line and column. */
import { EVENT_ID, type Event, getScalarValue, parseEvents } from 'js-yaml'

export interface Position {
  /** Both count from 1. */
  line: number
  column: number
}

/** A path into a document, such as `['resources', 0, 'kind']`. */
export type Path = readonly PropertyKey[]

export type Positions = (path: Path) => Position

interface Open {
  path: Path
  /** The key that waits for its value, or the index of the next item. */
  next: PropertyKey | undefined
  sequence: boolean
}

const KEY_SEPARATOR = '\u0000'

/**
 * @returns the position of the value at a path; of the nearest parent that exists where it does not
 */
export function locate(source: string, filename: string): Positions {
  const offsets = collectOffsets(source, parseEvents(source, { filename }))
  return path => {
    for (let length = path.length; length >= 0; length -= 1) {
      const offset = offsets.get(keyOf(path.slice(0, length)))
      if (offset !== undefined) return positionAt(source, offset)
    }
    return { line: 1, column: 1 }
  }
}

/** The position of a character, given its offset from the start. */
export function positionAt(source: string, offset: number): Position {
  const before = source.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

function collectOffsets(source: string, events: Event[]): Map<string, number> {
  const offsets = new Map<string, number>()
  const open: Open[] = []
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      open.pop()
      continue
    }
    if (event.type === EVENT_ID.DOCUMENT) {
      open.push({ path: [], next: undefined, sequence: false })
      continue
    }
    const parent = open.at(-1)
    if (parent === undefined) continue
    const root = open.length === 1
    if (!root && !parent.sequence && parent.next === undefined) {
      // A key: nothing but a scalar is used as one in a mapping file.
      parent.next = event.type === EVENT_ID.SCALAR ? getScalarValue(source, event) : '?'
      if (event.type === EVENT_ID.SCALAR) offsets.set(keyOf([...parent.path, parent.next]), event.valueStart)
      if (event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.ALIAS) {
        open.push({ path: [...parent.path, '?'], next: 0, sequence: event.type === EVENT_ID.SEQUENCE })
      }
      continue
    }
    const path = root || parent.next === undefined ? parent.path : [...parent.path, parent.next]
    parent.next = parent.sequence ? Number(parent.next) + 1 : undefined
    const offset = offsetOf(event)
    if (offset !== undefined) offsets.set(keyOf(path), offset)
    if (event.type === EVENT_ID.MAPPING) open.push({ path, next: undefined, sequence: false })
    if (event.type === EVENT_ID.SEQUENCE) open.push({ path, next: 0, sequence: true })
  }
  return offsets
}

function offsetOf(event: Event): number | undefined {
  if (event.type === EVENT_ID.SCALAR) return event.valueStart
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return event.start
  return event.type === EVENT_ID.ALIAS ? event.anchorStart : undefined
}

function keyOf(path: Path): string {
  return path.map(String).join(KEY_SEPARATOR)
}
