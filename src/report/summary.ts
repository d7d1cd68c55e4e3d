/** The job summary: what happened, in the order in which a person wants to know it. A pure function of the report. */
import type { Report } from './model.ts'
import { layOut, type Section } from './section.ts'
import { deletions } from './summary/deletions.ts'
import { drift } from './summary/drift.ts'
import { examples } from './summary/examples.ts'
import { headline } from './summary/headline.ts'
import { collisions, fieldErrors, kinds, takeovers } from './summary/objects.ts'
import { counts, createdBlueprints, failures, problems } from './summary/outcome.ts'
import { causes, changedFields, changes, chart, created, outlook } from './summary/plan.ts'
import { traffic, version } from './summary/traffic.ts'

/** GitHub drops a summary of over 1 MiB whole; this leaves room for other steps' tools that add to it. */
const MAX_BYTES = 900 * 1024
/** Of each table: nobody reads more of them here. */
const MAX_ROWS = 100

/**
 * @returns Markdown with HTML in it, at most `maxBytes` as UTF-8; what does not fit is left out, and that is said
 * @param where a comment has no chart
 */
export function renderSummary(report: Report, maxBytes = MAX_BYTES, where: 'summary' | 'comment' = 'summary'): string {
  return layOut(sectionsOf(report, where), { bytes: maxBytes, rows: MAX_ROWS })
}

function sectionsOf(report: Report, where: 'summary' | 'comment'): Section[] {
  const plan = report.mode === 'plan'
  return [
    ...headline(report),
    ...problems(report),
    ...counts(report),
    ...createdBlueprints(report),
    ...failures(report),
    ...drift(report),
    ...deletions(report),
    ...(plan ? [...causes(report), ...(where === 'summary' ? chart(report) : []), ...changedFields(report)] : []),
    ...(plan ? [...changes(report), ...created(report), ...outlook(report)] : []),
    ...kinds(report),
    ...examples(report),
    ...fieldErrors(report),
    ...collisions(report),
    ...takeovers(report),
    ...(report.mode === 'validate' ? [] : traffic(report)),
    ...version(report),
  ]
}
