/** Brings Port into a state in which the mapping can be written to it, and says what would not fit. */
import { checkBlueprints } from '../check/blueprints.ts'
import { findDrift } from '../check/drift.ts'
import type { Finding } from '../check/finding.ts'
import { ConfigError, type Problem } from '../errors.ts'
import type { Inputs } from '../inputs.ts'
import { choices, chooseBlueprints } from '../mapping/choose.ts'
import { type Mapping, type MappingEntry, type MappingFile, namedBlueprints, type Resource } from '../mapping/model.ts'
import { readAllBlueprints } from '../port/blueprint-files.ts'
import { createBlueprints, missingBlueprints, readBlueprints } from '../port/blueprints.ts'
import type { Blueprint } from '../port/model.ts'
import type { RunContext } from './context.ts'

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
export async function prepareBlueprints({
  inputs,
  actionRoot,
  file,
  recorder,
  connections: { port },
}: Pick<RunContext, 'inputs' | 'actionRoot' | 'file' | 'recorder' | 'connections'>): Promise<PreparedBlueprints> {
  const files = readAllBlueprints({ actionRoot, ...inputs })
  const present = await readBlueprints(port)
  const chosen = file.resources.flatMap(({ mappings }) =>
    mappings.flatMap(({ choice }) => (choice === undefined ? [] : choices(choice))),
  )
  const missing = missingBlueprints([...namedBlueprints(file), ...chosen], present, files.blueprints)
  const problems: Problem[] = [...files.problems]
  if (missing.length > 0 && inputs.blueprints === 'none') {
    const names = missing.map(({ identifier }) => `"${identifier}"`).join(', ')
    problems.push({
      message: `Port has no blueprint ${names}, and blueprints is "none"; create it in Port, or set blueprints: create-missing.`,
    })
  }
  const blueprints = new Map([...present, ...missing.map(blueprint => [blueprint.identifier, blueprint] as const)])
  const names = [...new Set([...blueprints.keys(), ...files.blueprints.keys()])]
  const { mapping, undecided } = chooseBlueprints(file, blueprints)
  recorder.report.drift = findDrift(mapping, present, files.blueprints)
  const findings = checkBlueprints(mapping, { known: blueprints, online: true, names })
  problems.push(...undecided, ...findings.filter(({ level }) => level === 'error'))
  if (problems.length > 0) throw new ConfigError(problems)
  return { mapping, blueprints, missing, findings: findings.filter(({ level }) => level === 'warning') }
}

/** Creates the missing blueprints, and says so. */
export async function createMissing(
  { connections, log, recorder }: RunContext,
  missing: readonly Blueprint[],
): Promise<void> {
  if (missing.length === 0) return
  await createBlueprints(connections.port, missing)
  recorder.report.createdBlueprints = missing.map(({ identifier }) => identifier)
  log.info(`Port: created the blueprints ${missing.map(({ identifier }) => identifier).join(', ')}`)
}
