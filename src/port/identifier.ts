/** Port's rules for identifiers, applied before anything is sent: one bad identifier refuses its whole bulk request. */

/** From Port's published schema; relation values follow the same rule. */
const IDENTIFIER = /^(?!\.{1,2}$)[\p{L}0-9@_.+:\\/=-]+$/u
const MAX_LENGTH = 1000

/** What jq expression turns anything into an identifier that Port takes. */
export const CLEANING_JQ = 'gsub("[^\\\\p{L}0-9@_.+:\\\\\\\\/=-]"; "-")'

/**
 * @returns what is wrong with an identifier, as a clause, or nothing
 */
export function identifierProblem(identifier: string): string | undefined {
  if (identifier === '') return 'is empty'
  if (identifier.length > MAX_LENGTH) return `has ${identifier.length} characters; Port takes at most ${MAX_LENGTH}`
  if (identifier === '.' || identifier === '..') return 'is only dots, which Port does not take'
  if (IDENTIFIER.test(identifier)) return undefined
  const refused = [...new Set(identifier.match(/[^\p{L}0-9@_.+:\\/=-]/gu) ?? [])].slice(0, 5)
  const shown = refused.map(character => JSON.stringify(character)).join(', ')
  return `has characters that Port does not take (${shown}); clean it in the mapping with: | ${CLEANING_JQ}`
}
