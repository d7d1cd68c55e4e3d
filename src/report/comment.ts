/** The plan as a comment on a pull request. */
import type { Report } from './model.ts'
import { renderSummary } from './summary.ts'

/** GitHub takes 65,536 characters; bytes are never fewer than characters. */
const MAX_BYTES = 60_000

/** Invisible in the comment, and how it is found again: one for each installation. */
export function markerOf({ installation }: Report): string {
  return `<!-- wiz-to-port plan of ${installation} -->`
}

export function renderComment(report: Report): string {
  const marker = markerOf(report)
  return `${marker}\n${renderSummary(report, MAX_BYTES - marker.length - 1, 'comment')}`
}
