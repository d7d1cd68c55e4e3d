/** Hands the finished report to everybody who waits for it: the job summary, the report file, the outputs, the log. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import * as core from '@actions/core'
import { messageOf } from '../errors.ts'
import type { Log } from './log.ts'
import { hasChanges, type Report, totals } from './model.ts'
import { renderSummary, sayTotals } from './summary.ts'

/** Errors after this many are in the summary only: the runner shows ten annotations of a step. */
const MAX_ANNOTATIONS = 9

/**
 * @param reportPath undefined when the inputs were wrong, so that it is not known
 */
export async function publish(report: Report, reportPath: string | undefined, log: Log): Promise<void> {
  log.group('Report')
  log.info(`${report.conclusion}: ${sayTotals(report)}`)
  // Only the first ones become annotations.
  for (const problem of report.problems) log.info(problem)
  if (reportPath !== undefined) writeReport(report, reportPath, log)
  await writeSummary(report, log)
  for (const [name, value] of Object.entries(totals(report))) core.setOutput(name, value)
  core.setOutput('has-changes', hasChanges(report))
  core.setOutput('conclusion', report.conclusion)
  log.endGroup()
  sayOutcome(report, log)
}

function writeReport(report: Report, path: string, log: Log): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`)
    core.setOutput('report-path', path)
    log.info(`Report: ${path}`)
  } catch (error) {
    log.warning(`report-path: the report could not be written to ${path}: ${messageOf(error)}`)
  }
}

async function writeSummary(report: Report, log: Log): Promise<void> {
  // Outside of a runner there is no summary to write to, and the toolkit would throw.
  if (!process.env.GITHUB_STEP_SUMMARY) return
  try {
    await core.summary.addRaw(renderSummary(report)).write()
  } catch (error) {
    log.warning(`The job summary could not be written: ${messageOf(error)}`)
  }
}

/** The reasons of a failed step, as annotations; a failed step without one would be a riddle. */
function sayOutcome(report: Report, log: Log): void {
  for (const warning of report.warnings) log.warning(warning)
  const { failed } = totals(report)
  const reasons = [
    ...report.problems,
    ...report.deletions.flatMap(({ status, reason, blueprint }) =>
      status === 'blocked' ? [`Deletion of ${blueprint} is blocked: ${reason}`] : [],
    ),
  ]
  if (failed > 0) {
    const [first] = report.failures
    const example =
      first === undefined
        ? ''
        : ` For example ${first.blueprint} ${first.identifier}: ${first.field === undefined ? '' : `${first.field} `}${first.reason}`
    reasons.push(`${failed} entities failed; the job summary lists them.${example}`)
  }
  for (const reason of reasons.slice(0, MAX_ANNOTATIONS)) log.error(reason)
  if (reasons.length > MAX_ANNOTATIONS)
    log.error(`… and ${reasons.length - MAX_ANNOTATIONS} more; the log and the job summary have all.`)
  if (report.conclusion !== 'success') process.exitCode = 1
}
