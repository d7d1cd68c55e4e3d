/** Keeps one comment with the plan on the pull request. */
import { ServiceError } from './errors.ts'
import { createGithubClient, permissionHint } from './github/client.ts'
import type { Inputs } from './inputs.ts'
import { markerOf, renderComment } from './report/comment.ts'
import type { Log } from './report/log.ts'
import { hasChanges, type Report } from './report/model.ts'
import type { Redactor } from './report/redact.ts'

export interface CommentContext {
  inputs: Inputs
  /** Without secrets; told when there is no comment. */
  report: Report
  redactor: Redactor
  log: Log
  /** Aborted when the process has to end. */
  signal: AbortSignal
}

/** A comment that cannot be written is a warning: the job summary has the same, and more. */
export async function comment({ inputs, report, redactor, log, signal }: CommentContext): Promise<void> {
  const { github } = inputs
  if (github?.comment !== true) return
  // A pull request that changes nothing needs no comment, unless an earlier state of it had one.
  const create = hasChanges(report) || report.conclusion !== 'success'
  try {
    const done = await createGithubClient({ ...github, signal }).keepComment(
      markerOf(report),
      redactor.text(renderComment(report)),
      create,
    )
    log.info(`Comment on the pull request: ${done}`)
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error
    const message = `The comment on the pull request could not be written: ${error.message}.${permissionHint(error, 'pull-requests: write')} The job summary has the plan.`
    report.warnings.push({ message: redactor.text(message) })
  }
}
