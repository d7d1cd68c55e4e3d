/** The mode that only checks the mapping: no network, no credentials, nothing written. */
import { checkOffline } from './check/check.ts'
import type { Inputs } from './inputs.ts'
import type { JqEngine } from './jq/engine.ts'
import type { Log } from './report/log.ts'
import type { Recorder } from './report/recorder.ts'

export interface ValidateContext {
  inputs: Inputs
  /** The folder of the action, with its own mapping, blueprints and examples. */
  actionRoot: string
  engine: JqEngine
  recorder: Recorder
  log: Log
}

/** Everything that is found goes into the record. */
export async function validate({ inputs, actionRoot, engine, recorder, log }: ValidateContext): Promise<void> {
  log.group('Check mapping')
  const { workspace } = inputs
  const { path, name } = inputs.mapping
  const { mapping, findings, examples } = await checkOffline({ path, name, workspace, actionRoot, engine })
  for (const finding of findings) {
    if (finding.level === 'error') recorder.problem(finding)
    else if (finding.level === 'warning') recorder.warn(finding)
    else recorder.note(finding)
  }
  recorder.report.mapping = name
  recorder.report.examples = examples
  log.info(`${name}: ${mapping?.resources.length ?? 0} resources checked`)
  for (const { kind, resource, objects } of examples) {
    log.info(`${kind} (resource ${resource + 1}): tried on ${objects} example objects`)
  }
}
