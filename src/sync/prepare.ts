/** Brings Port into a state in which the mapping can be written to it, and says what would not fit. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { Inputs } from '../inputs.ts'
import type { Mapping, Resource } from '../mapping/model.ts'
import { blueprintProblems, missingBlueprints, readBlueprints, targetBlueprints } from '../port/blueprints.ts'
import type { PortClient } from '../port/client.ts'
import type { Blueprint } from '../port/model.ts'

/**
 * The resources that this run is about.
 *
 * @throws {ConfigError} when `kinds` names one that the mapping does not have
 */
export function selectResources(mapping: Mapping, kinds: Inputs['kinds']): Resource[] {
  if (kinds === undefined) return [...mapping.resources]
  const mapped = new Set(mapping.resources.map(({ kind }) => kind))
  const unmapped = kinds.filter(kind => !mapped.has(kind))
  if (unmapped.length > 0) {
    throw new ConfigError(
      `kinds: ${mapping.file} has no resource for ${unmapped.join(', ')}; expected some of ${[...mapped].join(', ')}.`,
    )
  }
  return mapping.resources.filter(({ kind }) => kinds.includes(kind))
}

export interface PreparedBlueprints {
  blueprints: ReadonlyMap<string, Blueprint>
  /** Those of them that Port lacks so far. */
  missing: readonly Blueprint[]
}

/**
 * Reads Port's blueprints and checks that the mapping fits them. Writes nothing.
 *
 * @throws {ConfigError} when a blueprint is missing that may not or cannot be created, or lacks what the mapping writes
 */
export async function prepareBlueprints(
  port: PortClient,
  mapping: Mapping,
  mode: Inputs['blueprints'],
  actionRoot: string,
): Promise<PreparedBlueprints> {
  const present = await readBlueprints(port)
  const wanted = targetBlueprints(mapping)
  const { create, unknown } = missingBlueprints(wanted, present, readShipped(actionRoot))
  if (unknown.length > 0) {
    throw new ConfigError(
      `${mapping.file}: Port has no blueprint ${unknown.map(quote).join(', ')}, and the action ships none of that name; create it in Port, or correct the mapping.`,
    )
  }
  if (create.length > 0 && mode === 'none') {
    throw new ConfigError(
      `Port has no blueprint ${create.map(({ identifier }) => quote(identifier)).join(', ')}, and blueprints is "none"; create it in Port, or set blueprints: create-missing.`,
    )
  }
  const blueprints = new Map([...present, ...create.map(blueprint => [blueprint.identifier, blueprint] as const)])
  const problems = blueprintProblems(mapping, blueprints)
  if (problems.length > 0) throw new ConfigError(problems)
  return { blueprints, missing: create }
}

/** The blueprints in the action's own folder, by identifier. */
function readShipped(actionRoot: string): Map<string, Blueprint> {
  const folder = join(actionRoot, 'mappings', 'blueprints')
  const blueprints = readdirSync(folder)
    .filter(name => name.endsWith('.json'))
    .sort()
    .map(name => JSON.parse(readFileSync(join(folder, name), 'utf8')) as Blueprint)
  return new Map(blueprints.map(blueprint => [blueprint.identifier, blueprint]))
}

function quote(text: string): string {
  return `"${text}"`
}
