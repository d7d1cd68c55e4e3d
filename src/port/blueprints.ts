/** Reads Port's blueprints, and creates the shipped ones that are missing. */
import { ConfigError, messageOf } from '../errors.ts'
import { listIn, PortError } from './answer.ts'
import type { PortClient } from './client.ts'
import type { Blueprint } from './model.ts'

/** All blueprints of the organisation, by identifier. One request, however many there are. */
export async function readBlueprints(port: PortClient): Promise<Map<string, Blueprint>> {
  const list = listIn(await port.call({ method: 'GET', path: '/v1/blueprints' }), 'blueprints') as Blueprint[]
  return new Map(list.map(blueprint => [blueprint.identifier, blueprint]))
}

/**
 * Stands in the description of a blueprint until it has all of its parts: who reads it in Port learns what to do, and the
 * next run knows that an earlier one did not get to its end.
 */
const UNFINISHED = 'Not set up to its end yet: run wiz-to-port once more.'

/**
 * The blueprints that a mapping needs and Port lacks, those among them whose creation was cut short. A shipped blueprint
 * brings along those that its relations point to.
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
    if (blueprint === undefined || missing.has(identifier)) continue
    if (present.has(identifier) && !isUnfinished(present.get(identifier))) continue
    missing.set(identifier, blueprint)
    queue.push(...Object.values(blueprint.relations ?? {}).map(({ target }) => target))
  }
  return [...missing.values()]
}

function isUnfinished(blueprint: Blueprint | undefined): boolean {
  return blueprint?.description === UNFINISHED
}

/** What a blueprint can have at once; the rest refers to other blueprints, which may not exist yet. */
const BARE_MEMBERS = ['identifier', 'title', 'icon', 'schema']

/**
 * Creates blueprints in three steps, because the shipped ones point at each other: all of them bare, then their
 * relations, then what refers to relations and the description, which says until then that they are not finished. When a
 * step fails, those that were created are removed again.
 *
 * @param blueprints from {@link missingBlueprints}
 * @throws {ConfigError} when Port refuses one; it says what is left of them in Port
 */
export async function createBlueprints(port: PortClient, blueprints: readonly Blueprint[]): Promise<void> {
  const created = new Set<Blueprint>()
  // In the order of the blueprints, and not in that of Port's answers.
  const begun = () => blueprints.filter(blueprint => created.has(blueprint))
  const begin = async (blueprint: Blueprint) => {
    if (await createBare(port, blueprint)) created.add(blueprint)
  }
  try {
    await all(blueprints.map(begin))
    const related = begun().filter(hasRelations)
    await all(related.map(blueprint => patch(port, blueprint, pick(blueprint, ['relations']))))
    await all(begun().map(blueprint => patch(port, blueprint, lastStep(blueprint))))
  } catch (error) {
    const left = await removeCreated(port, begun())
    const names = blueprints.map(({ identifier }) => identifier).join(', ')
    const state = left.length === 0 ? 'None of them is left in Port' : `Left in Port: ${left.join(', ')}`
    throw new ConfigError(
      `The missing blueprints (${names}) could not be created: ${messageOf(error)}. ${state}. Create them in Port, or give the Port credentials the permission to.`,
      { cause: error },
    )
  }
}

/** @returns whether it has to be finished; false when somebody else has created it meanwhile */
async function createBare(port: PortClient, blueprint: Blueprint): Promise<boolean> {
  const body = JSON.stringify({ ...pick(blueprint, BARE_MEMBERS), description: UNFINISHED })
  try {
    await port.call({ method: 'POST', path: '/v1/blueprints', body })
    return true
  } catch (error) {
    // It is there already: from a run that was cut short, from another one at the same time, or from this very request,
    // whose first answer was lost.
    if (!(error instanceof PortError && error.status === 409)) throw error
    return isUnfinished((await readBlueprints(port)).get(blueprint.identifier))
  }
}

function lastStep(blueprint: Blueprint): Partial<Blueprint> {
  const derived = Object.keys(blueprint).filter(member => !BARE_MEMBERS.includes(member) && member !== 'relations')
  return { description: '', ...pick(blueprint, derived) }
}

/** @returns the identifiers of those that could not be removed */
async function removeCreated(port: PortClient, created: readonly Blueprint[]): Promise<string[]> {
  // What refers to a blueprint keeps Port from deleting it. What fails here shows in the deletions.
  for (const references of [{ mirrorProperties: {}, calculationProperties: {} }, { relations: {} }]) {
    await Promise.allSettled(created.map(blueprint => patch(port, blueprint, references)))
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

function patch(port: PortClient, { identifier }: Blueprint, members: Partial<Blueprint>): Promise<unknown> {
  return port.call({ method: 'PATCH', path: blueprintPath(identifier), body: JSON.stringify(members) })
}

function blueprintPath(identifier: string): string {
  return `/v1/blueprints/${encodeURIComponent(identifier)}`
}

function pick(blueprint: Blueprint, members: readonly string[]): Partial<Blueprint> {
  return Object.fromEntries(Object.entries(blueprint).filter(([member]) => members.includes(member)))
}
