/** The sections of a summary that only a plan has. */
import { parse } from '@mermaid-js/parser'
import { expect, it } from 'vitest'
import type { Cause, OperationReport } from '../../src/report/model.ts'
import { Recorder } from '../../src/report/recorder.ts'
import { renderSummary } from '../../src/report/summary.ts'

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

it('has a chart that Mermaid can read, with a slice for each operation and cause', async () => {
  const operations = [
    operation('create', 'wiz'),
    operation('create', 'wiz'),
    operation('update', 'mapping'),
    operation('update', 'drift'),
    operation('delete', 'unmapped'),
    operation('delete', undefined),
  ]
  const [, text = ''] = /```mermaid\n([\s\S]*?)```/.exec(summaryOf(operations)) ?? []
  const pie = await parse('pie', text)
  expect(pie).toMatchObject({ title: 'Operations by cause', showData: true })
  expect(pie.sections.map(({ label, value }) => [label, value])).toEqual([
    ['create: changed in Wiz', 2],
    ['update: changed by the mapping', 1],
    ['update: changed by somebody else in Port', 1],
    ['delete: no longer mapped', 1],
    ['delete: not known', 1],
  ])
})

it('has no chart where there is only one slice, and says when nothing changes', () => {
  expect(summaryOf([operation('create', 'wiz')])).not.toContain('mermaid')
  expect(summaryOf([])).toContain('📋 Plan: no changes')
})

it('counts the entities on which a field changes', () => {
  const operations = [operation('update', 'wiz'), operation('update', 'wiz')]
  expect(summaryOf(operations)).toContain('<td><code>title</code></td><td>2</td>')
})
