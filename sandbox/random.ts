/** Deterministic numbers: the same seed, index and salt always give the same one, in any order of asking. */

/** A 32-bit number (murmur3's finalizer over its arguments). */
export function mix(seed: number, index: number, salt: number): number {
  let hash =
    Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(index + 1, 0xc2b2ae35) ^ Math.imul(salt + 1, 0x27d4eb2f)
  hash ^= hash >>> 16
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

export function pick<T>(list: readonly [T, ...T[]], number: number): T {
  return list[number % list.length] ?? list[0]
}

/** A UUID whose last group is the index, so that an id says which object it is. */
export function uuid(seed: number, kind: number, index: number): string {
  const hex = (salt: number) =>
    mix(seed, index, kind * 16 + salt)
      .toString(16)
      .padStart(8, '0')
  const [a, b] = [hex(1), hex(2)]
  return `${a}-${b.slice(0, 4)}-5${b.slice(4, 7)}-8${hex(3).slice(0, 3)}-${index.toString(16).padStart(12, '0')}`
}

/** The index in a {@link uuid}, or -1 when the text is none. */
export function indexOfUuid(id: string): number {
  const last = /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-8[0-9a-f]{3}-([0-9a-f]{12})$/.exec(id)?.[1]
  return last === undefined ? -1 : Number.parseInt(last, 16)
}

/** A token bucket on a clock in milliseconds. */
export interface Bucket {
  /** Takes one token if there is one. */
  take(): boolean
  /** Tokens left, rounded down. */
  left(): number
}

export function createBucket(perSecond: number, burst: number, now: () => number): Bucket {
  let tokens = burst
  let at = now()
  const refill = () => {
    const current = now()
    tokens = Math.min(burst, tokens + ((current - at) / 1000) * perSecond)
    at = current
  }
  return {
    take() {
      refill()
      if (tokens < 1) return false
      tokens -= 1
      return true
    },
    left() {
      refill()
      return Math.floor(tokens)
    },
  }
}
