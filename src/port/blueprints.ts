/** Reads Port's blueprints, and creates the shipped ones that are missing. */
import { ConfigError, messageOf } from '../errors.ts'
import { listIn, type PortClient } from './client.ts'
import type { Blueprint } from './model.ts'

/** All blueprints of the organisation, by identifier. One request, however many there are. */
export async function readBlueprints(port: PortClient): Promise<Map<string, Blueprint>> {
  const list = listIn(await port.call({ method: 'GET', path: '/v1/blueprints' }), 'blueprints') as Blueprint[]
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
 * relations, then what refers to relations. When a step fails, those that were created are removed again.
 *
 * @throws {ConfigError} when Port refuses one; it says what is left of them in Port
 */
export async function createBlueprints(port: PortClient, blueprints: readonly Blueprint[]): Promise<void> {
  const created: Blueprint[] = []
  const create = async (blueprint: Blueprint) => {
    await port.call({ method: 'POST', path: '/v1/blueprints', body: bodyOf(blueprint, BARE_MEMBERS) })
    created.push(blueprint)
  }
  const derived = (blueprint: Blueprint) =>
    Object.keys(blueprint).filter(member => !BARE_MEMBERS.includes(member) && member !== 'relations')
  try {
    await all(blueprints.map(create))
    await all(
      blueprints.filter(hasRelations).map(blueprint => patch(port, blueprint, bodyOf(blueprint, ['relations']))),
    )
    const dependent = blueprints.filter(blueprint => derived(blueprint).length > 0)
    await all(dependent.map(blueprint => patch(port, blueprint, bodyOf(blueprint, derived(blueprint)))))
  } catch (error) {
    const left = await removeCreated(port, created)
    const names = blueprints.map(({ identifier }) => identifier).join(', ')
    const state = left.length === 0 ? 'None of them is left in Port' : `Left in Port: ${left.join(', ')}`
    throw new ConfigError(
      `The missing blueprints (${names}) could not be created: ${messageOf(error)}. ${state}. Create them in Port, or give the Port credentials the permission to.`,
      { cause: error },
    )
  }
}

/** @returns the identifiers of those that could not be removed */
async function removeCreated(port: PortClient, created: readonly Blueprint[]): Promise<string[]> {
  // What refers to a blueprint keeps Port from deleting it. What fails here shows in the deletions.
  for (const references of [{ mirrorProperties: {}, calculationProperties: {} }, { relations: {} }]) {
    await Promise.allSettled(created.map(blueprint => patch(port, blueprint, JSON.stringify(references))))
  }
  const removed = await Promise.allSettled(
    created.map(({ identifier }) => port.call({ method: 'DELETE', path: blueprintPath(identifier) })),
  )
  return created.flatMap(({ identifier }, at) => (removed[at]?.status === 'rejected' ? [identifier] : []))
}

/** Waits for all of them also when one fails, so that it is known what was done. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find(result => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
}

function hasRelations({ relations }: Blueprint): boolean {
  return Object.keys(relations ?? {}).length > 0
}

function patch(port: PortClient, { identifier }: Blueprint, body: string): Promise<unknown> {
  return port.call({ method: 'PATCH', path: blueprintPath(identifier), body })
}

function blueprintPath(identifier: string): string {
  return `/v1/blueprints/${encodeURIComponent(identifier)}`
}

function bodyOf(blueprint: Blueprint, members: readonly string[]): string {
  return JSON.stringify(Object.fromEntries(Object.entries(blueprint).filter(([member]) => members.includes(member))))
}
