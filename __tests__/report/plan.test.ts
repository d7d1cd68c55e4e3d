/** The sections of a summary that only a plan has. */
import { chromium } from 'playwright-core'
import { expect, it } from 'vitest'
import type { Cause, OperationReport } from '../../src/report/model.ts'
import { Recorder } from '../../src/report/recorder.ts'
import { renderSummary } from '../../src/report/summary.ts'
import { CHROMIUM } from '../chromium.ts'

function summaryOf(operations: OperationReport[]): string {
  const report = new Recorder().finish()
  return renderSummary({ ...report, mode: 'plan', operations })
}

const operation = (action: OperationReport['action'], cause: Cause | undefined): OperationReport => ({
  action,
  blueprint: 'b',
  identifier: 'i',
  fields: action === 'update' ? ['title'] : [],
  ...(cause === undefined ? {} : { cause }),
})

const OPERATIONS = [
  operation('create', 'wiz'),
  operation('create', 'wiz'),
  operation('update', 'mapping'),
  operation('update', 'drift'),
  operation('delete', 'unmapped'),
  operation('delete', undefined),
]

function chartOf(operations: OperationReport[]): string {
  const [, text = ''] = /```mermaid\n([\s\S]*?)```/.exec(summaryOf(operations)) ?? []
  return text
}

it('has a chart with a slice for each operation and cause', () => {
  expect(chartOf(OPERATIONS).trimEnd().split('\n')).toEqual([
    'pie showData title Operations by cause',
    '  "create: changed in Wiz" : 2',
    '  "update: changed by the mapping" : 1',
    '  "update: changed by somebody else in Port" : 1',
    '  "delete: no longer mapped" : 1',
    '  "delete: not known" : 1',
  ])
})

it.skipIf(CHROMIUM === undefined)('has a chart that Mermaid reads and draws', async () => {
  const browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })
  try {
    const page = await browser.newPage()
    await page.addScriptTag({ path: 'node_modules/mermaid/dist/mermaid.min.js' })
    const draw = `(async text => [await mermaid.parse(text), (await mermaid.render('chart', text)).svg])`
    const [parsed, svg] = (await page.evaluate(`${draw}(${JSON.stringify(chartOf(OPERATIONS))})`)) as [object, string]
    expect(parsed).toMatchObject({ diagramType: 'pie' })
    for (const text of ['Operations by cause', 'create: changed in Wiz [2]', 'delete: not known [1]']) {
      expect(svg).toContain(text)
    }
  } finally {
    await browser.close()
  }
})

it('has no chart where there is only one slice, and says when nothing changes', () => {
  expect(summaryOf([operation('create', 'wiz')])).not.toContain('mermaid')
  expect(summaryOf([])).toContain('📋 Plan: no changes')
})

it('counts the entities on which a field changes', () => {
  const operations = [operation('update', 'wiz'), operation('update', 'wiz')]
  expect(summaryOf(operations)).toContain('<td><code>title</code></td><td>2</td>')
})
