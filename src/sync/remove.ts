/** The last stage: decides for each blueprint whether its stale entities may go, and deletes them. */
import type { EntityMapping, Mapping } from '../mapping/model.ts'
import { type PortClient, PortError } from '../port/client.ts'
import { findEntities } from '../port/entities.ts'
import type { Log } from '../report/log.ts'
import type { DeletionReport } from '../report/model.ts'
import type { Recorder } from '../report/recorder.ts'
import type { Actual } from './actual.ts'
import { deleteStale } from './deletion.ts'
import { type GuardLimits, judgeDeletion } from './guard.ts'
import type { ResourceEnd } from './stream.ts'

export interface RemoveOptions {
  port: PortClient
  mapping: Mapping
  /** How the resources of this run ended. */
  ends: readonly ResourceEnd[]
  actuals: ReadonlyMap<string, Actual>
  ranks: ReadonlyMap<string, number>
  /** False when Port does not report as ours what we wrote. */
  ownershipKnown: boolean
  limits: GuardLimits
  stop: AbortSignal
  recorder: Recorder
  log: Log
}

/** Deletions that the summary names with their title; titles are not kept during the run, so they are asked for. */
const MAX_TITLES = 100

export async function removeStale(options: RemoveOptions): Promise<void> {
  const { actuals, ranks, recorder, log } = options
  // What points to others goes first, so that nothing depends on what goes next.
  const order = [...actuals.keys()].sort((a, b) => (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0) || (a < b ? -1 : 1))
  for (const blueprint of order) {
    const actual = actuals.get(blueprint)
    if (actual === undefined) continue
    const stale = actual.state.stale()
    const owned = actual.state.ownedCount
    const verdict = judgeDeletion(
      { blueprint, owned, stale: stale.length, ...evidence(blueprint, actual, options) },
      options.limits,
    )
    const report: DeletionReport = {
      blueprint,
      owned,
      stale: stale.length,
      deleted: [],
      kept: [],
      status: verdict.status,
    }
    if (verdict.status !== 'delete') report.reason = verdict.reason
    recorder.report.deletions.push(report)
    if (verdict.status === 'delete') {
      if (stale.length > 0) await remove(report, stale, options)
      log.info(`${blueprint}: ${report.deleted.length} of ${owned} owned entities deleted`)
    } else {
      log.info(`${blueprint}: nothing deleted (${stale.length} of ${owned} owned are stale): ${verdict.reason}`)
    }
  }
}

/** Everything that writes to a blueprint has to be known before anything of it may be missed. */
function evidence(blueprint: string, actual: Actual, { mapping, ends, ownershipKnown }: RemoveOptions) {
  const writers = mapping.resources.filter(resource => resource.mappings.some(one => one.blueprint === blueprint))
  const known = new Map(ends.map(end => [end.compiled.resource, end]))
  const incomplete = new Set<string>()
  if (writers.some(resource => resource.mappings.some(one => one.blueprint === blueprint && isSearched(one)))) {
    incomplete.add("its entities are looked up by search, so they may be somebody else's")
  }
  const empty = new Set<string>()
  for (const resource of writers) {
    const end = known.get(resource)
    if (end === undefined) incomplete.add(`${resource.kind} was not part of this run`)
    else if (end.incomplete !== undefined) incomplete.add(end.incomplete)
    else if (end.empty) empty.add(resource.kind)
  }
  return { incomplete: [...incomplete], empty: [...empty], ownershipKnown: ownershipKnown && actual.ownershipKnown }
}

/** Whether an identifier is a search, of which the jq text always has the word. */
function isSearched({ identifier }: EntityMapping): boolean {
  return /\bcombinator\b/.test(identifier.text)
}

async function remove(report: DeletionReport, stale: readonly string[], options: RemoveOptions): Promise<void> {
  const { port, recorder, stop } = options
  const { blueprint } = report
  const titles = await readTitles(port, blueprint, stale.slice(0, MAX_TITLES))
  await deleteStale(port, blueprint, stale, stop, outcome => {
    const { identifier } = outcome
    if (outcome.status === 'kept') report.kept.push(identifier)
    else if (outcome.status === 'failed') recorder.failed({ blueprint, identifier, reason: outcome.reason })
    else {
      const title = titles.get(identifier)
      recorder.count(blueprint, 'deleted')
      report.deleted.push(title === undefined ? { identifier } : { identifier, title })
    }
  })
}

/** Titles make a deletion readable; without them it is still the same deletion. */
async function readTitles(port: PortClient, blueprint: string, identifiers: readonly string[]) {
  const titles = new Map<string, string>()
  try {
    for (const { identifier, title } of await findEntities(port, blueprint, identifiers, ['$identifier', '$title'])) {
      if (typeof title === 'string') titles.set(identifier, title)
    }
  } catch (error) {
    if (!(error instanceof PortError)) throw error
  }
  return titles
}
