/** Hands the finished report to everybody who waits for it: the job summary, the report file, the outputs, the log. */
import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import * as core from '@actions/core'
import { messageOf, type Problem, sayProblem } from '../errors.ts'
import { pageParts } from './html/page.ts'
import type { Log } from './log.ts'
import { hasChanges, type Report, totals } from './model.ts'
import { pageBeside, reportParts, writeParts } from './parts.ts'
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

/** What cannot be handed over is a warning to everybody who can still be told: it does not change how the run ended. */
export async function publish({ report, reportPath, redactor, log }: Publication): Promise<void> {
  if (report.conclusion !== 'success') process.exitCode = 1
  log.group('Report')
  log.info(`${report.conclusion}: ${sayTotals(report)}`)
  const sinks: Sinks = {
    redactor,
    log,
    lost: (what, error) => report.warnings.push({ message: redactor.text(`${what}: ${messageOf(error)}`) }),
  }
  const outputs: Record<string, string | number | boolean> = { ...totals(report), 'has-changes': hasChanges(report) }
  if (reportPath !== undefined && writeReport(report, reportPath, sinks)) outputs['report-path'] = reportPath
  await writeSummary(report, sinks)
  setOutputs({ ...outputs, 'plan-id': report.planId, conclusion: report.conclusion }, sinks)
  const levels = Object.entries(leveled(report)) as [Level, readonly Problem[]][]
  // Only the first ones become annotations.
  for (const [level, problems] of levels) {
    for (const problem of problems) log.info(`${level}: ${sayProblem(problem)}`)
  }
  log.endGroup()
  for (const [level, problems] of levels) annotate(level, problems, report, log)
}

interface Sinks {
  redactor: Redactor
  log: Log
  /** Told what did not get where it should. */
  lost: (what: string, error: unknown) => void
}

/** @returns whether there is a report at the path */
function writeReport(report: Report, path: string, { redactor, log, lost }: Sinks): boolean {
  try {
    mkdirSync(dirname(path), { recursive: true })
    writeParts(path, reportParts(report), redactor)
    log.info(`Report: ${path}`)
  } catch (error) {
    lost(`report-path: the report could not be written to ${path}`, error)
    return false
  }
  if (report.mode === 'validate') return true
  const page = pageBeside(path)
  try {
    writeParts(page, pageParts(report), redactor)
    log.info(`Report to look at: ${page}`)
  } catch (error) {
    lost(`report-path: the report to look at could not be written to ${page}`, error)
  }
  return true
}

async function writeSummary(report: Report, { redactor, lost }: Sinks): Promise<void> {
  // Outside of a runner there is no summary to write to, and the toolkit would throw.
  if (!process.env.GITHUB_STEP_SUMMARY) return
  try {
    await core.summary.addRaw(redactor.text(renderSummary(report))).write()
  } catch (error) {
    lost('The job summary could not be written', error)
  }
}

function setOutputs(outputs: Record<string, unknown>, { lost }: Sinks): void {
  try {
    for (const [name, value] of Object.entries(outputs)) core.setOutput(name, value)
  } catch (error) {
    lost('The outputs could not be set', error)
  }
}

type Level = 'notice' | 'warning' | 'error'

/** Everything that a person should see as annotations; a failed step without one would be a riddle. */
function leveled(report: Report): Record<Level, readonly Problem[]> {
  const { problems, warnings, notes } = report
  return { notice: notes, warning: warnings, error: [...problems, ...blocked(report), ...failures(report)] }
}

function annotate(level: Level, problems: readonly Problem[], { mappingInRepository }: Report, log: Log): void {
  for (const problem of problems.slice(0, MAX_ANNOTATIONS)) {
    const { message, place } = problem
    // A file of the action has no line that the repository could show.
    if (place === undefined || !mappingInRepository) log[level](sayProblem(problem))
    else log[level](message, place)
  }
  const more = problems.length - MAX_ANNOTATIONS
  if (more > 0) log[level](`… and ${more} more; the log has all.`)
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
  return [
    {
      message: `${failed} entities failed; the job summary has the first of them, the report file up to 10,000.${example}`,
    },
  ]
}
