/** Writes what the mapping makes of the event's objects, where Port has it otherwise. */
import { fieldValue } from '../../port/model.ts'
import type { WizObject } from '../../wiz/pages.ts'
import { createPlanner, createResolver, createWriter, recordOutcome } from '../assemble.ts'
import type { Crawl, MappingFailures } from '../collect.ts'
import type { Fingerprinter } from '../fingerprint.ts'
import type { Sink } from '../sink.ts'
import { BlueprintState } from '../state.ts'
import { type ResourceEnd, streamAll } from '../stream.ts'
import { targetsOf } from '../targets.ts'
import type { WriteOutcome } from '../writer.ts'
import { asPages } from './identify.ts'
import { type Live, ofEvent } from './live.ts'
import type { OwnedEntities } from './owned.ts'

export interface Written {
  /** The blueprints that were written to. */
  blueprints: ReadonlySet<string>
  /** Whether the mapping wants an entity, or something that it wants points to it. */
  isWanted: (blueprint: string, identifier: string) => boolean
  /** Blueprints of which not everything that the mapping wants is known, and why. */
  uncertain: ReadonlyMap<string, string>
}

/**
 * @param crawled the objects that each crawl would give
 * @param owned what Port has of them; of what somebody else wrote nothing is known, so that it is written and ours
 */
export async function write(
  live: Live,
  crawled: readonly { crawl: Crawl; objects: readonly WizObject[] }[],
  owned: OwnedEntities,
): Promise<Written> {
  const { engine, fingerprint, rank, context } = live
  const { recorder, log, connections } = context
  const { mapping, blueprints } = await live.prepare()
  const resources = ofEvent(live, mapping.resources)
  const targets = targetsOf(resources, blueprints)
  const states = new Map(
    [...targets.fields].map(([blueprint, fields]) => [blueprint, stateOf(blueprint, fields, owned, fingerprint)]),
  )
  const planner = createPlanner(states, targets, fingerprint, recorder)
  const written = new Set<string>()
  const writer = createWriter(context, mapping, targets, outcome => {
    recordOutcome(outcome, recorder)
    if (outcome.status === 'failed') return
    const { blueprint, entity } = outcome.operation
    written.add(blueprint)
    live.wrote(blueprint, entity.identifier)
    // What Port lacked of its targets, Port has created with it.
    for (const [relation, value] of Object.entries(entity.relations)) {
      const target = targets.relations.get(blueprint)?.get(relation)
      if (target !== undefined) for (const identifier of [value].flat()) live.wrote(target, identifier ?? '')
    }
    if (isTakeover(outcome)) recorder.tookOver(blueprint, 'another writer')
  })
  // Where several objects make one entity, those of the event may not have the last word: what a sync made of all of them
  // stays.
  const sink: Sink = {
    add: one => (live.isShared(one.blueprint, one.entity.identifier) ? Promise.resolve() : writer.add(one)),
    drain: () => writer.drain(),
    finish: () => writer.finish(),
  }
  const failures: MappingFailures = { resources: new Map(), trips: new Map() }
  const opened = crawled.map(({ crawl, objects }) => ({ crawl, ...asPages(objects) }))
  let ends: ResourceEnd[] = []
  try {
    ends = await streamAll(opened, resources, blueprints, targets, {
      planning: Promise.resolve(planner),
      noteOwners: () => Promise.resolve(),
      resolver: createResolver(connections.port, blueprints, targets, sink, new Set()),
      sink,
      few: true,
      recorder,
      log,
      engine,
      fingerprint,
      rank,
      failures,
    })
    for (const operation of planner.settle()) await sink.add(operation)
  } finally {
    await sink.finish()
  }
  for (const [blueprint, { unchangedCount }] of states) recorder.count(blueprint, 'unchanged', unchangedCount)
  const isWanted = (blueprint: string, id: string) => {
    const state = states.get(blueprint)
    return state?.isWanted(id) === true || state?.referenced.has(id) === true
  }
  return { blueprints: written, isWanted, uncertain: uncertainOf(ends) }
}

/** An object that failed before its identifier was known may be any of a blueprint's entities. */
function uncertainOf(ends: readonly ResourceEnd[]): Map<string, string> {
  const uncertain = new Map<string, string>()
  for (const { compiled, incomplete } of ends) {
    if (incomplete !== undefined)
      for (const { blueprint } of compiled.resource.mappings) uncertain.set(blueprint, incomplete)
  }
  return uncertain
}

/** Ours are all known: what Port had already, and we did not know of, was another's. */
function isTakeover({ status, operation }: WriteOutcome): boolean {
  return status === 'updated' && operation.action === 'create'
}

function stateOf(
  blueprint: string,
  fields: readonly string[],
  owned: OwnedEntities,
  fingerprint: Fingerprinter,
): BlueprintState {
  const state = new BlueprintState(blueprint, fields)
  for (const entity of owned.get(blueprint)?.values() ?? []) {
    state.addActual(entity.identifier, field => fingerprint(field, fieldValue(entity, field)))
    state.own(entity.identifier)
  }
  return state
}
