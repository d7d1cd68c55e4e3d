/** How long the report takes to filter 10,000 operations, from the key to what is shown. */
import { existsSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { chromium } from 'playwright-core'
import { renderPage } from '../src/report/html/page.ts'
import { Recorder } from '../src/report/recorder.ts'

const CHROMIUM = '/usr/bin/chromium'
const ROWS = 10_000
/** Filters, and lets the browser lay out what is shown; the milliseconds of the slowest of several. */
const MEASURE = `(async () => {
  const times = []
  for (const text of ['title 4', 'severity', 'id-99', '', 'nothing']) {
    const startedAt = performance.now()
    document.getElementById('search').value = text
    document.getElementById('filter').dispatchEvent(new Event('input'))
    document.body.getBoundingClientRect()
    times.push(performance.now() - startedAt)
  }
  return Math.max(...times)
})()`

export async function measureFilter(): Promise<string> {
  if (!existsSync(CHROMIUM)) return 'not measured, there is no Chromium'
  const report = new Recorder().finish()
  const operations = Array.from({ length: ROWS }, (_, index) => ({
    action: 'update' as const,
    blueprint: 'wizIssue',
    identifier: `id-${index}`,
    title: `Title ${index}`,
    fields: ['properties.severity', 'properties.status'],
  }))
  const file = join(mkdtempSync(join(tmpdir(), 'wiz-to-port-bench-')), 'report.html')
  writeFileSync(file, renderPage({ ...report, mode: 'plan', operations }))
  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  const page = await browser.newPage()
  await page.goto(pathToFileURL(file).href)
  const milliseconds = Number(await page.evaluate(MEASURE))
  await browser.close()
  return `${milliseconds.toFixed(0)} ms`
}
