/** The action: read inputs, sync or only check, report. Whatever is thrown on the way ends here, as a sentence and a failed step. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import * as core from '@actions/core'
import { comment } from './comment.ts'
import { ConfigError, messageOf, StoppedError } from './errors.ts'
import { type Inputs, readInputs } from './inputs.ts'
import { createLog, type Log } from './report/log.ts'
import { publish } from './report/publish.ts'
import { Recorder } from './report/recorder.ts'
import { Redactor } from './report/redact.ts'
import { watchForStop } from './stop.ts'
import { type SyncContext, sync } from './sync/sync.ts'
import { setUpWebhook } from './sync/webhook.ts'
import { validate } from './validate.ts'

/**
 * V8 lets garbage grow to several times what is alive before it collects. Pages of a megabyte that live for a moment
 * would take 350 MB of a runner that other steps share; collecting earlier needs 240 MB, for about 2% of the time.
 */
const HEAP_FLAGS = '--heap-growing-percent=30'

export async function main(): Promise<void> {
  const startedAt = performance.now()
  setFlagsFromString(HEAP_FLAGS)
  const redactor = new Redactor()
  const mask = (secret: string) => {
    for (const form of redactor.add(secret)) core.setSecret(form)
  }
  const log = createLog(redactor)
  const recorder = new Recorder()
  let inputs: Inputs | undefined
  try {
    // Both src/ and dist/ lie in the action's root.
    const actionRoot = join(dirname(fileURLToPath(import.meta.url)), '..')
    inputs = readInputs(actionRoot, mask)
    log.info(inputs.modeReason)
    recorder.report.mode = inputs.setupWebhook ? 'webhook' : inputs.mode
    recorder.report.installation = inputs.installationId
    recorder.report.mappingInRepository = !inputs.mapping.bundled
    if (inputs.mode === 'validate') await validate({ inputs, actionRoot, recorder, log })
    else await syncWithin({ inputs, actionRoot, recorder, log, mask })
  } catch (error) {
    explain(error, recorder, log)
  }
  recorder.report.durationMs = Math.round(performance.now() - startedAt)
  recorder.finish()
  if (inputs?.mode === 'plan') await comment(inputs, recorder, redactor, log)
  await publish({ report: recorder.report, reportPath: inputs?.reportPath, redactor, log })
}

async function syncWithin(run: Omit<SyncContext, 'stop' | 'abort'>): Promise<void> {
  const { inputs } = run
  const { stop, abort, release } = watchForStop(inputs.timeBudgetMinutes)
  const context = { ...run, stop, abort }
  try {
    if (!inputs.setupWebhook) return await sync(context)
    const { url, secret } = await setUpWebhook(context)
    core.setOutput('webhook-url', url)
    core.setOutput('webhook-secret', secret)
  } finally {
    release()
  }
}

function explain(error: unknown, recorder: Recorder, log: Log): void {
  if (error instanceof ConfigError) {
    for (const problem of error.problems) recorder.problem(problem)
    return
  }
  if (error instanceof StoppedError) {
    recorder.problem(`${error.message}: nothing more was written or deleted after that. Running again continues.`)
    return
  }
  recorder.problem(messageOf(error))
  if (error instanceof Error && error.stack !== undefined) log.debug(error.stack)
}
