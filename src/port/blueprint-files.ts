/** Reads blueprints from files: one JSON object each, as Port's own export has it. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { messageOf, type Problem } from '../errors.ts'
import { isWithin, LEADS_OUT } from '../within.ts'
import type { Blueprint } from './model.ts'

export interface BlueprintFolder {
  /** By identifier, in the order of the files' names. */
  blueprints: Map<string, Blueprint>
  /** Files that hold no blueprint. */
  problems: Problem[]
}

export interface BlueprintPlaces {
  /** The folder of the action. */
  actionRoot: string
  workspace: string
  /** The mapping file, and how messages call it. */
  mapping: { path: string; name: string }
}

/**
 * The blueprints that the action ships, overruled by those of the repository: `mappings/blueprints`, and the folder
 * `blueprints` beside the mapping file.
 */
export function readAllBlueprints({ actionRoot, workspace, mapping }: BlueprintPlaces): BlueprintFolder {
  const folder = join('mappings', 'blueprints')
  const shipped = readBlueprintFolder(join(actionRoot, folder), folder, actionRoot)
  const beside = join(dirname(mapping.path), 'blueprints')
  const own = [
    readBlueprintFolder(join(workspace, folder), folder, workspace),
    ...(beside === join(workspace, folder) || beside === join(actionRoot, folder)
      ? []
      : [readBlueprintFolder(beside, join(dirname(mapping.name), 'blueprints'), workspace)]),
  ]
  return {
    blueprints: new Map([shipped, ...own].flatMap(({ blueprints }) => [...blueprints])),
    problems: own.flatMap(({ problems }) => problems),
  }
}

/**
 * @param path the folder; one that does not exist holds nothing
 * @param name how messages call it
 * @param root what its files must not lead out of
 */
export function readBlueprintFolder(path: string, name: string, root: string): BlueprintFolder {
  const folder: BlueprintFolder = { blueprints: new Map(), problems: [] }
  if (!existsSync(path)) return folder
  for (const file of readdirSync(path).sort()) {
    if (!file.endsWith('.json')) continue
    const blueprint = isWithin(join(path, file), root) ? readBlueprint(join(path, file)) : LEADS_OUT
    if (typeof blueprint !== 'string') folder.blueprints.set(blueprint.identifier, blueprint)
    else folder.problems.push({ message: blueprint, place: { file: join(name, file), line: 1, column: 1 } })
  }
  return folder
}

/** The blueprint, or a sentence about what is wrong with it. */
function readBlueprint(path: string): Blueprint | string {
  let value: unknown
  try {
    value = JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    return `not JSON: ${messageOf(error)}.`
  }
  const { identifier, schema } = (value ?? {}) as { identifier?: unknown; schema?: { properties?: unknown } }
  const complete =
    typeof identifier === 'string' && typeof schema?.properties === 'object' && schema.properties !== null
  return complete ? (value as Blueprint) : 'not a blueprint; expected an object with identifier and schema.properties.'
}
