/**
 * Who wrote an entity. Port keeps the User-Agent header of the last writer as the entity's `$datasource`, and every
 * exporter finds what is its own by it. The version may change between runs, so it is not part of the match.
 */

/** A rule of Port's search language. */
export type Rule = Record<string, unknown>

const PRODUCT = 'wiz-to-port/'

export function userAgent(version: string, installationId: string): string {
  return `${PRODUCT}${version} ${suffix(installationId)}`
}

/** Finds what this installation wrote: the closing parenthesis keeps `wiz` apart from `wiz-2`. */
export function ownedRules(installationId: string): Rule[] {
  return [
    { property: '$datasource', operator: 'contains', value: PRODUCT },
    { property: '$datasource', operator: 'contains', value: suffix(installationId) },
  ]
}

function suffix(installationId: string): string {
  return `(installation/${installationId})`
}
