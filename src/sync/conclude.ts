/** What a run ends with once everything was seen: a plan, an apply that keeps to one, or the deletions of an apply. */
import type { Blueprint } from '../port/model.ts'
import { hasChanges } from '../report/model.ts'
import type { Recorder } from '../report/recorder.ts'
import { approve } from './approve.ts'
import { readChanges } from './before-after.ts'
import type { LastWrite, RunContext, Seen } from './context.ts'
import { forecast, type Requests } from './forecast.ts'
import { guardLimits } from './guard.ts'
import { followChanges } from './live/changes.ts'
import type { PlanId } from './plan-id.ts'
import type { PlanSink } from './planned.ts'
import { createMissing } from './prepare.ts'
import { remark } from './remarks.ts'
import { type Deletion, decideDeletions, executeDeletions, showDeletions } from './remove.ts'
import { isReportedAsOurs } from './takeover.ts'
import { tryOut } from './try-out.ts'
import type { Writer } from './writer.ts'

export interface Shown {
  plan: PlanSink
  planId: PlanId
  missing: readonly Blueprint[]
  /** Requests that were needed to know the plan; an apply needs as many. */
  reads: Requests
}

/** Shows what apply would do, and what Port would say to it. */
export async function finishPlan(context: RunContext, seen: Seen, shown: Shown): Promise<void> {
  const { inputs, log, recorder, stop } = context
  const { port } = context.connections
  const { plan, planId, missing, reads } = shown
  recorder.explain(operation => {
    const actual = seen.actuals.get(operation.blueprint)
    return actual && seen.base?.view.causeOf(operation, actual.state)
  })
  await tryOut(context, seen, plan.kept, missing)
  stop.throwIfAborted()
  log.info(sayCounts(recorder))
  await remark(context, seen)
  log.group('Delete')
  const deletions = decide(context, seen, true)
  noteDeletions(deletions, planId)
  recorder.report.changes = await readChanges(port, plan.kept, inputs.showValues)
  await showDeletions(deletions, { port, recorder, log, seen })
  recorder.report.forecast = forecast(context, { reads, bulks: plan.bulks, origins: plan.origins, missing })
}

export interface Approved {
  plan: PlanSink
  planId: PlanId
  writer: Writer
  missing: readonly Blueprint[]
  last: LastWrite
}

/** Writes what was planned, if it is what was approved. */
export async function applyPlan(context: RunContext, seen: Seen, approved: Approved): Promise<void> {
  const { inputs, recorder, log, stop } = context
  const { plan, planId, writer, missing, last } = approved
  const deletions = decide(context, seen, true)
  noteDeletions(deletions, planId)
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
  stop.throwIfAborted()
  await finishApply(context, seen, undefined, last)
}

/** @param ownershipKnown whether Port reports as ours what we wrote */
function decide({ inputs }: RunContext, { mapping, ends, actuals, targets }: Seen, ownershipKnown: boolean) {
  return decideDeletions({
    mapping,
    ends,
    actuals,
    ownershipKnown,
    ranks: targets.deletionRanks,
    limits: guardLimits(inputs, mapping.entityDeletionThreshold),
  })
}

/**
 * Deletes what is stale, if Port can be trusted about whose it is.
 *
 * @param planId told what is deleted; undefined when it has been told already
 */
export async function finishApply(
  context: RunContext,
  seen: Seen,
  planId: PlanId | undefined,
  { written, origins }: LastWrite,
): Promise<void> {
  const { inputs, log, recorder, stop } = context
  const { port } = context.connections
  log.info(sayCounts(recorder))
  log.group('Delete')
  const reported = written === undefined || (await isReportedAsOurs(port, inputs.installationId, written))
  const known = reported && [...seen.actuals.values()].every(({ ownershipKnown }) => ownershipKnown)
  if (!known) {
    recorder.warn(
      'Port does not report who wrote an entity (it is derived from the User-Agent header): nothing is deleted, and every run writes everything again. Does a proxy change the header?',
    )
  }
  const deletions = decide(context, seen, reported)
  if (planId !== undefined) noteDeletions(deletions, planId)
  const since = context.connections.portClock.at(context.startedAt)
  await executeDeletions(deletions, { port, recorder, log, stop, since, installationId: inputs.installationId })
  stop.throwIfAborted()
  // What was approved is done exactly; what has changed since is for the next run.
  const free = inputs.expectPlanId === undefined
  if (free && known && hasChanges(recorder.report)) await followChanges(context, seen, origins)
}

function noteDeletions(deletions: readonly Deletion[], planId: PlanId): void {
  for (const { blueprint, verdict, stale } of deletions) {
    if (verdict.status === 'delete') for (const identifier of stale) planId.delete(blueprint, identifier)
  }
}

function sayCounts({ report }: Recorder): string {
  const parts = Object.entries(report.blueprints).map(
    ([blueprint, { created, updated, unchanged, failed }]) =>
      `${blueprint}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed`,
  )
  return parts.join('; ')
}
