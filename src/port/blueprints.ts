/** Reads Port's blueprints, and creates the shipped ones that are missing. */
import { ConfigError, messageOf } from '../errors.ts'
import type { PortClient } from './client.ts'
import type { Blueprint } from './model.ts'

/** All blueprints of the organisation, by identifier. One request, however many there are. */
export async function readBlueprints(port: PortClient): Promise<Map<string, Blueprint>> {
  const { blueprints } = await port.call({ method: 'GET', path: '/v1/blueprints' })
  const list = Array.isArray(blueprints) ? (blueprints as Blueprint[]) : []
  return new Map(list.map(blueprint => [blueprint.identifier, blueprint]))
}

/**
 * The blueprints that a mapping needs and Port lacks. A shipped blueprint brings along those that its relations point to.
 *
 * @param wanted identifiers; those that neither Port nor the action has are passed over
 * @param shipped the action's own blueprints, by identifier
 */
export function missingBlueprints(
  wanted: readonly string[],
  present: ReadonlyMap<string, Blueprint>,
  shipped: ReadonlyMap<string, Blueprint>,
): Blueprint[] {
  const missing = new Map<string, Blueprint>()
  const queue = [...wanted]
  for (const identifier of queue) {
    const blueprint = shipped.get(identifier)
    if (blueprint === undefined || present.has(identifier) || missing.has(identifier)) continue
    missing.set(identifier, blueprint)
    queue.push(...Object.values(blueprint.relations ?? {}).map(({ target }) => target))
  }
  return [...missing.values()]
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
