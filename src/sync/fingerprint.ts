/** Fingerprints of values: what is kept of an entity instead of its data. */
import { randomInt } from 'node:crypto'
import stringify from 'safe-stable-stringify'
import xxhash from 'xxhash-wasm'

/** 64 bits; {@link ABSENT} for what is not there. */
export type Fingerprint = bigint

/** Null, undefined and (in a relation) an empty list: to Port they mean the same. */
export const ABSENT: Fingerprint = 0n

/** The fingerprint of a field's value; the field's name says how the value is compared. */
export type Fingerprinter = (field: string, value: unknown) => Fingerprint

/**
 * Fingerprints are only compared within one run. Their seed is random, so that nobody who can write texts into Wiz can
 * prepare two values that look equal here.
 */
export async function createFingerprinter(): Promise<Fingerprinter> {
  const { h64 } = await xxhash()
  const seed = BigInt(randomInt(2 ** 47))
  const textSeed = seed * 2n
  const otherSeed = seed * 2n + 1n
  return (field, value) => {
    const comparable = normalize(field, value)
    if (comparable === null || comparable === undefined) return ABSENT
    const hash =
      typeof comparable === 'string' ? h64(comparable, textSeed) : h64(stringify(comparable) ?? '', otherSeed)
    return hash === ABSENT ? 1n : hash
  }
}

/** A place in a fixed order, from 1 to 2^32 - 1. */
export type Ranker = (resource: number, label: string, content: string) => number

/**
 * The order in which objects overrule each other: by their resource's place in the mapping, then by what they are called,
 * then by what they say. It is the same in every run, and has nothing to do with the order in which Wiz answers.
 */
export async function createRanker(): Promise<Ranker> {
  const { h32 } = await xxhash()
  const part = (text: string) => h32(text, 0) & 0xfff
  return (resource, label, content) =>
    Math.max(1, ((Math.min(resource, 0xff) << 24) | (part(label) << 12) | part(content)) >>> 0)
}

/** Relations and teams are sets to Port, in whatever order they come back; one team is the same as a list of it. */
function normalize(field: string, value: unknown): unknown {
  const relation = field.startsWith('relations.')
  if (!relation && field !== 'team') return value
  if (!Array.isArray(value)) return field === 'team' && typeof value === 'string' ? [value] : value
  return value.length === 0 ? null : [...value].sort()
}
