/** The stages of a run: fetch, map, plan, apply, delete. */
import { checkRecorded } from '../check/check.ts'
import type { JqEngine } from '../jq/engine.ts'
import type { Mapping, MappingEntry, MappingFile, Resource } from '../mapping/model.ts'
import { createBlueprints } from '../port/blueprints.ts'
import type { Recorder } from '../report/recorder.ts'
import { together } from '../together.ts'
import type { Actual } from './actual.ts'
import { groupCrawls, type MappingFailures, openCrawls } from './collect.ts'
import type { Connections } from './connect.ts'
import { createFingerprinter, type Fingerprinter } from './fingerprint.ts'
import { type Collision, Planner } from './plan.ts'
import { prepareBlueprints } from './prepare.ts'
import { removeStale } from './remove.ts'
import { Resolver } from './resolve.ts'
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
  connections: Connections
}

const DEFAULT_MAX_DELETE_PERCENT = 30

/**
 * One run: Wiz and Port are read side by side, what is different is written meanwhile, what is gone is deleted last.
 *
 * @throws {ConfigError} before anything was written
 * @throws {StoppedError} when the run was told to end
 */
export async function run(context: RunContext): Promise<void> {
  const { inputs, log, recorder, stop } = context
  const { port, wiz } = context.connections
  log.group('Fetch')
  const [{ mapping, blueprints, missing, findings }, opened, fingerprint] = await together(
    prepareBlueprints(port, context.file, inputs.blueprints, context.actionRoot),
    openCrawls(wiz, groupCrawls(context.resources)),
    createFingerprinter(),
  )
  for (const finding of findings) recorder.warn(finding)
  const { mapping: source } = inputs
  if (!source.bundled) {
    for (const finding of await checkRecorded(mapping, source, blueprints, context.engine)) recorder.warn(finding)
  }
  const parts = new Set(context.resources.map(({ index }) => index))
  const resources = mapping.resources.filter(({ index }) => parts.has(index))
  if (missing.length > 0) {
    await createBlueprints(port, missing)
    recorder.report.createdBlueprints = missing.map(({ identifier }) => identifier)
    log.info(`Port: created the blueprints ${recorder.report.createdBlueprints.join(', ')}`)
  }
  const targets = targetsOf(resources, blueprints)
  const fresh = new Set(recorder.report.createdBlueprints)
  const reading = readStates({
    port,
    fields: targets.fields,
    fresh,
    installationId: inputs.installationId,
    fingerprint,
    log,
  })
  const planning = reading.then(actuals => createPlanner(actuals, targets, fingerprint, recorder))
  // Wiz is read meanwhile; a failure shows where the planner is needed.
  planning.catch(() => {})

  const last: LastWrite = {}
  const { enableMergeEntity: merge, createMissingRelatedEntities } = mapping
  const onOutcome = (outcome: WriteOutcome) => recordWrite(outcome, recorder, last)
  const writer = new Writer({
    port,
    flags: { merge, createMissingRelatedEntities },
    ranks: targets.ranks,
    stop,
    onOutcome,
  })
  let ends: ResourceEnd[] = []
  try {
    const noteOwners = createOwnerNotes(port, recorder)
    const failures: MappingFailures = { resources: new Map(), trips: new Map() }
    const resolver = new Resolver({
      port,
      relationsOf: blueprint => blueprints.get(blueprint)?.relations ?? {},
      written: new Set(targets.fields.keys()),
      settled: () => writer.drain(),
    })
    const { engine } = context
    const options = { planning, noteOwners, resolver, writer, recorder, log, engine, fingerprint, failures }
    ends = await streamAll(opened, resources, blueprints, targets, options)
    await settle(await planning, options, context)
  } finally {
    // After an error too: what is in flight finishes and is counted.
    await writer.finish()
  }
  const actuals = await reading
  for (const [blueprint, { state }] of actuals) recorder.count(blueprint, 'unchanged', state.unchangedCount)
  log.info(sayCounts(recorder))
  stop.throwIfAborted()
  await remove(context, { mapping, ends, actuals, targets, written: last.written })
}

/** Says what was planned, and hands over the updates that were held back until everything was seen. */
async function settle(
  planner: Planner,
  { writer, noteOwners }: StreamOptions,
  { log, recorder, stop }: RunContext,
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
  log.info(`${updates.length} updates were held back until all objects were seen, and are written now`)
  log.group('Apply')
  for (const operation of updates) await writer.add(operation)
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

function recordWrite(outcome: WriteOutcome, recorder: Recorder, last: LastWrite): void {
  const { operation } = outcome
  const { blueprint } = operation
  const { identifier } = operation.entity
  if (outcome.status === 'failed') {
    recorder.failed({ blueprint, identifier, reason: outcome.reason })
    return
  }
  last.written = { blueprint, identifier }
  if (!operation.again) recorder.count(blueprint, outcome.status)
}

interface RemoveInput {
  mapping: Mapping
  ends: readonly ResourceEnd[]
  actuals: ReadonlyMap<string, Actual>
  targets: Targets
  written: LastWrite['written'] | undefined
}

async function remove(context: RunContext, { mapping, ends, actuals, targets, written }: RemoveInput): Promise<void> {
  const { inputs, log, recorder, stop } = context
  const { port } = context.connections
  log.group('Delete')
  const reported = written === undefined || (await isReportedAsOurs(port, inputs.installationId, written))
  if (!reported || [...actuals.values()].some(({ ownershipKnown }) => !ownershipKnown)) {
    recorder.warn(
      'Port does not report who wrote an entity (it is derived from the User-Agent header): nothing is deleted, and every run writes everything again. Does a proxy change the header?',
    )
  }
  const threshold = mapping.entityDeletionThreshold
  await removeStale({
    port,
    mapping,
    ends,
    actuals,
    ownershipKnown: reported,
    ranks: targets.ranks,
    limits: {
      deleteStale: inputs.deleteStale,
      maxDeletePercent:
        inputs.maxDeletePercent ?? (threshold === undefined ? DEFAULT_MAX_DELETE_PERCENT : threshold * 100),
      allowMassDelete: inputs.allowMassDelete,
    },
    stop,
    recorder,
    log,
  })
  stop.throwIfAborted()
}

function sayCounts({ report }: Recorder): string {
  const parts = Object.entries(report.blueprints).map(
    ([blueprint, { created, updated, unchanged, failed }]) =>
      `${blueprint}: ${created} created, ${updated} updated, ${unchanged} unchanged, ${failed} failed`,
  )
  return parts.join('; ')
}
