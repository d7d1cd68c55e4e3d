/** The action: read inputs, sync or only check, report. Whatever is thrown on the way ends here, as a sentence and a failed step. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { setFlagsFromString } from 'node:v8'
import * as core from '@actions/core'
import { comment } from './comment.ts'
import { type Inputs, readInputs } from './inputs.ts'
import { createEngine } from './jq/create.ts'
import { explain } from './report/explain.ts'
import { createLog, outliveLog } from './report/log.ts'
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
const HEAP_FLAG = '--heap-growing-percent=30'

/**
 * V8 optimizes a function of jq's WebAssembly once about 2 MB of it were executed. In a run of a second that takes a
 * quarter of all processor time, and pays for none of it; with this budget it optimizes what a run keeps executing.
 */
const JQ_FLAG = '--wasm-tiering-budget=500000000'

export async function main(): Promise<void> {
  const startedAt = performance.now()
  for (const flag of [HEAP_FLAG, JQ_FLAG]) setFlagsFromString(flag)
  outliveLog()
  const stop = watchForStop()
  const redactor = new Redactor()
  const mask = (secret: string) => {
    for (const form of redactor.add(secret)) core.setSecret(form)
  }
  const log = createLog(redactor)
  const recorder = new Recorder()
  let inputs: Inputs | undefined
  // A defect of ours that nobody waits for: the run goes on to its report, and is not green.
  process.on('unhandledRejection', error => {
    explain(error, recorder, log)
    process.exitCode = 1
  })
  try {
    // Both src/ and dist/ lie in the action's root.
    const actionRoot = join(dirname(fileURLToPath(import.meta.url)), '..')
    inputs = readInputs(actionRoot, mask)
    stop.limit(inputs.timeBudgetMinutes)
    log.info(inputs.modeReason)
    recorder.showValues = inputs.showValues
    recorder.report.mode = inputs.setupWebhook ? 'webhook' : inputs.mode
    recorder.report.installation = inputs.installationId
    recorder.report.mappingInRepository = !inputs.mapping.bundled
    const engine = createEngine(inputs.jqPath, stop.stop)
    try {
      const redact = (text: string) => redactor.text(text)
      await perform({ ...stop, inputs, actionRoot, engine, recorder, log, mask, redact })
    } finally {
      await engine.close()
    }
  } catch (error) {
    explain(error, recorder, log)
  }
  recorder.report.durationMs = Math.round(performance.now() - startedAt)
  const report = redactor.data(recorder.finish())
  if (inputs?.mode === 'plan') await comment({ inputs, report, redactor, log, signal: stop.abort })
  await publish({ report, reportPath: inputs?.reportPath, redactor, log })
  stop.release()
}

async function perform(context: SyncContext): Promise<void> {
  const { mode, setupWebhook } = context.inputs
  if (mode === 'validate') return validate(context)
  if (!setupWebhook) return sync(context)
  const { url, secret } = await setUpWebhook(context)
  core.setOutput('webhook-url', url)
  core.setOutput('webhook-secret', secret)
}
