/** Brings Port into a state in which the mapping can be written to it, and says what would not fit. */
import { join } from 'node:path'
import { checkBlueprints } from '../check/blueprints.ts'
import type { Finding } from '../check/finding.ts'
import { ConfigError, type Problem } from '../errors.ts'
import type { Inputs } from '../inputs.ts'
import { choices, chooseBlueprints } from '../mapping/choose.ts'
import { type Mapping, type MappingEntry, type MappingFile, namedBlueprints, type Resource } from '../mapping/model.ts'
import { readBlueprintFolder } from '../port/blueprint-files.ts'
import { missingBlueprints, readBlueprints } from '../port/blueprints.ts'
import type { PortClient } from '../port/client.ts'
import type { Blueprint } from '../port/model.ts'

/**
 * The resources that this run is about.
 *
 * @throws {ConfigError} when `kinds` names one that the mapping does not have
 */
export function selectResources(mapping: MappingFile, kinds: Inputs['kinds']): Resource<MappingEntry>[] {
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
  /** With every entry's blueprint decided. */
  mapping: Mapping
  blueprints: ReadonlyMap<string, Blueprint>
  /** Those of them that Port lacks so far. */
  missing: readonly Blueprint[]
  /** What keeps nothing from running. */
  findings: readonly Finding[]
}

/**
 * Reads Port's blueprints and checks that the mapping fits them. Writes nothing.
 *
 * @throws {ConfigError} when a blueprint is missing that may not or cannot be created, or lacks what the mapping writes
 */
export async function prepareBlueprints(
  port: PortClient,
  file: MappingFile,
  mode: Inputs['blueprints'],
  actionRoot: string,
): Promise<PreparedBlueprints> {
  const present = await readBlueprints(port)
  const folder = join('mappings', 'blueprints')
  const shipped = readBlueprintFolder(join(actionRoot, folder), folder).blueprints
  const chosen = file.resources.flatMap(({ mappings }) =>
    mappings.flatMap(({ choice }) => (choice === undefined ? [] : choices(choice))),
  )
  const missing = missingBlueprints([...namedBlueprints(file), ...chosen], present, shipped)
  const problems: Problem[] = []
  if (missing.length > 0 && mode === 'none') {
    const names = missing.map(({ identifier }) => `"${identifier}"`).join(', ')
    problems.push({
      message: `Port has no blueprint ${names}, and blueprints is "none"; create it in Port, or set blueprints: create-missing.`,
    })
  }
  const blueprints = new Map([...present, ...missing.map(blueprint => [blueprint.identifier, blueprint] as const)])
  const names = [...new Set([...blueprints.keys(), ...shipped.keys()])]
  const { mapping, undecided } = chooseBlueprints(file, blueprints)
  const findings = checkBlueprints(mapping, { known: blueprints, online: true, names })
  problems.push(...undecided, ...findings.filter(({ level }) => level === 'error'))
  if (problems.length > 0) throw new ConfigError(problems)
  return { mapping, blueprints, missing, findings: findings.filter(({ level }) => level === 'warning') }
}
