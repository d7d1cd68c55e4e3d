/** The sync, from the inputs to its end: checks the mapping, opens what a run needs, runs it, and closes it again. */
import { checkRead } from '../check/check.ts'
import { ConfigError, StoppedError } from '../errors.ts'
import type { Inputs } from '../inputs.ts'
import type { JqEngine } from '../jq/engine.ts'
import type { LiveEvent } from '../live-event.ts'
import { readMapping } from '../mapping/file.ts'
import type { Log } from '../report/log.ts'
import type { Recorder } from '../report/recorder.ts'
import { applyRegistered } from './apply.ts'
import { readBase } from './base-mapping.ts'
import { connect } from './connect.ts'
import type { RunContext } from './context.ts'
import { follow } from './live/follow.ts'
import { selectResources } from './prepare.ts'
import { run } from './run.ts'

export interface SyncContext {
  inputs: Inputs
  /** The folder of the action, with its own mapping and blueprints. */
  actionRoot: string
  engine: JqEngine
  recorder: Recorder
  log: Log
  /** Aborted when the run is to end: nothing new is started. */
  stop: AbortSignal
  /** Aborted a little later: what is in flight is given up. */
  abort: AbortSignal
  /** Told every token before it is used. */
  mask: (secret: string) => void
  /** Takes every secret that was masked so far out of a text. */
  redact: (text: string) => string
}

/**
 * @throws {ConfigError} before anything was written
 * @throws {StoppedError} when the run was told to end; what it did by then is in the record
 */
export async function sync(context: SyncContext): Promise<void> {
  const { inputs, engine, log, recorder } = context
  log.group('Read mapping')
  const read = readMapping(inputs.mapping.path, inputs.mapping.name)
  const file = read.mapping
  recorder.report.mapping = file.file
  recorder.report.mappingHash = read.hash
  if (inputs.mapping.bundled)
    log.info('The repository has no .github/wiz-to-port.yml: the mapping of the action is used')

  // Ends what is still asked when the run is over: one failure must not leave others retrying.
  const over = new AbortController()
  const until = (signal: AbortSignal) => AbortSignal.any([signal, over.signal])
  const connections = connect(inputs, log, {
    mask: context.mask,
    stop: until(context.stop),
    abort: until(context.abort),
  })
  try {
    const findings = await checkRead(read, engine)
    for (const finding of findings) if (finding.level === 'warning') recorder.warn(finding)
    const errors = findings.filter(({ level }) => level === 'error')
    if (errors.length > 0) throw new ConfigError(errors)
    const resources = selectResources(file, inputs.kinds)
    log.info(`${file.file}: ${resources.length} of ${file.resources.length} resources are part of this run`)
    const baseFile = inputs.mode === 'plan' ? await readBase(context) : undefined
    const startedAt = performance.now()
    const running = { ...context, startedAt, file, baseFile, resources, connections }
    if (inputs.event !== undefined) await followEvent(running, inputs.event)
    else if (inputs.mode === 'plan') await run(running)
    else await applyRegistered(running, read.document)
  } finally {
    over.abort(new StoppedError('The run is over'))
    recorder.report.wiz = connections.wizTraffic.counts
    recorder.report.port = connections.portTraffic.counts
    await connections.close()
  }
}

async function followEvent(context: RunContext, event: LiveEvent): Promise<void> {
  const { log, recorder } = context
  log.group('Follow the event')
  log.info(`The event names ${event.ids.length} ${event.source}: ${event.ids.join(', ')}`)
  recorder.report.event = event
  await follow(context, event)
}
