/** The last stage: decides for each blueprint whether its stale entities may go, and deletes them. */
import type { EntityMapping, Mapping } from '../mapping/model.ts'
import { type PortClient, PortError } from '../port/client.ts'
import { findEntities } from '../port/entities.ts'
import type { Log } from '../report/log.ts'
import type { Cause, DeletionReport } from '../report/model.ts'
import type { Recorder } from '../report/recorder.ts'
import type { Actual } from './actual.ts'
import type { BaseView } from './base.ts'
import { deleteStale } from './deletion.ts'
import { type GuardLimits, judgeDeletion, type Verdict } from './guard.ts'
import type { ResourceEnd } from './stream.ts'

export interface DecideOptions {
  mapping: Mapping
  /** How the resources of this run ended. */
  ends: readonly ResourceEnd[]
  actuals: ReadonlyMap<string, Actual>
  ranks: ReadonlyMap<string, number>
  /** False when Port does not report as ours what we wrote. */
  ownershipKnown: boolean
  limits: GuardLimits
}

/** What is to become of the stale entities of a blueprint. */
export interface Deletion {
  blueprint: string
  owned: number
  stale: readonly string[]
  verdict: Verdict
}

/** For each blueprint, in the order of deleting: what points to others goes first, so that nothing depends on the next. */
export function decideDeletions(options: DecideOptions): Deletion[] {
  const { actuals, ranks, limits } = options
  const order = [...actuals].sort(([a], [b]) => (ranks.get(b) ?? 0) - (ranks.get(a) ?? 0) || (a < b ? -1 : 1))
  return order.map(([blueprint, actual]) => {
    const stale = actual.state.stale()
    const owned = actual.state.ownedCount
    const input = { blueprint, owned, stale: stale.length, ...evidence(blueprint, actual, options) }
    return { blueprint, owned, stale, verdict: judgeDeletion(input, limits) }
  })
}

export interface DeleteOptions {
  port: PortClient
  stop: AbortSignal
  recorder: Recorder
  log: Log
}

/** Deletions that the summary names with their title; titles are not kept during the run, so they are asked for. */
const MAX_TITLES = 100

export async function executeDeletions(deletions: readonly Deletion[], options: DeleteOptions): Promise<void> {
  for (const deletion of deletions) {
    const report = note(deletion, options)
    if (deletion.verdict.status !== 'delete') continue
    if (deletion.stale.length > 0) await remove(report, deletion.stale, options)
    options.log.info(`${report.blueprint}: ${report.deleted.length} of ${report.owned} owned entities deleted`)
  }
}

export interface ShowOptions extends Omit<DeleteOptions, 'stop'> {
  /** Says why. */
  base: BaseView | undefined
}

/** As {@link executeDeletions}, for a plan. */
export async function showDeletions(deletions: readonly Deletion[], options: ShowOptions): Promise<void> {
  const { port, recorder, log } = options
  for (const deletion of deletions) {
    const { blueprint, stale, owned, verdict } = deletion
    const report = note(deletion, options)
    if (verdict.status !== 'delete') continue
    const titles = await readTitles(port, blueprint, stale.slice(0, MAX_TITLES))
    for (const identifier of stale) {
      noteDeleted(report, identifier, titles, recorder, options.base?.causeOfDeletion(blueprint, identifier))
    }
    log.info(`${blueprint}: ${stale.length} of ${owned} owned entities would be deleted`)
  }
}

function note(
  { blueprint, owned, stale, verdict }: Deletion,
  { recorder, log }: Pick<DeleteOptions, 'recorder' | 'log'>,
) {
  const report: DeletionReport = {
    blueprint,
    owned,
    stale: stale.length,
    deleted: [],
    kept: [],
    status: verdict.status,
  }
  recorder.report.deletions.push(report)
  if (verdict.status !== 'delete') {
    report.reason = verdict.reason
    log.info(`${blueprint}: nothing deleted (${stale.length} of ${owned} owned are stale): ${verdict.reason}`)
  }
  return report
}

function noteDeleted(
  report: DeletionReport,
  identifier: string,
  titles: ReadonlyMap<string, string>,
  recorder: Recorder,
  cause?: Cause,
): void {
  const title = titles.get(identifier)
  recorder.deleted(report.blueprint, identifier, title, cause)
  report.deleted.push(title === undefined ? { identifier } : { identifier, title })
}

/** Everything that writes to a blueprint has to be known before anything of it may be missed. */
function evidence(blueprint: string, actual: Actual, { mapping, ends, ownershipKnown }: DecideOptions) {
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

async function remove(report: DeletionReport, stale: readonly string[], options: DeleteOptions): Promise<void> {
  const { port, recorder, stop } = options
  const { blueprint } = report
  const titles = await readTitles(port, blueprint, stale.slice(0, MAX_TITLES))
  await deleteStale(port, blueprint, stale, stop, outcome => {
    const { identifier } = outcome
    if (outcome.status === 'kept') report.kept.push(identifier)
    else if (outcome.status === 'failed') recorder.failed({ blueprint, identifier, reason: outcome.reason })
    else noteDeleted(report, identifier, titles, recorder)
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
