/** The stages of a run: fetch, map, plan and write side by side; what comes after that is in conclude.ts. */
import { checkRecorded } from '../check/check.ts'
import { together } from '../together.ts'
import { createPlanner, createResolver, createWriter, recordWrite, watched } from './assemble.ts'
import { crawlForBase, createBase } from './base-crawl.ts'
import { groupCrawls, type MappingFailures, openCrawls } from './collect.ts'
import { applyPlan, finishApply, finishPlan } from './conclude.ts'
import type { LastWrite, RunContext, Seen } from './context.ts'
import { createFingerprinter, createRanker } from './fingerprint.ts'
import type { Requests } from './forecast.ts'
import { Origins } from './origins.ts'
import type { Planner } from './plan.ts'
import { PlanId } from './plan-id.ts'
import { PlanSink } from './planned.ts'
import { createMissing, prepareBlueprints } from './prepare.ts'
import { readStates } from './states.ts'
import { type ResourceEnd, type StreamOptions, streamAll } from './stream.ts'
import { createOwnerNotes } from './takeover.ts'
import { targetsOf } from './targets.ts'

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
  const [prepared, opened, fingerprint, rank] = await together(
    prepareBlueprints(context),
    openCrawls(wiz, groupCrawls(context.resources)),
    createFingerprinter(),
    createRanker(),
  )
  const { mapping, blueprints, missing } = prepared
  for (const finding of prepared.findings) recorder.warn(finding)
  if (!inputs.mapping.bundled) {
    const recorded = { ...inputs.mapping, workspace: inputs.workspace }
    for (const finding of await checkRecorded(mapping, recorded, blueprints, context.engine)) recorder.warn(finding)
  }
  const parts = new Set(context.resources.map(({ index }) => index))
  const resources = mapping.resources.filter(({ index }) => parts.has(index))
  const planId = new PlanId({ installationId: inputs.installationId, ...mapping })
  for (const blueprint of missing) planId.createBlueprint(blueprint)
  const fresh = new Set(missing.map(({ identifier }) => identifier))
  // A plan, and an apply that has to be held against one, write nothing before everything was seen.
  const planned = inputs.mode === 'plan' || inputs.expectPlanId !== undefined
  if (inputs.mode === 'plan') recorder.report.createdBlueprints = [...fresh]
  if (!planned) await createMissing(context, missing)

  const targets = targetsOf(resources, blueprints)
  const { installationId } = inputs
  const reading = readStates({ port, fields: targets.fields, fresh, installationId, fingerprint, log })
  const planning = reading.then(actuals => {
    const states = new Map([...actuals].map(([blueprint, { state }]) => [blueprint, state]))
    return createPlanner(states, targets, fingerprint, recorder)
  })
  // Wiz is read meanwhile; a failure shows where the planner is needed.
  planning.catch(() => {})

  const last: LastWrite = { origins: new Origins() }
  const writer = createWriter(context, mapping, targets, recordWrite(recorder, last))
  const keep = inputs.mode === 'plan' ? MAX_TRIED : Number.POSITIVE_INFINITY
  const base = createBase(context, blueprints, targets, fingerprint)
  const plan = new PlanSink({ keep, ranks: targets.ranks, onOperation: operation => recorder.planned(operation) })
  const sink = watched(planned ? plan : writer, planId)
  const failures: MappingFailures = { resources: new Map(), trips: new Map() }
  const resolver = createResolver(port, blueprints, targets, sink, planned ? fresh : new Set())
  const noteOwners = createOwnerNotes(port, recorder)
  const { engine, examples } = context
  const options = {
    planning,
    examples,
    noteOwners,
    base,
    resolver,
    sink,
    recorder,
    log,
    engine,
    fingerprint,
    rank,
    failures,
  }
  let ends: ResourceEnd[] = []
  try {
    ends = await streamAll(opened, resources, blueprints, targets, options)
    await settle(await planning, options, context)
  } finally {
    // After an error too: what is in flight finishes and is counted.
    await sink.finish()
  }
  const actuals = await reading
  const reads = countRequests(context)
  if (base !== undefined) {
    const known = new Set(opened.map(({ crawl }) => crawl.key))
    await crawlForBase(base, known, wiz, blueprints, options)
  }
  for (const [blueprint, { state }] of actuals) recorder.count(blueprint, 'unchanged', state.unchangedCount)
  stop.throwIfAborted()
  const present = new Map([...blueprints].filter(([identifier]) => !(planned && fresh.has(identifier))))
  const seen: Seen = { mapping, blueprints: present, targets, actuals, ends, base }
  if (inputs.mode === 'plan') await finishPlan(context, seen, { plan, planId, missing, reads })
  else if (planned) await applyPlan(context, seen, { plan, planId, writer, missing, last })
  else await finishApply(context, seen, planId, last)
  recorder.report.planId = planId.toString()
}

/** Requests so far, before those that only a plan needs. */
function countRequests({ connections: { wizTraffic, portTraffic } }: RunContext): Requests {
  return { wiz: wizTraffic.counts.requests, port: portTraffic.counts.requests }
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
