/** The sync: mapping, then Wiz and Port side by side, then what is different is written, then what is gone is deleted. */
import { StoppedError } from '../errors.ts'
import type { Inputs } from '../inputs.ts'
import type { JqEngine } from '../jq/engine.ts'
import { createNativeEngine } from '../jq/native.ts'
import { createWasmEngine } from '../jq/wasm.ts'
import { checkExpressions } from '../mapping/compile.ts'
import { readMapping } from '../mapping/file.ts'
import type { Mapping, Resource } from '../mapping/model.ts'
import { createBlueprints } from '../port/blueprints.ts'
import type { Log } from '../report/log.ts'
import type { Recorder } from '../report/recorder.ts'
import { together } from '../together.ts'
import type { Actual } from './actual.ts'
import { groupCrawls, openCrawls } from './collect.ts'
import { type Connections, connect } from './connect.ts'
import { createFingerprinter } from './fingerprint.ts'
import { Planner } from './plan.ts'
import { prepareBlueprints, selectResources } from './prepare.ts'
import { removeStale } from './remove.ts'
import { readStates } from './states.ts'
import { type ResourceEnd, streamAll } from './stream.ts'
import { isReportedAsOurs, nameFormerOwners } from './takeover.ts'
import { type Targets, targetsOf } from './targets.ts'
import { type WriteOutcome, Writer } from './writer.ts'

export interface SyncContext {
  inputs: Inputs
  /** The folder of the action, with its own mapping and blueprints. */
  actionRoot: string
  recorder: Recorder
  log: Log
  /** Aborted when the run is to end: nothing new is started. */
  stop: AbortSignal
  /** Aborted a little later: what is in flight is given up. */
  abort: AbortSignal
  /** Told every token before it is used. */
  mask: (secret: string) => void
}

const DEFAULT_MAX_DELETE_PERCENT = 30

/**
 * @throws {ConfigError} before anything was written
 * @throws {StoppedError} when the run was told to end; what it did by then is in the record
 */
export async function sync(context: SyncContext): Promise<void> {
  const { inputs, log, recorder } = context
  log.group('Read mapping')
  const mapping = readMapping(inputs.mapping.path, inputs.mapping.name)
  const resources = selectResources(mapping, inputs.kinds)
  recorder.report.mapping = mapping.file
  if (inputs.mapping.bundled)
    log.info('The repository has no .github/wiz-to-port.yml: the mapping of the action is used')
  log.info(`${mapping.file}: ${resources.length} of ${mapping.resources.length} resources are part of this run`)

  const engine = inputs.jqPath === undefined ? createWasmEngine() : await createNativeEngine(inputs.jqPath)
  // Ends what is still asked when the run is over: one failure must not leave others retrying.
  const over = new AbortController()
  const until = (signal: AbortSignal) => AbortSignal.any([signal, over.signal])
  const connections = connect(inputs, log, { ...context, stop: until(context.stop), abort: until(context.abort) })
  try {
    await checkExpressions(mapping, engine)
    await run({ ...context, mapping, resources, engine, connections })
  } finally {
    over.abort(new StoppedError('The run is over'))
    recorder.report.wiz = connections.wizTraffic.counts
    recorder.report.port = connections.portTraffic.counts
    await Promise.all([engine.close(), connections.close()])
  }
}

interface RunContext extends SyncContext {
  mapping: Mapping
  resources: readonly Resource[]
  engine: JqEngine
  connections: Connections
}

async function run(context: RunContext): Promise<void> {
  const { inputs, log, recorder, mapping, resources, stop } = context
  const { port, wiz } = context.connections
  log.group('Fetch')
  const [{ blueprints, missing }, opened, fingerprint] = await together(
    prepareBlueprints(port, mapping, inputs.blueprints, context.actionRoot),
    openCrawls(wiz, groupCrawls(resources)),
    createFingerprinter(),
  )
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
  const planning = reading.then(
    actuals =>
      new Planner(new Map([...actuals].map(([name, { state }]) => [name, state])), targets.relations, fingerprint),
  )
  // Wiz is read meanwhile; a failure shows where the planner is needed.
  planning.catch(() => {})

  const write = { written: undefined as Written | undefined }
  const writer = new Writer({
    port,
    flags: { merge: mapping.enableMergeEntity, createMissingRelatedEntities: mapping.createMissingRelatedEntities },
    ranks: targets.ranks,
    stop,
    onOutcome: outcome => recordWrite(outcome, recorder, write),
  })
  let ends: ResourceEnd[] = []
  try {
    const options = { planning, writer, recorder, log, engine: context.engine, fingerprint, failures: new Map() }
    ends = await streamAll(opened, blueprints, targets, options)
    await settle(await planning, writer, context)
  } finally {
    // After an error too: what is in flight finishes and is counted.
    await writer.finish()
  }
  const actuals = await reading
  const planner = await planning
  for (const collision of planner.collisions) recorder.collided(collision)
  for (const [blueprint, { state }] of actuals) recorder.count(blueprint, 'unchanged', state.unchangedCount)
  log.info(sayCounts(recorder))
  stop.throwIfAborted()
  await remove(context, { ends, actuals, targets, written: write.written })
}

/** Says what was planned, and hands over the updates that were held back until everything was seen. */
async function settle(
  planner: Planner,
  writer: Writer,
  { log, recorder, stop, connections }: RunContext,
): Promise<void> {
  stop.throwIfAborted()
  log.group('Map')
  for (const { kind, objects } of recorder.report.kinds) log.info(`${kind}: ${objects} objects mapped`)
  for (const { kind, field, count, message } of recorder.report.fieldErrors) {
    log.info(`${kind}: ${field} failed on ${count} objects and was left out there: ${message}`)
  }
  log.group('Plan')
  const updates = planner.settle()
  await nameFormerOwners(updates, connections.port, recorder)
  log.info(`${updates.length} updates were held back until all objects were seen, and are written now`)
  log.group('Apply')
  for (const operation of updates) await writer.add(operation)
}

interface Written {
  blueprint: string
  identifier: string
}

function recordWrite(outcome: WriteOutcome, recorder: Recorder, write: { written: Written | undefined }): void {
  const { operation } = outcome
  const { blueprint } = operation
  const { identifier } = operation.entity
  if (outcome.status === 'failed') {
    recorder.failed({ blueprint, identifier, reason: outcome.reason })
    return
  }
  write.written = { blueprint, identifier }
  if (!operation.again) recorder.count(blueprint, outcome.status)
}

interface RemoveInput {
  ends: readonly ResourceEnd[]
  actuals: ReadonlyMap<string, Actual>
  targets: Targets
  written: Written | undefined
}

async function remove(context: RunContext, { ends, actuals, targets, written }: RemoveInput): Promise<void> {
  const { inputs, log, recorder, mapping, stop } = context
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
