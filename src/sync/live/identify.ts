/** Which entities objects stand for: only identifiers are evaluated, and no blueprint has to be known for that. */
import type { JqEngine } from '../../jq/engine.ts'
import { compileResource } from '../../mapping/compile.ts'
import type { Resource } from '../../mapping/model.ts'
import type { Mapped } from '../../mapping/transform.ts'
import type { WizObject } from '../../wiz/pages.ts'
import { type MappingFailures, mapPages, type OpenedCrawl } from '../collect.ts'
import type { Fingerprinter, Ranker } from '../fingerprint.ts'
import { add, type Identities } from './identities.ts'

export interface Jq {
  engine: JqEngine
  fingerprint: Fingerprinter
  rank: Ranker
}

export interface Identified {
  identities: Identities
  /** Whether some identifiers are not known, because an expression failed or jq did. */
  failed: boolean
  /** Whether jq did. */
  broken: boolean
}

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

/** Whether `selector.query` of some resources takes some of the objects, or may take them: it failed on one. */
export async function takesAny(
  resources: readonly Resource[],
  objects: readonly WizObject[],
  jq: Jq,
): Promise<boolean> {
  const { mapped, broken } = await identify(resources, objects, jq)
  return broken || mapped.some(({ outcome }) => outcome.status !== 'skipped')
}

/** What the identifiers of some resources give for some objects, whatever `selector.query` says of them. */
export async function identitiesOf(
  resources: readonly Resource[],
  objects: readonly WizObject[],
  jq: Jq,
): Promise<Identified> {
  const everything = resources.map(resource => ({ ...resource, query: { ...resource.query, text: 'true' } }))
  const { mapped, broken } = await identify(everything, objects, jq)
  const identities: Identities = new Map()
  for (const { id, outcome } of mapped) {
    // The identifiers that are known without asking Port.
    if (outcome.status === 'mapped' && outcome.entity.identifier !== '') {
      add(identities, outcome.blueprint, outcome.entity.identifier, id)
    }
  }
  return { identities, broken, failed: broken || mapped.some(({ outcome }) => outcome.status === 'failed') }
}

async function identify(resources: readonly Resource[], objects: readonly WizObject[], jq: Jq) {
  const mapped: { id: string; outcome: Mapped }[] = []
  const failures: MappingFailures = { resources: new Map(), trips: new Map() }
  const compiled = resources.map(resource => compileResource(identifierOnly(resource), new Map()))
  const pages =
    objects.length === 0 || resources.length === 0
      ? []
      : mapPages(asPages(objects), { ...jq, resources: compiled, failures })
  for await (const page of pages) {
    for (const { objects: some } of page.resources) {
      for (const { id, outcomes } of some()) mapped.push(...outcomes.map(outcome => ({ id, outcome })))
    }
  }
  return { mapped, broken: failures.resources.size > 0 }
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
