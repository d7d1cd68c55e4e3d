/** Where in a YAML text each value stands, so that a message can name its line and column. */
import { EVENT_ID, type Event, getScalarValue, parseEvents, type ScalarEvent } from 'js-yaml'
import { scalarOffsets } from './scalar.ts'

export interface Position {
  /** Both count from 1. */
  line: number
  column: number
}

/** A path into a document, such as `['resources', 0, 'kind']`. */
export type Path = readonly PropertyKey[]

export interface Positions {
  /** The position of the value at a path; of the nearest parent that exists where it does not. */
  (path: Path): Position
  /** The position of the key that a path ends with. */
  ofKey(path: Path): Position
  /** The position of a character of the text at a path, whichever way the text is quoted or folded. */
  within(path: Path, offset: number): Position
}

interface Open {
  path: Path
  /** The key that waits for its value, or the index of the next item. */
  next: PropertyKey | undefined
  sequence: boolean
}

interface Place {
  offset: number
  /** Where the key stands whose value this is. */
  key?: number
  scalar?: ScalarEvent
}

const KEY_SEPARATOR = '\u0000'

export function locate(source: string, filename: string): Positions {
  const places = collectPlaces(source, parseEvents(source, { filename }))
  const find = (path: Path): Place => {
    for (let length = path.length; length >= 0; length -= 1) {
      const place = places.get(keyOf(path.slice(0, length)))
      if (place !== undefined) return place
    }
    return { offset: 0 }
  }
  const position = (path: Path) => positionAt(source, find(path).offset)
  const within = (path: Path, offset: number) => {
    const { scalar } = find(path)
    if (scalar === undefined) return position(path)
    const offsets = scalarOffsets(source, scalar)
    return positionAt(source, offsets[Math.min(offset, offsets.length - 1)] ?? scalar.valueStart)
  }
  const ofKey = (path: Path) => {
    const place = find(path)
    return positionAt(source, place.key ?? place.offset)
  }
  return Object.assign(position, { ofKey, within })
}

/** The position of a character, given its offset from the start. */
export function positionAt(source: string, offset: number): Position {
  const before = source.slice(0, offset)
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') }
}

function collectPlaces(source: string, events: Event[]): Map<string, Place> {
  const places = new Map<string, Place>()
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
      if (event.type === EVENT_ID.SCALAR) places.set(keyOf([...parent.path, parent.next]), { offset: event.valueStart })
      if (event.type !== EVENT_ID.SCALAR && event.type !== EVENT_ID.ALIAS) {
        open.push({ path: [...parent.path, '?'], next: 0, sequence: event.type === EVENT_ID.SEQUENCE })
      }
      continue
    }
    const path = root || parent.next === undefined ? parent.path : [...parent.path, parent.next]
    parent.next = parent.sequence ? Number(parent.next) + 1 : undefined
    const place = placeOf(source, event)
    const key = places.get(keyOf(path))?.offset
    if (place !== undefined) places.set(keyOf(path), key === undefined ? place : { ...place, key })
    if (event.type === EVENT_ID.MAPPING) open.push({ path, next: undefined, sequence: false })
    if (event.type === EVENT_ID.SEQUENCE) open.push({ path, next: 0, sequence: true })
  }
  return places
}

/** Where an event stands in the text; undefined for a value that is not written at all. */
function placeOf(source: string, event: Event): Place | undefined {
  if (event.type === EVENT_ID.SCALAR) {
    if (event.valueStart < 0) return undefined
    return { offset: scalarOffsets(source, event)[0] ?? event.valueStart, scalar: event }
  }
  if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) return { offset: event.start }
  return event.type === EVENT_ID.ALIAS ? { offset: event.anchorStart } : undefined
}

function keyOf(path: Path): string {
  return path.map(String).join(KEY_SEPARATOR)
}
