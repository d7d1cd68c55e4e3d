/** What a mapping needs to know of its blueprints: mapped fields, relation targets, and the order of writing. */
import { expressionsOf, type Resource } from '../mapping/model.ts'
import type { Blueprint } from '../port/model.ts'
import { rankBlueprints } from './order.ts'
import type { RelationTargets } from './plan.ts'

export interface Targets {
  /** Names of the mapped fields of each blueprint, sorted. */
  fields: ReadonlyMap<string, readonly string[]>
  /** For each blueprint, where its mapped relations point to. */
  relations: ReadonlyMap<string, RelationTargets>
  /** Lower is written first: by the relations that the mapping fills. */
  ranks: ReadonlyMap<string, number>
  /** Lower is deleted last: by all relations, because Port keeps what anything points to. */
  deletionRanks: ReadonlyMap<string, number>
}

export function targetsOf(resources: readonly Resource[], blueprints: ReadonlyMap<string, Blueprint>): Targets {
  const fields = new Map<string, Set<string>>()
  const relations = new Map<string, Map<string, string>>()
  for (const mapping of resources.flatMap(resource => resource.mappings)) {
    const known = fields.get(mapping.blueprint) ?? new Set()
    for (const [field] of expressionsOf(mapping)) if (field !== 'identifier') known.add(field)
    fields.set(mapping.blueprint, known)

    const targets = relations.get(mapping.blueprint) ?? new Map()
    for (const relation of Object.keys(mapping.relations)) {
      const target = blueprints.get(mapping.blueprint)?.relations?.[relation]?.target
      if (target !== undefined) targets.set(relation, target)
    }
    relations.set(mapping.blueprint, targets)
  }
  return {
    fields: new Map([...fields].map(([blueprint, names]) => [blueprint, [...names].sort()])),
    relations,
    ranks: rankBlueprints(new Map([...relations].map(([blueprint, targets]) => [blueprint, [...targets.values()]]))),
    deletionRanks: rankBlueprints(new Map([...fields.keys()].map(name => [name, allTargets(blueprints.get(name))]))),
  }
}

function allTargets(blueprint: Blueprint | undefined): string[] {
  return Object.values(blueprint?.relations ?? {}).map(({ target }) => target)
}
