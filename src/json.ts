/** JSON without loss: numbers that JavaScript cannot hold, and texts that UTF-8 cannot. */
import { toUSVString } from 'node:util'
import { isLosslessNumber, LosslessNumber, parse, stringify } from 'lossless-json'

/** Only a text with one of these can have a number that is changed by reading it; every other one is parsed natively. */
const SUSPICIOUS = /\d{16}|\de\+?\d{3}/i
/** How the native writer shows a number of the other library. */
const LOSSLESS_MARK = '"isLosslessNumber":true'
const LONE_SURROGATE_ESCAPE = /\\ud[89a-f]/i

/**
 * As `JSON.parse`. A number that a double cannot hold becomes a {@link LosslessNumber}, whose text is its value.
 *
 * @throws {SyntaxError}
 */
export function parseJson(text: string): unknown {
  if (!SUSPICIOUS.test(text)) return JSON.parse(text)
  return parse(text, undefined, { parseNumber, onDuplicateKey: ({ newValue }) => newValue })
}

/**
 * As `JSON.stringify`, for what {@link parseJson} gave. Half of a surrogate pair, which no UTF-8 text can have, becomes
 * the replacement character U+FFFD.
 */
export function stringifyJson(value: unknown): string {
  const text = JSON.stringify(value)
  const plain = !text.includes(LOSSLESS_MARK)
  if (!LONE_SURROGATE_ESCAPE.test(text)) return plain ? text : (stringify(value) ?? 'null')
  const mended = wellFormed(value)
  return plain ? JSON.stringify(mended) : (stringify(mended) ?? 'null')
}

/** The text of a number that a double cannot hold; undefined for everything else. */
export function exactNumber(value: unknown): string | undefined {
  return isLosslessNumber(value) ? value.toString() : undefined
}

/** Nobody writes this by hand, and the readers and writers of JSON on the way give up not far beyond. */
const MAX_DEPTH = 500

/** Why a value cannot be passed on as JSON, as a clause; undefined when it can. */
export function unwritable(value: unknown, depth = 0): string | undefined {
  if (value === null || typeof value !== 'object') return undefined
  if (isLosslessNumber(value)) return 'gave a number that JSON readers cannot hold; make it a text with tostring'
  if (depth === MAX_DEPTH) return `gave a value of more than ${MAX_DEPTH} levels`
  for (const child of Object.values(value)) {
    const problem = unwritable(child, depth + 1)
    if (problem !== undefined) return problem
  }
  return undefined
}

function parseNumber(text: string): number | LosslessNumber {
  const value = Number(text)
  const held = /^-?\d+$/.test(text) ? Number.isSafeInteger(value) : Number.isFinite(value)
  return held ? value : new LosslessNumber(text)
}

function wellFormed(value: unknown): unknown {
  if (typeof value === 'string') return toUSVString(value)
  if (Array.isArray(value)) return value.map(wellFormed)
  if (value === null || typeof value !== 'object' || isLosslessNumber(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, child]) => [toUSVString(key), wellFormed(child)]))
}
