/** Decides which blueprints an entry can write to, where its blueprint depends on the object. */
import type { Problem } from '../errors.ts'
import { literals } from '../jq/tokens.ts'
import type { Blueprint } from '../port/model.ts'
import type { EntityMapping, Expression, Mapping, MappingEntry, MappingFile } from './model.ts'

/** The blueprints that an expression names in its text. */
export function choices({ text }: Expression): string[] {
  return literals(text)
}

/**
 * Makes one entity mapping out of each blueprint that an entry can write to: those that its expression has as texts or,
 * when it puts the name together, those that have everything that the entry maps.
 *
 * @param known blueprints by identifier
 * @returns the mapping, and what could not be decided
 */
export function chooseBlueprints(
  file: MappingFile,
  known: ReadonlyMap<string, Blueprint>,
): { mapping: Mapping; undecided: Problem[] } {
  const undecided: Problem[] = []
  const resources = file.resources.map(resource => ({
    ...resource,
    mappings: resource.mappings.flatMap((entry): EntityMapping[] => {
      const { blueprint, choice } = entry
      if (blueprint !== undefined || choice === undefined)
        return blueprint === undefined ? [] : [{ ...entry, blueprint }]
      const among = candidates(entry, choice, known)
      if (among.length === 0) {
        const message =
          'blueprint: no known blueprint has what this entry maps; expected a name such as \'"wizIssue"\', or an expression that gives the name of a blueprint.'
        undecided.push({ message, place: { file: file.file, ...choice.at } })
      }
      return among.map(name => ({ ...entry, blueprint: name }))
    }),
  }))
  return { mapping: { ...file, resources }, undecided }
}

function candidates(entry: MappingEntry, choice: Expression, known: ReadonlyMap<string, Blueprint>): string[] {
  const named = choices(choice).filter(name => known.has(name))
  if (named.length > 0) return named
  const fits = ({ schema, relations = {} }: Blueprint) =>
    Object.keys(entry.properties).every(name => Object.hasOwn(schema.properties, name)) &&
    Object.keys(entry.relations).every(name => Object.hasOwn(relations, name))
  return [...known.values()].filter(fits).map(({ identifier }) => identifier)
}
