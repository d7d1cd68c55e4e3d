/** Hands the finished report to everybody who waits for it: the job summary, the report file, the outputs, the log. */
import { mkdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import * as core from '@actions/core'
import { messageOf, type Problem, sayProblem } from '../errors.ts'
import { pageParts } from './html/page.ts'
import type { Log } from './log.ts'
import { hasChanges, type Report, totals } from './model.ts'
import { reportParts, writeParts } from './parts.ts'
import type { Redactor } from './redact.ts'
import { sayTotals } from './summary/headline.ts'
import { renderSummary } from './summary.ts'

/** The runner shows ten annotations of each level of a step; the last one says how many more there are. */
const MAX_ANNOTATIONS = 9

export interface Publication {
  report: Report
  /** Undefined when the inputs were wrong, so that it is not known. */
  reportPath: string | undefined
  /** What services answer may hold a secret: it goes nowhere. */
  redactor: Redactor
  log: Log
}

export async function publish({ report, reportPath, redactor, log }: Publication): Promise<void> {
  log.group('Report')
  log.info(`${report.conclusion}: ${sayTotals(report)}`)
  // Only the first ones become annotations.
  for (const [level, problems] of Object.entries(leveled(report))) {
    for (const problem of problems) log.info(`${level}: ${sayProblem(problem)}`)
  }
  if (reportPath !== undefined) writeReport(report, reportPath, redactor, log)
  await writeSummary(report, redactor, log)
  for (const [name, value] of Object.entries(totals(report))) core.setOutput(name, value)
  core.setOutput('has-changes', hasChanges(report))
  core.setOutput('plan-id', report.planId)
  core.setOutput('conclusion', report.conclusion)
  log.endGroup()
  sayOutcome(report, log)
}

function writeReport(report: Report, path: string, redactor: Redactor, log: Log): void {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeParts(path, reportParts(report), redactor)
    core.setOutput('report-path', path)
    log.info(`Report: ${path}`)
    if (report.mode === 'validate') return
    const page = join(dirname(path), 'report.html')
    writeParts(page, pageParts(report), redactor)
    log.info(`Report to look at: ${page}`)
  } catch (error) {
    log.warning(`report-path: the report could not be written to ${path}: ${messageOf(error)}`)
  }
}

async function writeSummary(report: Report, redactor: Redactor, log: Log): Promise<void> {
  // Outside of a runner there is no summary to write to, and the toolkit would throw.
  if (!process.env.GITHUB_STEP_SUMMARY) return
  try {
    await core.summary.addRaw(redactor.text(renderSummary(report))).write()
  } catch (error) {
    log.warning(`The job summary could not be written: ${messageOf(error)}`)
  }
}

type Level = 'error' | 'warning' | 'notice'

function leveled({ problems, warnings, notes }: Report): Record<Level, readonly Problem[]> {
  return { error: problems, warning: warnings, notice: notes }
}

/** Everything that a person should see as annotations; a failed step without one would be a riddle. */
function sayOutcome(report: Report, log: Log): void {
  const { error, warning, notice } = leveled(report)
  annotate('notice', notice, report, log)
  annotate('warning', warning, report, log)
  annotate('error', [...error, ...blocked(report), ...failures(report)], report, log)
  if (report.conclusion !== 'success') process.exitCode = 1
}

function annotate(level: Level, problems: readonly Problem[], { mappingInRepository }: Report, log: Log): void {
  for (const problem of problems.slice(0, MAX_ANNOTATIONS)) {
    const { message, place } = problem
    // A file of the action has no line that the repository could show.
    if (place === undefined || !mappingInRepository) log[level](sayProblem(problem))
    else log[level](message, place)
  }
  const more = problems.length - MAX_ANNOTATIONS
  if (more > 0) log[level](`… and ${more} more; the log and the job summary have all.`)
}

function blocked({ deletions }: Report): Problem[] {
  return deletions.flatMap(({ status, reason, blueprint }) =>
    status === 'blocked' ? { message: `Deletion of ${blueprint} is blocked: ${reason}` } : [],
  )
}

function failures(report: Report): Problem[] {
  const { failed } = totals(report)
  if (failed === 0) return []
  const [first] = report.failures
  const example =
    first === undefined
      ? ''
      : ` For example ${first.blueprint} ${first.identifier}: ${first.field === undefined ? '' : `${first.field} `}${first.reason}`
  return [{ message: `${failed} entities failed; the job summary lists them.${example}` }]
}
