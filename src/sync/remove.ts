/** The last stage: decides for each blueprint whether its stale entities may go, and deletes them. */
import { isSearch, type Mapping } from '../mapping/model.ts'
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { findEntities } from '../port/entities.ts'
import type { Log } from '../report/log.ts'
import type { Cause, DeletionReport } from '../report/model.ts'
import type { Recorder } from '../report/recorder.ts'
import type { Actual } from './actual.ts'
import type { Seen } from './context.ts'
import { type DeleteOutcome, deleteStale } from './deletion.ts'
import { type GuardLimits, judgeDeletion, type Verdict } from './guard.ts'
import { findNeeded } from './needed.ts'
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
  installationId: string
  /** Port's time when this run began, in milliseconds since the epoch. */
  since: number
  recorder: Recorder
  log: Log
}

/** Deletions that a report names with their title: it has to stay readable, and small. */
const MAX_TITLES = 100

export async function executeDeletions(deletions: readonly Deletion[], options: DeleteOptions): Promise<void> {
  for (const deletion of deletions) {
    const report = note(deletion, options)
    if (deletion.verdict.status !== 'delete') continue
    const onOutcome = (outcome: DeleteOutcome) => noteOutcome(report, outcome, options.recorder)
    await deleteStale(deletion.blueprint, deletion.stale, { ...options, onOutcome })
    const left = report.touched.length
    const said = left === 0 ? '' : `; ${left} stay, because they were written since this run began`
    options.log.info(`${report.blueprint}: ${report.deleted.length} of ${report.owned} owned entities deleted${said}`)
  }
}

export interface ShowOptions extends Pick<DeleteOptions, 'port' | 'recorder' | 'log'> {
  seen: Seen
}

/** As {@link executeDeletions}, for a plan. */
export async function showDeletions(deletions: readonly Deletion[], options: ShowOptions): Promise<void> {
  const { port, recorder, log, seen } = options
  const gone = new Map<string, ReadonlySet<string>>()
  for (const deletion of deletions) {
    const { blueprint, owned, verdict } = deletion
    const report = note(deletion, options)
    if (verdict.status !== 'delete') continue
    const needed = await findNeeded(deletion, { port, seen, gone })
    report.kept.push(...needed)
    const left = deletion.stale.filter(identifier => !needed.has(identifier))
    gone.set(blueprint, new Set(left))
    const titles = await readTitles(port, blueprint, left.slice(0, MAX_TITLES))
    for (const identifier of left) {
      const cause = seen.base?.view.causeOfDeletion(blueprint, identifier)
      noteDeleted(report, identifier, titles.get(identifier), recorder, cause)
    }
    log.info(`${blueprint}: ${left.length} of ${owned} owned entities would be deleted`)
  }
}

/** Puts a decision into the report; what becomes of the entities comes later. */
export function note(
  { blueprint, owned, stale, verdict }: Deletion,
  { recorder, log }: Pick<DeleteOptions, 'recorder' | 'log'>,
): DeletionReport {
  const report: DeletionReport = {
    blueprint,
    owned,
    stale: stale.length,
    deleted: [],
    kept: [],
    touched: [],
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
  title: string | undefined,
  recorder: Recorder,
  cause?: Cause,
): void {
  const named = report.deleted.length < MAX_TITLES ? title : undefined
  recorder.deleted(report.blueprint, identifier, named, cause)
  report.deleted.push(named === undefined ? { identifier } : { identifier, title: named })
}

/** Puts what became of an entity into the report. */
export function noteOutcome(report: DeletionReport, outcome: DeleteOutcome, recorder: Recorder): void {
  const { identifier } = outcome
  if (outcome.status === 'deleted') noteDeleted(report, identifier, outcome.title, recorder)
  else if (outcome.status === 'failed')
    recorder.failed({ blueprint: report.blueprint, identifier, reason: outcome.reason })
  else report[outcome.status].push(identifier)
}

/** Why nothing is deleted of a blueprint for which the identifiers are searches. */
export const SEARCHED = "its entities are looked up by search, so they may be somebody else's"

/** Everything that writes to a blueprint has to be known before anything of it may be missed. */
function evidence(blueprint: string, actual: Actual, { mapping, ends, ownershipKnown }: DecideOptions) {
  const writers = mapping.resources.filter(resource => resource.mappings.some(one => one.blueprint === blueprint))
  const known = new Map(ends.map(end => [end.compiled.resource, end]))
  const incomplete = new Set<string>()
  if (
    writers.some(resource => resource.mappings.some(one => one.blueprint === blueprint && isSearch(one.identifier)))
  ) {
    incomplete.add(SEARCHED)
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
