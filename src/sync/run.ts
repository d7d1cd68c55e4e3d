/** The stages of a run: fetch, map, plan and, unless it is only a plan, apply and delete. */
import { checkRecorded } from '../check/check.ts'
import type { JqEngine } from '../jq/engine.ts'
import { chooseBlueprints } from '../mapping/choose.ts'
import type { Mapping, MappingEntry, MappingFile, Resource } from '../mapping/model.ts'
import { createBlueprints } from '../port/blueprints.ts'
import type { Blueprint } from '../port/model.ts'
import type { Recorder } from '../report/recorder.ts'
import { together } from '../together.ts'
import type { Actual } from './actual.ts'
import { approve } from './approve.ts'
import { BaseView } from './base.ts'
import { groupCrawls, type MappingFailures, openCrawls } from './collect.ts'
import type { Connections } from './connect.ts'
import { createFingerprinter, type Fingerprinter } from './fingerprint.ts'
import { forecast, readChanges } from './outlook.ts'
import { type Collision, type Operation, Planner } from './plan.ts'
import { PlanId } from './plan-id.ts'
import { PlanSink } from './planned.ts'
import { prepareBlueprints } from './prepare.ts'
import { decideDeletions, executeDeletions, showDeletions } from './remove.ts'
import { Resolver } from './resolve.ts'
import type { Sink } from './sink.ts'
import { readStates } from './states.ts'
import { type ResourceEnd, type StreamOptions, streamAll } from './stream.ts'
import type { SyncContext } from './sync.ts'
import { createOwnerNotes, isReportedAsOurs } from './takeover.ts'
import { type Targets, targetsOf } from './targets.ts'
import { type WriteOutcome, Writer } from './writer.ts'

/** What a run works with. */
export interface RunContext extends SyncContext {
  file: MappingFile
  resources: readonly Resource<MappingEntry>[]
  engine: JqEngine
  /** The mapping of the base branch, in the plan of a pull request. */
  baseFile: MappingFile | undefined
  connections: Connections
}

/** What is known once everything was seen. */
interface Seen {
  mapping: Mapping
  targets: Targets
  actuals: ReadonlyMap<string, Actual>
  ends: readonly ResourceEnd[]
  base: BaseView | undefined
}

const DEFAULT_MAX_DELETE_PERCENT = 30
/** So many of a plan's operations are kept whole: to be shown, and to be put to Port. */
const MAX_TRIED = 2_000

/**
 * One run: Wiz and Port are read side by side, what is different is written meanwhile, what is gone is deleted last. A
 * plan is the same run with nothing written.
 *
 * @throws {ConfigError} before anything was written
 * @throws {StoppedError} when the run was told to end
 */
export async function run(context: RunContext): Promise<void> {
  const { inputs, log, recorder, stop } = context
  const { port, wiz } = context.connections
  log.group('Fetch')
  const [prepared, opened, fingerprint] = await together(
    prepareBlueprints(port, context.file, inputs.blueprints, context.actionRoot),
    openCrawls(wiz, groupCrawls(context.resources)),
    createFingerprinter(),
  )
  const { mapping, blueprints, missing } = prepared
  for (const finding of prepared.findings) recorder.warn(finding)
  if (!inputs.mapping.bundled) {
    for (const finding of await checkRecorded(mapping, inputs.mapping, blueprints, context.engine))
      recorder.warn(finding)
  }
  const parts = new Set(context.resources.map(({ index }) => index))
  const resources = mapping.resources.filter(({ index }) => parts.has(index))
  const planId = new PlanId()
  for (const { identifier } of missing) planId.createBlueprint(identifier)
  recorder.report.createdBlueprints = missing.map(({ identifier }) => identifier)
  // A plan, and an apply that has to be held against one, write nothing before everything was seen.
  const planned = inputs.mode === 'plan' || inputs.expectPlanId !== undefined
  if (!planned) await createMissing(context, missing)

  const targets = targetsOf(resources, blueprints)
  const { installationId } = inputs
  const fresh = new Set(recorder.report.createdBlueprints)
  const reading = readStates({ port, fields: targets.fields, fresh, installationId, fingerprint, log })
  const planning = reading.then(actuals => createPlanner(actuals, targets, fingerprint, recorder))
  // Wiz is read meanwhile; a failure shows where the planner is needed.
  planning.catch(() => {})

  const last: LastWrite = {}
  const writer = createWriter(context, mapping, targets, last)
  const keep = inputs.mode === 'plan' ? MAX_TRIED : Number.POSITIVE_INFINITY
  const base = createBase(context, blueprints, targets, fingerprint)
  const plan = new PlanSink({
    keep,
    onOperation(operation) {
      const drift = operation.takeover ? 'drift' : undefined
      recorder.planned(operation, base === undefined ? drift : base.view.causeOf(operation))
    },
  })
  const sink = watched(planned ? plan : writer, planId)
  const failures: MappingFailures = { resources: new Map(), trips: new Map() }
  const resolver = new Resolver({
    port,
    relationsOf: blueprint => blueprints.get(blueprint)?.relations ?? {},
    written: new Set(targets.fields.keys()),
    absent: planned ? fresh : new Set(),
    settled: () => sink.drain(),
  })
  const noteOwners = createOwnerNotes(port, recorder)
  const { engine } = context
  const options = { planning, noteOwners, base, resolver, sink, recorder, log, engine, fingerprint, failures }
  let ends: ResourceEnd[] = []
  try {
    ends = await streamAll(opened, resources, blueprints, targets, options)
    await settle(await planning, options, context)
  } finally {
    // After an error too: what is in flight finishes and is counted.
    await sink.finish()
  }
  const actuals = await reading
  for (const [blueprint, { state }] of actuals) recorder.count(blueprint, 'unchanged', state.unchangedCount)
  stop.throwIfAborted()
  const seen: Seen = { mapping, targets, actuals, ends, base: base?.view }
  if (inputs.mode === 'plan') await finishPlan(context, seen, plan, planId)
  else if (planned) await applyPlan(context, seen, { plan, planId, writer, missing, last })
  else {
    log.info(sayCounts(recorder))
    await remove(context, seen, planId, last)
  }
  recorder.report.planId = planId.toString()
}

/** Shows what apply would do, and what Port would say to it. */
async function finishPlan(context: RunContext, seen: Seen, plan: PlanSink, planId: PlanId): Promise<void> {
  const { inputs, log, recorder, stop } = context
  const { port, wizTraffic } = context.connections
  await tryOut(context, seen, plan.kept)
  stop.throwIfAborted()
  log.info(sayCounts(recorder))
  log.group('Delete')
  const deletions = decide(context, seen, true)
  for (const { blueprint, verdict, stale } of deletions) {
    if (verdict.status === 'delete') for (const identifier of stale) planId.delete(blueprint, identifier)
  }
  recorder.report.changes = await readChanges(port, plan.kept, inputs.showValues)
  await showDeletions(deletions, { port, recorder, log, base: seen.base })
  const { requestsPerSecond } = inputs.wiz
  recorder.report.forecast = forecast(recorder.report, wizTraffic.counts.requests, requestsPerSecond)
}

/** Puts the first operations to Port without writing them, so that what Port would refuse is part of the plan. */
async function tryOut(
  { connections, recorder, stop, log }: RunContext,
  { mapping, targets }: Seen,
  operations: readonly Operation[],
): Promise<void> {
  const fresh = new Set(recorder.report.createdBlueprints)
  // Nothing can be tried on a blueprint that is not there, and what a plan creates may be pointed to.
  const tried = operations.filter(({ blueprint }) => !fresh.has(blueprint))
  const writer = new Writer({
    port: connections.port,
    flags: { merge: mapping.enableMergeEntity, createMissingRelatedEntities: true, validationOnly: true },
    ranks: targets.ranks,
    stop,
    onOutcome(outcome) {
      if (outcome.status === 'failed') recorder.refused(outcome.operation, outcome.reason)
    },
  })
  for (const operation of tried) await writer.add(operation)
  await writer.finish()
  if (tried.length > 0) log.info(`Port was asked about ${tried.length} of the planned entities, without writing them`)
}

interface Approved {
  plan: PlanSink
  planId: PlanId
  writer: Writer
  missing: readonly Blueprint[]
  last: LastWrite
}

/** Writes what was planned, if it is what was approved. */
async function applyPlan(context: RunContext, seen: Seen, approved: Approved): Promise<void> {
  const { inputs, recorder, log, stop } = context
  const { plan, planId, writer, missing, last } = approved
  const deletions = decide(context, seen, true)
  for (const { blueprint, verdict, stale } of deletions) {
    if (verdict.status === 'delete') for (const identifier of stale) planId.delete(blueprint, identifier)
  }
  recorder.report.planId = planId.toString()
  recorder.forgetPlan()
  approve(inputs.expectPlanId ?? '', planId)
  log.info(`The plan is ${planId}, as approved`)
  await createMissing(context, missing)
  try {
    for (const operation of plan.kept) await writer.add(operation)
  } finally {
    await writer.finish()
  }
  log.info(sayCounts(recorder))
  stop.throwIfAborted()
  await remove(context, seen, undefined, last)
}

async function createMissing({ connections, log }: RunContext, missing: readonly Blueprint[]): Promise<void> {
  if (missing.length === 0) return
  await createBlueprints(connections.port, missing)
  log.info(`Port: created the blueprints ${missing.map(({ identifier }) => identifier).join(', ')}`)
}

/** The base branch's mapping, over the blueprints that Port has now; undefined where there is none to compare with. */
function createBase(
  { baseFile }: RunContext,
  blueprints: ReadonlyMap<string, Blueprint>,
  { fields }: Targets,
  fingerprint: Fingerprinter,
): { view: BaseView; resources: readonly Resource[] } | undefined {
  if (baseFile === undefined) return undefined
  const { resources } = chooseBlueprints(baseFile, blueprints).mapping
  return { view: new BaseView(fields, fingerprint), resources }
}

/** Notes every operation for the plan's id. */
function watched(sink: Sink, planId: PlanId): Sink {
  return {
    add(operation) {
      planId.write(operation)
      return sink.add(operation)
    },
    drain: () => sink.drain(),
    finish: () => sink.finish(),
  }
}

/** Says what was planned, and hands over the updates that were held back until everything was seen. */
async function settle(
  planner: Planner,
  { sink, noteOwners }: StreamOptions,
  { log, recorder, stop, inputs }: RunContext,
): Promise<void> {
  stop.throwIfAborted()
  log.group('Map')
  for (const { kind, objects } of recorder.report.kinds) log.info(`${kind}: ${objects} objects mapped`)
  for (const { kind, field, count, message } of recorder.report.fieldErrors) {
    log.info(`${kind}: ${field} failed on ${count} objects and was left out there: ${message}`)
  }
  log.group('Plan')
  const updates = planner.settle()
  await noteOwners(updates)
  log.info(`Updates that waited until all objects were seen: ${updates.length}`)
  if (inputs.mode === 'apply') log.group('Apply')
  for (const operation of updates) await sink.add(operation)
}

function createPlanner(
  actuals: ReadonlyMap<string, Actual>,
  targets: Targets,
  fingerprint: Fingerprinter,
  recorder: Recorder,
): Planner {
  const states = new Map([...actuals].map(([blueprint, { state }]) => [blueprint, state]))
  const onCollision = (collision: Collision) => recorder.collided(collision)
  return new Planner({ states, targets: targets.relations, fingerprint, onCollision })
}

/** The entity that was written last: what Port says of its owner tells whether ownership can be trusted. */
interface LastWrite {
  written?: { blueprint: string; identifier: string }
}

function createWriter(
  { connections, recorder, stop }: RunContext,
  { enableMergeEntity: merge, createMissingRelatedEntities }: Mapping,
  { ranks }: Targets,
  last: LastWrite,
): Writer {
  const onOutcome = (outcome: WriteOutcome) => recordWrite(outcome, recorder, last)
  return new Writer({ port: connections.port, flags: { merge, createMissingRelatedEntities }, ranks, stop, onOutcome })
}

function recordWrite(outcome: WriteOutcome, recorder: Recorder, last: LastWrite): void {
  const { operation } = outcome
  const { blueprint } = operation
  const { identifier } = operation.entity
  if (outcome.status === 'failed') {
    recorder.failed({ blueprint, identifier, reason: outcome.reason })
    return
  }
  last.written = { blueprint, identifier }
  recorder.wrote(operation, outcome.status)
}

/** @param ownershipKnown whether Port reports as ours what we wrote */
function decide({ inputs }: RunContext, { mapping, ends, actuals, targets }: Seen, ownershipKnown: boolean) {
  const threshold = mapping.entityDeletionThreshold
  return decideDeletions({
    mapping,
    ends,
    actuals,
    ownershipKnown,
    ranks: targets.ranks,
    limits: {
      deleteStale: inputs.deleteStale,
      maxDeletePercent:
        inputs.maxDeletePercent ?? (threshold === undefined ? DEFAULT_MAX_DELETE_PERCENT : threshold * 100),
      allowMassDelete: inputs.allowMassDelete,
    },
  })
}

/** @param planId told what is deleted; undefined when it has been told already */
async function remove(
  context: RunContext,
  seen: Seen,
  planId: PlanId | undefined,
  { written }: LastWrite,
): Promise<void> {
  const { inputs, log, recorder, stop } = context
  const { port } = context.connections
  log.group('Delete')
  const reported = written === undefined || (await isReportedAsOurs(port, inputs.installationId, written))
  if (!reported || [...seen.actuals.values()].some(({ ownershipKnown }) => !ownershipKnown)) {
    recorder.warn(
      'Port does not report who wrote an entity (it is derived from the User-Agent header): nothing is deleted, and every run writes everything again. Does a proxy change the header?',
    )
  }
  const deletions = decide(context, seen, reported)
  for (const { blueprint, verdict, stale } of deletions) {
    if (verdict.status === 'delete') for (const identifier of stale) planId?.delete(blueprint, identifier)
  }
  await executeDeletions(deletions, { port, recorder, log, stop })
  stop.throwIfAborted()
}

function sayCounts({ report }: Recorder): string {
  const parts = Object.entries(report.blueprints).map(
    ([blueprint, { created, updated, unchanged, failed }]) =>
      `${blueprint}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed`,
  )
  return parts.join('; ')
}
