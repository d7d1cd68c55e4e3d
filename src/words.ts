/** Wording of messages that people read. */
import { closest, distance } from 'fastest-levenshtein'

/** What to write instead of an unknown word: the known one that is nearest, or all of them. */
export function didYouMean(word: string, known: readonly string[]): string {
  const nearest =
    known.length === 0
      ? ''
      : closest(
          word.toLowerCase(),
          known.map(name => name.toLowerCase()),
        )
  const original = known.find(name => name.toLowerCase() === nearest)
  const tolerated = Math.max(2, Math.floor(word.length / 3))
  if (original !== undefined && distance(word.toLowerCase(), nearest) <= tolerated)
    return `"${original}"? (known: ${list(known)})`
  return `one of ${list(known)}`
}

const MAX_LISTED = 40

function list(names: readonly string[]): string {
  return names.length <= MAX_LISTED ? names.join(', ') : `${names.slice(0, MAX_LISTED).join(', ')}, …`
}
