/** Reads Port's blueprints, creates the shipped ones that are missing, and checks that a mapping fits them. */
import { ConfigError, messageOf } from '../errors.ts'
import { type EntityMapping, expressionsOf, type Mapping } from '../mapping/model.ts'
import type { PortClient } from './client.ts'
import type { Blueprint } from './model.ts'

/** All blueprints of the organisation, by identifier. One request, however many there are. */
export async function readBlueprints(port: PortClient): Promise<Map<string, Blueprint>> {
  const { blueprints } = await port.call({ method: 'GET', path: '/v1/blueprints' })
  const list = Array.isArray(blueprints) ? (blueprints as Blueprint[]) : []
  return new Map(list.map(blueprint => [blueprint.identifier, blueprint]))
}

/** The blueprints that a mapping writes to, each once, in the order of the file. */
export function targetBlueprints(mapping: Mapping): string[] {
  return [...new Set(mapping.resources.flatMap(resource => resource.mappings.map(({ blueprint }) => blueprint)))]
}

export interface MissingBlueprints {
  /** What has to be created, relation targets included. */
  create: Blueprint[]
  /** Wanted by the mapping, but in neither Port nor the action. */
  unknown: string[]
}

/**
 * Which blueprints a mapping needs and Port lacks. A shipped blueprint brings along those that its relations point to.
 *
 * @param shipped the action's own blueprints, by identifier
 */
export function missingBlueprints(
  wanted: readonly string[],
  present: ReadonlyMap<string, Blueprint>,
  shipped: ReadonlyMap<string, Blueprint>,
): MissingBlueprints {
  const create = new Map<string, Blueprint>()
  const unknown: string[] = []
  const queue = [...wanted]
  for (const identifier of queue) {
    if (present.has(identifier) || create.has(identifier)) continue
    const blueprint = shipped.get(identifier)
    if (blueprint === undefined) {
      unknown.push(identifier)
      continue
    }
    create.set(identifier, blueprint)
    queue.push(...Object.values(blueprint.relations ?? {}).map(({ target }) => target))
  }
  return { create: [...create.values()], unknown: [...new Set(unknown)] }
}

/** What a blueprint can have at once; the rest refers to other blueprints, which may not exist yet. */
const BARE_MEMBERS = ['identifier', 'title', 'description', 'icon', 'schema']

/**
 * Creates blueprints in three steps, because the shipped ones point at each other: all of them bare, then their
 * relations, then what refers to relations.
 *
 * @throws {ConfigError} when Port refuses one
 */
export async function createBlueprints(port: PortClient, blueprints: readonly Blueprint[]): Promise<void> {
  const write = (method: 'POST' | 'PATCH', blueprint: Blueprint, members: readonly string[]) => {
    const body = Object.fromEntries(Object.entries(blueprint).filter(([member]) => members.includes(member)))
    const path = method === 'POST' ? '/v1/blueprints' : `/v1/blueprints/${encodeURIComponent(blueprint.identifier)}`
    return port.call({ method, path, body: JSON.stringify(body) })
  }
  const derived = (blueprint: Blueprint) =>
    Object.keys(blueprint).filter(member => !BARE_MEMBERS.includes(member) && member !== 'relations')
  try {
    await Promise.all(blueprints.map(blueprint => write('POST', blueprint, BARE_MEMBERS)))
    await Promise.all(
      blueprints
        .filter(({ relations }) => Object.keys(relations ?? {}).length > 0)
        .map(blueprint => write('PATCH', blueprint, ['relations'])),
    )
    await Promise.all(
      blueprints
        .filter(blueprint => derived(blueprint).length > 0)
        .map(blueprint => write('PATCH', blueprint, derived(blueprint))),
    )
  } catch (error) {
    throw new ConfigError(
      `The missing blueprints (${blueprints.map(({ identifier }) => identifier).join(', ')}) could not be created: ${messageOf(error)}. Create them in Port, or give the Port credentials the permission to.`,
      { cause: error },
    )
  }
}

/**
 * Everything that a mapping writes and its blueprints do not have.
 *
 * @returns whole sentences, each with its place in the mapping file
 */
export function blueprintProblems(mapping: Mapping, blueprints: ReadonlyMap<string, Blueprint>): string[] {
  return mapping.resources.flatMap(resource =>
    resource.mappings.flatMap(entityMapping => {
      const blueprint = blueprints.get(entityMapping.blueprint)
      return blueprint === undefined ? [] : problemsOf(mapping.file, entityMapping, blueprint)
    }),
  )
}

function problemsOf(file: string, mapping: EntityMapping, blueprint: Blueprint): string[] {
  if (isWebhookVariant(mapping, blueprint)) {
    return [
      `${file}:${mapping.at.line}:${mapping.at.column} blueprint "wizIssue" in Port is the one of Port's Wiz webhook guide, where "control" is a text; this mapping needs it as a relation to wizControl. The two cannot be merged: write to another blueprint in the mapping, or remove the webhook and its wizIssue from Port and run again.`,
    ]
  }
  return expressionsOf(mapping).flatMap(([field, { at }]) => {
    const [group, ...rest] = field.split('.')
    const name = rest.join('.')
    const missing =
      (group === 'properties' && !Object.hasOwn(blueprint.schema.properties, name) && 'property') ||
      (group === 'relations' && !Object.hasOwn(blueprint.relations ?? {}, name) && 'relation')
    if (!missing) return []
    return [
      `${file}:${at.line}:${at.column} ${field}: blueprint "${blueprint.identifier}" in Port has no ${missing} "${name}"; add it to the blueprint, or take it out of the mapping.`,
    ]
  })
}

/** Port's guide for a Wiz webhook creates a `wizIssue` of its own, which has the same name and does not fit. */
function isWebhookVariant(mapping: EntityMapping, blueprint: Blueprint): boolean {
  return (
    blueprint.identifier === 'wizIssue' &&
    'control' in mapping.relations &&
    !Object.hasOwn(blueprint.relations ?? {}, 'control') &&
    blueprint.schema.properties.control?.type === 'string'
  )
}
