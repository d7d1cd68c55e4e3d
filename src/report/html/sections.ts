/** The parts of the page besides its operations: what a summary says too, with more of it. */
import { sayProblem } from '../../errors.ts'
import { html } from '../escape.ts'
import { format, seconds } from '../markup.ts'
import type { Report } from '../model.ts'
import type { Section } from '../section.ts'
import { deletions } from '../summary/deletions.ts'
import { drift } from '../summary/drift.ts'
import { collisions, fieldErrors, kinds, takeovers } from '../summary/objects.ts'
import { counts, createdBlueprints, failures } from '../summary/outcome.ts'
import { causes, changedFields, outlook } from '../summary/plan.ts'
import { traffic } from '../summary/traffic.ts'

/** A browser takes its time for more, and the report file has them all. */
const ROOM = { bytes: Number.POSITIVE_INFINITY, rows: 1_000 }

/** What its reader has to know or to decide. */
export function problems({ problems: wrong, warnings, notes, deletions: decided }: Report): string {
  const items = [
    ...decided.flatMap(({ status, blueprint, reason = '' }) =>
      status === 'blocked' ? [`<li>Deletion of ${html(blueprint)} is blocked: ${html(reason)}</li>`] : [],
    ),
    ...wrong.map(problem => `<li>${html(sayProblem(problem))}</li>`),
    ...warnings.map(warning => `<li class="warning">${html(sayProblem(warning))}</li>`),
    ...notes.map(note => `<li class="note">${html(sayProblem(note))}</li>`),
  ]
  return items.length === 0 ? '' : `<ul class="problems">\n${items.join('\n')}\n</ul>`
}

/** What apply would do besides the operations, and how long it would take. */
export function prospects(report: Report): string {
  return [...createdBlueprints(report), ...outlook(report)].map(contentOf).join('\n')
}

/** Folded, so that the operations are never far; failures stand open. */
export function folded(report: Report): string {
  const plan = report.mode === 'plan'
  const sections = [
    ...failures(report),
    ...fieldErrors(report),
    ...drift(report),
    ...deletions({ ...report, deletions: report.deletions.filter(({ status }) => status !== 'blocked') }),
    ...(plan ? [...causes(report), ...changedFields(report)] : []),
    ...collisions(report),
    ...takeovers(report),
    ...kinds(report),
    ...counts(report),
  ]
  return sections.map(section => fold(section, section.title.startsWith('Failures'))).join('\n')
}

function fold(section: Section, open: boolean): string {
  return `<details class="section"${open ? ' open' : ''}><summary>${section.title}</summary>\n${contentOf(section)}\n</details>`
}

export function footer(report: Report): string {
  const took = report.durationMs > 0 ? ` in ${seconds(report.durationMs)}` : ''
  const operations = `${format(report.operations.length)} operations${took}`
  return `<footer>\n${traffic(report).map(contentOf).join('\n')}\n<p class="faint">${operations}, wiz-to-port ${html(report.version)}</p>\n</footer>`
}

function contentOf({ body }: Section): string {
  return body(ROOM) ?? ''
}
