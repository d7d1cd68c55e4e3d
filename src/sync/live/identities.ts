/** Identifiers by blueprint, and which objects of Wiz each of them stands for. */

export type Identities = Map<string, Map<string, Set<string>>>

/** @param id of an object that has this identity */
export function add(identities: Identities, blueprint: string, identifier: string, id: string): void {
  const known = identities.get(blueprint) ?? new Map<string, Set<string>>()
  identities.set(blueprint, known.set(identifier, (known.get(identifier) ?? new Set()).add(id)))
}

export function union(...all: readonly Identities[]): Identities {
  const together: Identities = new Map()
  for (const identities of all) {
    for (const [blueprint, identifier, ids] of each(identities))
      for (const id of ids) add(together, blueprint, identifier, id)
  }
  return together
}

/** Those that stand in one and not in the other. */
export function without(identities: Identities, others: Identities): Identities {
  const left: Identities = new Map()
  for (const [blueprint, identifier, ids] of each(identities)) {
    if (others.get(blueprint)?.has(identifier)) continue
    for (const id of ids) add(left, blueprint, identifier, id)
  }
  return left
}

export function each(identities: Identities): [blueprint: string, identifier: string, ids: ReadonlySet<string>][] {
  return [...identities].flatMap(([blueprint, identifiers]) =>
    [...identifiers].map(([identifier, ids]): [string, string, ReadonlySet<string>] => [blueprint, identifier, ids]),
  )
}
