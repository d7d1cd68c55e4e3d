/** Port's entity routes: paginated search, bulk upsert, bulk delete. */
import { ServiceError } from '../errors.ts'
import { listIn } from './answer.ts'
import type { PortClient } from './client.ts'
import type { Rule } from './datasource.ts'
import type { Entity } from './model.ts'

/** Limits from Port's published contract. */
export const MAX_BULK_ENTITIES = 20
export const MAX_BODY_BYTES = 1024 * 1024
export const MAX_DELETE_ENTITIES = 100
const SEARCH_PAGE_SIZE = 1000

export type FoundEntity = Partial<Entity> & { identifier: string } & Record<string, unknown>

/**
 * Yields all entities of a blueprint that match all rules, a page of at most 1,000 at a time.
 *
 * @param include which fields come back, `$identifier` and the like included
 * @throws {ServiceError} when Port's chain of pages has no end
 */
export async function* searchEntities(
  port: PortClient,
  blueprint: string,
  rules: readonly Rule[],
  include: readonly string[],
): AsyncGenerator<FoundEntity[]> {
  const cursors = new Set<string>()
  let from: string | undefined
  do {
    const answer = await port.call({
      method: 'POST',
      path: `${blueprintPath(blueprint)}/entities/search`,
      body: JSON.stringify({
        query: { combinator: 'and', rules },
        include,
        limit: SEARCH_PAGE_SIZE,
        ...(from === undefined ? {} : { from }),
      }),
    })
    yield listIn(answer, 'entities') as FoundEntity[]
    from = typeof answer.next === 'string' && answer.next !== '' ? answer.next : undefined
    if (from !== undefined && cursors.has(from)) {
      throw new ServiceError(`Port gave the same cursor twice when it was asked for the entities of ${blueprint}`, 200)
    }
    cursors.add(from ?? '')
  } while (from !== undefined)
}

/** As {@link searchEntities}, for few: the entities with these identifiers, and all rules. */
export async function findEntities(
  port: PortClient,
  blueprint: string,
  identifiers: readonly string[],
  include: readonly string[],
  rules: readonly Rule[] = [],
): Promise<FoundEntity[]> {
  const found: FoundEntity[] = []
  if (identifiers.length === 0) return found
  const among = { property: '$identifier', operator: 'in', value: identifiers }
  for await (const page of searchEntities(port, blueprint, [among, ...rules], include)) found.push(...page)
  return found
}

/**
 * The entities of any blueprint that match all rules, whole, in one answer. Port does not page here, and gives up on
 * more than some thousands: only for rules that name the entities.
 */
export async function searchBlueprints(port: PortClient, rules: readonly Rule[]): Promise<FoundEntity[]> {
  const body = JSON.stringify({ combinator: 'and', rules })
  return listIn(await port.call({ method: 'POST', path: '/v1/entities/search', body }), 'entities') as FoundEntity[]
}

/** What became of one entity of a bulk, by its place in the request. */
export type UpsertResult = { status: 'created' | 'updated' } | { status: 'refused'; statusCode: number; reason: string }

export interface UpsertFlags {
  merge: boolean
  createMissingRelatedEntities: boolean
  /** Port says what it would say, and writes nothing. */
  validationOnly?: boolean
}

/**
 * Writes at most {@link MAX_BULK_ENTITIES} entities.
 *
 * @param entities JSON texts, so that what was measured is what is sent
 * @param stop once it is aborted nothing is sent any more, and its reason is thrown
 * @returns one result for each entity, matched by the index that Port answers: identifiers come back as "unknown" for
 *   some entities
 * @throws {PortError} when Port refuses the batch as a whole
 */
export async function upsertBulk(
  port: PortClient,
  blueprint: string,
  entities: readonly string[],
  flags: UpsertFlags,
  stop: AbortSignal,
): Promise<UpsertResult[]> {
  const answer = await port.call({
    method: 'POST',
    path: `${blueprintPath(blueprint)}/entities/bulk`,
    query: {
      upsert: true,
      merge: flags.merge,
      create_missing_related_entities: flags.createMissingRelatedEntities,
      ...(flags.validationOnly === true ? { validation_only: true } : {}),
    },
    body: bulkBody(entities),
    unless: stop,
  })
  const results: UpsertResult[] = entities.map(() => ({
    status: 'refused',
    statusCode: 0,
    reason: 'Port said nothing about it',
  }))
  const settle = (index: unknown, result: UpsertResult) => {
    if (typeof index === 'number' && index in results) results[index] = result
  }
  for (const { index, created } of list(answer.entities)) {
    settle(index, { status: created === true ? 'created' : 'updated' })
  }
  for (const { index, statusCode, error, message } of list(answer.errors)) {
    const reason = [error, message].filter(text => typeof text === 'string').join(': ')
    settle(index, { status: 'refused', statusCode: Number(statusCode), reason })
  }
  return results
}

export function bulkBody(entities: readonly string[]): string {
  return `{"entities":[${entities.join(',')}]}`
}

/**
 * Deletes at most {@link MAX_DELETE_ENTITIES} entities, never anything that depends on them: what other entities point
 * to makes Port refuse the whole request.
 *
 * @returns the identifiers that Port deleted; one that was gone already is not among them
 */
export async function deleteBulk(
  port: PortClient,
  blueprint: string,
  identifiers: readonly string[],
  stop: AbortSignal,
): Promise<ReadonlySet<string>> {
  const answer = await port.call({
    method: 'POST',
    path: `${blueprintPath(blueprint)}/bulk/entities/delete`,
    query: { delete_dependents: false },
    body: JSON.stringify({ entities: identifiers }),
    unless: stop,
  })
  const deleted = Array.isArray(answer.deletedEntities) ? answer.deletedEntities : []
  return new Set(deleted.map(String))
}

function blueprintPath(blueprint: string): string {
  return `/v1/blueprints/${encodeURIComponent(blueprint)}`
}

/** The objects in what ought to be a list of them. */
function list(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter(item => item !== null && typeof item === 'object') : []
}
