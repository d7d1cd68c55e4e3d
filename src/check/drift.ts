/** What the blueprints in Port lack of what a mapping writes, as JSON to add there. */
import { type EntityMapping, expressionsOf, type Mapping } from '../mapping/model.ts'
import { type Blueprint, type PropertyDefinition, type RelationDefinition, splitField } from '../port/model.ts'
import type { BlueprintDrift } from '../report/model.ts'

/**
 * @param present Port's blueprints
 * @param files those of the repository and of the action: they know what a field was meant to be
 */
export function findDrift(
  { resources }: Mapping,
  present: ReadonlyMap<string, Blueprint>,
  files: ReadonlyMap<string, Blueprint>,
): BlueprintDrift[] {
  const drifts = new Map<string, BlueprintDrift>()
  for (const entry of resources.flatMap(({ mappings }) => mappings)) {
    const blueprint = present.get(entry.blueprint)
    if (blueprint === undefined) continue
    for (const [field, { text }] of expressionsOf(entry)) {
      const { group, name } = splitField(field)
      if (group !== 'properties' && group !== 'relations') continue
      const members = (group === 'properties' ? blueprint.schema.properties : blueprint.relations) ?? {}
      if (Object.hasOwn(members, name)) continue
      const known = files.get(entry.blueprint)
      const drift = drifts.get(entry.blueprint) ?? {
        blueprint: entry.blueprint,
        properties: {},
        relations: {},
        guessed: [],
      }
      drifts.set(entry.blueprint, drift)
      if (group === 'properties') {
        const property = known?.schema.properties[name]
        drift.properties[name] = property ?? guessProperty(name, text)
        if (property === undefined) drift.guessed.push(field)
      } else {
        const relation = known?.relations?.[name]
        drift.relations[name] =
          relation ??
          guessRelation(
            name,
            entry,
            resources.flatMap(one => one.mappings),
          )
        if (relation === undefined) drift.guessed.push(field)
      }
    }
  }
  return [...drifts.values()]
}

/** By the form of its expression. */
function guessProperty(name: string, text: string): PropertyDefinition {
  const type = /^\s*\[/.test(text) ? 'array' : /^\s*\{/.test(text) ? 'object' : 'string'
  return { title: titleOf(name), type }
}

/** To the other blueprint of the mapping whose name is most like it. */
function guessRelation(
  name: string,
  { blueprint, relations }: EntityMapping,
  all: readonly EntityMapping[],
): RelationDefinition {
  const others = [...new Set(all.map(entry => entry.blueprint))].filter(other => other !== blueprint)
  const stem = name.toLowerCase().replace(/s$/, '')
  const target = others.find(other => other.toLowerCase().includes(stem)) ?? others[0] ?? blueprint
  const many = /\[\]/.test(relations[name]?.text ?? '')
  return { title: titleOf(name), target, required: false, many }
}

/** `cloudRegion` becomes `Cloud Region`. */
function titleOf(name: string): string {
  const words = name.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/[_-]+/g, ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}
