/** In which order blueprints are written: what is pointed to comes before what points to it. */

/**
 * @param targets for each blueprint, those that its mapped relations point to
 * @returns a rank for each blueprint, from 0; a cycle is broken at the blueprint where it was entered
 */
export function rankBlueprints(targets: ReadonlyMap<string, Iterable<string>>): Map<string, number> {
  const ranks = new Map<string, number>()
  const visiting = new Set<string>()
  const visit = (blueprint: string): number => {
    const known = ranks.get(blueprint)
    if (known !== undefined) return known
    if (visiting.has(blueprint)) return -1
    visiting.add(blueprint)
    let rank = 0
    for (const target of targets.get(blueprint) ?? []) {
      if (targets.has(target)) rank = Math.max(rank, visit(target) + 1)
    }
    visiting.delete(blueprint)
    ranks.set(blueprint, rank)
    return rank
  }
  for (const blueprint of [...targets.keys()].sort()) visit(blueprint)
  return ranks
}
