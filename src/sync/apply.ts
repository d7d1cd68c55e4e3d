/** An apply that Port shows among its data sources while it runs, and how it ended. */
import { ConfigError, StoppedError } from '../errors.ts'
import { OutageError } from '../http/outage.ts'
import type { ResyncStatus } from '../port/integration.ts'
import { conclusionOf } from '../report/model.ts'
import { VERSION } from '../version.ts'
import { connect } from './connect.ts'
import type { RunContext } from './context.ts'
import { Examples } from './examples.ts'
import { type Registration, register } from './registration.ts'
import { run } from './run.ts'

/** For the last words of a run whose requests were all given up: the runner kills the process soon. */
const LAST_WORDS_MS = 1_500

/** @param document the mapping as it is in its file */
export async function applyRegistered(context: RunContext, document: Record<string, unknown>): Promise<void> {
  const { inputs, connections } = context
  if (!inputs.registerIntegration) return run(context)
  const integration = { identifier: inputs.installationId, version: VERSION, config: document }
  const registration = register(connections.port, integration)
  const examples = inputs.sendRawExamples ? new Examples(context.redact) : undefined
  let failure: unknown
  try {
    await run({ ...context, examples })
  } catch (error) {
    failure = error
    throw error
  } finally {
    await end(context, registration, statusOf(context, failure), examples, failure)
  }
}

function statusOf({ stop, recorder }: RunContext, failure: unknown): ResyncStatus {
  if (stop.aborted || failure instanceof StoppedError) return 'aborted'
  return failure === undefined && conclusionOf(recorder.report) === 'success' ? 'completed' : 'failed'
}

async function end(
  context: RunContext,
  registration: Registration,
  status: ResyncStatus,
  examples: Examples | undefined,
  failure: unknown,
): Promise<void> {
  const { inputs, log, recorder, connections } = context
  const sent = status === 'aborted' ? undefined : examples
  if (!context.abort.aborted) {
    warn(await registration.finish(connections.port, status, sent))
    return
  }
  const lastWords = AbortSignal.timeout(LAST_WORDS_MS)
  const own = connect(inputs, log, { ...context, stop: lastWords, abort: lastWords })
  try {
    warn(await registration.finish(own.port, status))
  } finally {
    await own.close()
  }

  function warn(problems: readonly string[]): void {
    // Where the run could not reach Port at all, that is said already.
    const said = failure instanceof ConfigError || failure instanceof OutageError
    if (!said) for (const problem of problems) recorder.warn(problem)
  }
}
