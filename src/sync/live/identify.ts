/** Which entities objects stand for: only identifiers are evaluated, and no blueprint has to be known for that. */
import type { JqEngine } from '../../jq/engine.ts'
import { compileResource } from '../../mapping/compile.ts'
import type { Resource } from '../../mapping/model.ts'
import type { Mapped } from '../../mapping/transform.ts'
import type { WizObject } from '../../wiz/pages.ts'
import { mapPages, type OpenedCrawl } from '../collect.ts'
import type { Fingerprinter, Ranker } from '../fingerprint.ts'

export interface Jq {
  engine: JqEngine
  fingerprint: Fingerprinter
  rank: Ranker
}

/** Identifiers by blueprint. */
export type Identities = Map<string, Set<string>>

/** A crawl that has been read already. */
export function asPages(objects: readonly WizObject[]): Pick<OpenedCrawl, 'first' | 'rest'> {
  return {
    first: { done: false, value: { objects: [...objects], totalCount: objects.length } },
    rest: ended(objects.length),
  }
}

// biome-ignore lint/correctness/useYield: everything stands on the first page.
async function* ended(objects: number): AsyncGenerator<never, { complete: true; objects: number }> {
  return { complete: true, objects }
}

/** What the identifiers of some resources give for some objects, where `selector.query` is left as it is. */
export async function identify(
  resources: readonly Resource[],
  objects: readonly WizObject[],
  jq: Jq,
): Promise<Mapped[]> {
  const outcomes: Mapped[] = []
  if (objects.length === 0) return outcomes
  const compiled = resources.map(resource => compileResource(identifierOnly(resource), new Map()))
  const failures = { resources: new Map(), trips: new Map() }
  for await (const page of mapPages(asPages(objects), { ...jq, resources: compiled, failures })) {
    for (const { objects: mapped } of page.resources) for (const one of mapped()) outcomes.push(...one.outcomes)
  }
  return outcomes
}

/** As {@link identify}, whatever `selector.query` says: the identifiers that are known without asking Port. */
export async function identitiesOf(
  resources: readonly Resource[],
  objects: readonly WizObject[],
  jq: Jq,
): Promise<Identities> {
  const everything = resources.map(resource => ({ ...resource, query: { ...resource.query, text: 'true' } }))
  const identities: Identities = new Map()
  for (const outcome of await identify(everything, objects, jq)) {
    if (outcome.status === 'mapped' && outcome.entity.identifier !== '') {
      add(identities, outcome.blueprint, outcome.entity.identifier)
    }
  }
  return identities
}

export function add(identities: Identities, blueprint: string, identifier: string): void {
  identities.set(blueprint, (identities.get(blueprint) ?? new Set()).add(identifier))
}

/** Those that stand in one and not in the other. */
export function without(identities: Identities, others: Identities): Identities {
  const left: Identities = new Map()
  for (const [blueprint, identifiers] of identities) {
    for (const identifier of identifiers) {
      if (!others.get(blueprint)?.has(identifier)) add(left, blueprint, identifier)
    }
  }
  return left
}

function identifierOnly(resource: Resource): Resource {
  const mappings = resource.mappings.map(({ blueprint, choice, identifier, at }) => ({
    blueprint,
    ...(choice === undefined ? {} : { choice }),
    identifier,
    at,
    properties: {},
    relations: {},
  }))
  return { ...resource, mappings }
}
