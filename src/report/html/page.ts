/** The whole report as one HTML file: no request to anywhere, nothing but this script may run in it. */
import { createHash } from 'node:crypto'
import { html } from '../escape.ts'
import { format } from '../markup.ts'
import type { Report } from '../model.ts'
import { listParts } from '../parts.ts'
import { SCRIPT } from './script.ts'
import { folded, footer, problems, prospects } from './sections.ts'
import { STYLE } from './style.ts'

/** The page as one text, for reports of a reasonable size. */
export function renderPage(report: Report): string {
  return [...pageParts(report)].join('')
}

/** The page in parts: a report may have a hundred thousand operations, and one text of them would take its memory. */
export function* pageParts(report: Report): Generator<string> {
  const policy = `default-src 'none'; script-src '${hashOf(SCRIPT)}'; style-src '${hashOf(STYLE)}'; base-uri 'none'; form-action 'none'`
  yield `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title(report)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${title(report)}</h1>
<p class="faint">Installation <code>${html(report.installation)}</code>, mapping <code>${html(report.mapping)}</code>${planned(report)}</p>
${prospects(report)}
</header>
<main>
${problems(report)}
<h2>By blueprint</h2>
${bars(report)}
${folded(report)}
<h2>Operations</h2>
<form id="filter" role="search">
<label>Search<input id="search" type="search" placeholder="title, identifier or field" autocomplete="off"></label>
${select('blueprint', 'Blueprint')}
${select('action', 'Operation')}
${select('cause', 'Cause')}
</form>
<p id="count" class="faint" aria-live="polite"></p>
<table>
<thead><tr><th>Operation</th><th>Blueprint</th><th>Entity</th><th>Fields</th><th>Cause</th></tr></thead>
<tbody id="rows"></tbody>
</table>
<p><button id="more" type="button">Show more</button></p>
</main>
${footer(report)}
<script id="data" type="application/json">{"changes":${embedded(report.changes)},"operations":[`
  yield* listParts(report.operations, embedded)
  yield `]}</script>
<script>${SCRIPT}</script>
</body>
</html>
`
}

function title({ mode, conclusion }: Report): string {
  return `Wiz to Port: ${mode}, ${conclusion}`
}

/** The forecast names the plan too. */
function planned({ planId, forecast }: Report): string {
  return planId === '' || forecast !== undefined ? '' : `, plan <code>${html(planId)}</code>`
}

/** Width says how much of a blueprint's entities each operation concerns. */
function bars({ blueprints, operations }: Report): string {
  const counts = new Map<string, { create: number; update: number; delete: number }>()
  for (const { blueprint, action } of operations) {
    const count = counts.get(blueprint) ?? { create: 0, update: 0, delete: 0 }
    count[action] += 1
    counts.set(blueprint, count)
  }
  return Object.entries(blueprints)
    .map(([blueprint, { unchanged }]) => {
      const count = counts.get(blueprint) ?? { create: 0, update: 0, delete: 0 }
      const whole = Math.max(1, count.create + count.update + count.delete + unchanged)
      // An SVG needs no style attribute, which the policy would not let through.
      let left = 0
      const parts = (['create', 'update', 'delete'] as const).map(action => {
        const width = (count[action] / whole) * 100
        const part = `<rect class="${action}" fill="currentColor" x="${left}%" width="${width}%" height="100%"/>`
        left += width
        return part
      })
      const numbers = `${format(count.create)} create, ${format(count.update)} update, ${format(count.delete)} delete, ${format(unchanged)} unchanged`
      return `<div class="bar"><code>${html(blueprint)}</code><svg class="track" width="100%" role="img" aria-label="${numbers}">${parts.join('')}</svg><span class="faint">${numbers}</span></div>`
    })
    .join('\n')
}

function select(id: string, label: string): string {
  return `<label>${label}<select id="${id}"><option value="*">all</option></select></label>`
}

/** JSON inside of a script element: no text in it can end the element. */
function embedded(value: unknown): string {
  return JSON.stringify(value)
    .replaceAll('<', '\\u003c')
    .replaceAll('\u2028', '\\u2028')
    .replaceAll('\u2029', '\\u2029')
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`
}
