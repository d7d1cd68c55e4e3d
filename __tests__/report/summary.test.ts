import { describe, expect, it } from 'vitest'
import type { Report } from '../../src/report/model.ts'
import { Recorder } from '../../src/report/recorder.ts'
import { renderSummary } from '../../src/report/summary.ts'

function report(change: (recorder: Recorder) => void = () => {}): Report {
  const recorder = new Recorder()
  recorder.report.mapping = '.github/wiz-to-port.yml'
  change(recorder)
  return recorder.finish()
}

describe('the summary', () => {
  it('starts with the outcome and the numbers, and lists each blueprint', () => {
    const text = renderSummary(
      report(recorder => {
        recorder.count('wizIssue', 'created', 1200)
        recorder.count('wizControl', 'unchanged', 3)
      }),
    )
    expect(text).toMatch(
      /^## ✅ Port equals Wiz\n\n\*\*1,200 created, 0 updated, 3 unchanged, 0 deleted, 0 skipped, 0 failed\*\*/,
    )
    expect(text.indexOf('wizControl')).toBeLessThan(text.indexOf('wizIssue'))
  })

  it('has failures before everything that went well, with their reasons', () => {
    const failed = report(recorder => {
      recorder.problem('issue was not read to its end: Wiz gave the same cursor twice.')
      recorder.failed({
        blueprint: 'wizIssue',
        kind: 'issue',
        identifier: 'a b',
        field: 'identifier',
        reason: 'has "|"',
      })
      recorder.report.kinds.push({ kind: 'issue', resource: 0, objects: 5, incomplete: 'cut short' })
    })
    const text = renderSummary(failed)
    expect(failed.conclusion).toBe('failed')
    expect(text).toContain('❌ Wiz to Port failed')
    expect(text).toContain('<code>identifier: has &quot;&#124;&quot;</code>')
    expect(text.indexOf('same cursor twice')).toBeLessThan(text.indexOf('<table>'))
    expect(text.indexOf('### Failures')).toBeLessThan(text.indexOf('### Read from Wiz'))
  })

  it('says of a blocked deletion why, and of a deletion what', () => {
    const blocked = report(recorder => {
      recorder.report.deletions.push(
        {
          blueprint: 'wizIssue',
          status: 'blocked',
          reason: '9 of 10 would go',
          owned: 10,
          stale: 9,
          deleted: [],
          kept: [],
          touched: [],
        },
        {
          blueprint: 'wizControl',
          status: 'delete',
          owned: 5,
          stale: 1,
          deleted: [{ identifier: 'c1', title: 'Old <b>' }],
          kept: ['c2'],
          touched: [],
        },
      )
    })
    const text = renderSummary(blocked)
    expect(blocked.conclusion).toBe('blocked')
    expect(text).toContain('9 of 10 would go')
    expect(text).toContain('<td><code>Old &lt;b&gt;</code></td><td><code>c1</code></td>')
    expect(text).toContain('1 kept, because other entities depend on them')
  })

  it('collects field errors by expression and message, with three examples', () => {
    const text = renderSummary(
      report(recorder => {
        for (const identifier of ['i1', 'i2', 'i3', 'i4'])
          recorder.fieldFailed('issue', 'title', 'null and string', identifier)
      }),
    )
    expect(text).toContain('<td>4</td><td><code>i1</code> <code>i2</code> <code>i3</code></td>')
  })

  it('has data only in lines that start as HTML, where Markdown is not rendered', () => {
    const text = renderSummary(
      report(recorder => {
        const data = '[a](javascript:alert(1)) **b** @org'
        recorder.problem(data)
        recorder.warn(data)
        recorder.report.createdBlueprints.push(data)
        recorder.report.mapping = data
        recorder.failed({ blueprint: data, kind: data, identifier: data, field: data, reason: data })
        recorder.fieldFailed(data, data, data, data)
        recorder.collided({ blueprint: data, identifier: data, fields: [data] })
        recorder.tookOver(data, data)
        recorder.report.kinds.push({ kind: data, resource: 0, objects: 1, incomplete: data })
        const deletion = {
          blueprint: data,
          owned: 1,
          stale: 1,
          deleted: [{ identifier: data, title: data }],
          kept: [data],
          touched: [],
        }
        recorder.report.deletions.push(
          { ...deletion, status: 'delete' },
          { ...deletion, status: 'skip', reason: data },
          { ...deletion, status: 'blocked', reason: data },
        )
      }),
    )
    const lines = text.split('\n').filter(line => line.includes('javascript'))
    expect(lines.length).toBeGreaterThan(12)
    for (const line of lines) expect(line).toMatch(/^<(p|li|tr|details)>/)
  })

  it('stays within its bytes, keeps the numbers and says what it left out', () => {
    const large = report(recorder => {
      for (let index = 0; index < 5000; index += 1) {
        recorder.failed({ blueprint: 'wizIssue', identifier: `i${index}`, reason: '😀'.repeat(300) })
        recorder.collided({ blueprint: 'wizIssue', identifier: `i${index}`, fields: ['😀'.repeat(300)] })
      }
    })
    const text = renderSummary(large, 50_000)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(50_000)
    expect(text).toContain('5,000 failed')
    const shown = text.match(/<td><code>i\d+<\/code><\/td><td><code>😀/gu)?.length ?? 0
    const [failures = 0, collisions = 0] = [...text.matchAll(/… and ([\d,]+) more/g)].map(([, more = '']) =>
      Number(more.replace(',', '')),
    )
    expect(shown + failures + collisions).toBe(10_000)
    expect(renderSummary(large)).toContain('and 4,900 more failures; the report file has all of them')
  })

  it('names a section that has no room at all, and shows those after it', () => {
    const text = renderSummary(
      report(recorder => {
        const description = '"quoted" [text]'.repeat(40)
        const fields = Array.from({ length: 60 }, (_, index) => [`p${index}`, { type: 'string', description }])
        const properties = Object.fromEntries(fields)
        recorder.report.drift.push({ blueprint: 'b', guessed: [], relations: {}, properties })
        recorder.failed({ blueprint: 'wizIssue', identifier: 'x', reason: 'bad' })
        recorder.fieldFailed('issue', 'title', 'null and string', 'i1')
      }),
      60_000,
    )
    expect(text).toContain('Left out, because it would be too large: Blueprints in Port that lack fields.')
    expect(text).not.toContain('### Blueprints in Port')
    expect(text).toContain('<th>created</th>')
    expect(text).toContain('### Failures (1)')
    expect(text).toContain('### Field errors')
  })

  it('says whole sentences: what to do stands at their end', () => {
    const sentence = `${'x'.repeat(600)}; set allow-mass-delete: true`
    expect(renderSummary(report(recorder => recorder.problem(sentence)))).toContain(sentence)
  })

  it('has no plan where a run ended before it was made', () => {
    const text = renderSummary({ ...report(recorder => recorder.problem('wiz-client-id: refused')), mode: 'plan' })
    expect(text).toMatch(/^## ❌ There is no plan: the run ended before it was made\n/)
    expect(text).not.toContain('no changes')
  })

  it('says of takeovers what was done, and in a plan what would be', () => {
    const taken = report(recorder => recorder.tookOver('wizIssue', 'Mozilla'))
    expect(renderSummary(taken)).toContain('They were written once and belong to this installation now.')
    const plan = renderSummary({ ...taken, mode: 'plan' })
    expect(plan).toContain('Apply would write them once')
    expect(plan).not.toContain('were written')
  })
})
