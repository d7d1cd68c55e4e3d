/** Whatever a report holds, a summary and a comment stay within their bytes, keep what matters most, and act on nobody. */
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { renderComment } from '../../src/report/comment.ts'
import type { Report } from '../../src/report/model.ts'
import { Recorder } from '../../src/report/recorder.ts'
import { renderSummary } from '../../src/report/summary.ts'

const SUMMARY_BYTES = 900 * 1024
const COMMENT_BYTES = 60_000

/** In every text of the data, so that it is found again. */
const DATUM = 'dAtUm'

const HOSTILE = [
  '</code></td></table><img src=x>',
  '@org/team #123 GH-123 https://evil.example www.evil.example a@evil.example',
  '0123456789abcdef0123456789abcdef01234567 :tada: **b** `c` | [l](javascript:1)',
  '\n\n# Title\n\n- list\n\n```\n',
  '\u{e0041}',
  '\u202e\u2028\r\n::error::x',
  '漢字',
  '"must be <x>"',
  'plain words ',
]

const datum = fc
  .tuple(fc.constantFrom(...HOSTILE), fc.integer({ min: 1, max: 60 }))
  .map(([text, times]) => `${DATUM}${text.repeat(times)}`)
const name = fc
  .tuple(fc.constantFrom(...HOSTILE), fc.nat())
  .map(([text, number]) => `${DATUM}${number}${text}`.slice(0, 100))
const many = (max: number) => fc.constantFrom(0, 1, 3, max)

const reports = fc
  .record({
    mode: fc.constantFrom(...(['apply', 'plan', 'event', 'validate'] as const)),
    blueprints: fc.uniqueArray(name, { minLength: 1, maxLength: 25 }),
    texts: fc.array(datum, { minLength: 1, maxLength: 8 }),
    failures: many(150),
    problems: many(120),
    warnings: many(120),
    deletions: many(12),
    deleted: many(200),
    drift: many(20),
    changes: many(40),
    others: many(150),
  })
  .map(reportOf)

type Shape = Record<
  'failures' | 'problems' | 'warnings' | 'deletions' | 'deleted' | 'drift' | 'changes' | 'others',
  number
> & {
  mode: Report['mode']
  blueprints: string[]
  texts: string[]
}

/** A report with something of everything. */
function reportOf({ mode, blueprints, texts, ...counts }: Shape): Report {
  const recorder = new Recorder()
  const { report } = recorder
  let at = 0
  const next = () => `${texts[at++ % texts.length]}${at}`
  const blueprint = () => blueprints[at++ % blueprints.length] ?? ''
  const times = <T>(count: number, make: () => T) => Array.from({ length: count }, make)
  Object.assign(report, { mode, installation: 'wiz', mapping: next(), planId: mode === 'plan' ? '1-2-3-abc' : '' })
  for (const one of blueprints) recorder.count(one, 'created', 1234)
  times(counts.failures, () =>
    recorder.failed({ blueprint: blueprint(), kind: next(), identifier: next(), field: next(), reason: next() }),
  )
  times(counts.problems, () => recorder.problem(next()))
  times(counts.warnings, () => recorder.warn(next()))
  for (const status of ['delete', 'skip', 'blocked'] as const) {
    report.deletions.push(
      ...times(counts.deletions, () => ({
        blueprint: blueprint(),
        status,
        reason: next(),
        owned: 9,
        stale: 4,
        deleted: times(status === 'delete' ? counts.deleted : 0, () => ({ identifier: next(), title: next() })),
        kept: times(counts.deletions, next),
        touched: times(counts.deletions, next),
      })),
    )
  }
  report.drift = times(counts.drift, () => ({
    blueprint: blueprint(),
    properties: { [next()]: { type: 'string', title: next() } },
    relations: { [next()]: { target: next() } },
    guessed: times(counts.changes, next),
  })) as Report['drift']
  const values = () => ({ before: next(), after: { [next()]: next() } })
  report.changes = times(counts.changes, () => ({
    blueprint: blueprint(),
    identifier: next(),
    title: next(),
    fields: times(5, () => ({ field: next(), values: values() })),
  }))
  report.operations = times(counts.others, () => ({
    action: (['create', 'update', 'delete'] as const)[at % 3] ?? 'create',
    blueprint: blueprint(),
    identifier: next(),
    title: next(),
    fields: [next()],
  }))
  report.kinds = times(counts.others, () => ({ kind: next(), resource: 0, objects: 1, incomplete: next() }))
  report.examples = times(counts.drift, () => ({
    kind: next(),
    resource: 0,
    objects: 3,
    shown: { source: next(), blueprint: next(), entity: { identifier: next(), properties: {}, relations: {} } },
    expressions: times(3, () => ({ blueprint: next(), field: next(), objects: 3, empty: 1, failed: 1 })),
  }))
  report.createdBlueprints = times(counts.others, next)
  times(counts.others, () => recorder.fieldFailed(next(), next(), next(), next()))
  times(counts.others, () => recorder.collided({ blueprint: next(), identifier: next(), fields: [next()] }))
  times(counts.others, () => recorder.tookOver(next(), next()))
  report.forecast = { wizRequests: 1, portRequests: 1, minutes: 1 }
  return recorder.finish()
}

/** Elements that are left open or closed out of turn, and whatever else stands in angle brackets. */
function misplaced(text: string): string[] {
  const wrong: string[] = []
  const open: string[] = []
  const tags = /<(\/?)(table|tr|th|td|ul|li|p|details|summary|code|pre|sub|b)( colspan="\d")?>/g
  for (const [tag, slash, element = ''] of text.matchAll(tags)) {
    if (slash === '') open.push(element)
    else if (open.pop() !== element) wrong.push(tag)
  }
  wrong.push(...open)
  const rest = text.replaceAll(tags, '').replace(/^<!-- wiz-to-port plan of wiz -->/, '')
  return [...wrong, ...(rest.match(/<[^\n]{0,20}/g) ?? [])]
}

function check(report: Report, text: string, bytes: number): void {
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(bytes)
  expect(text).toMatch(/^(<!-- [^\n]* -->\n)?## /)
  if (report.mode !== 'validate') expect(text).toContain(`${report.failures.length} failed**`)
  const rows = [...text.matchAll(/<tr><td><code>[^<]*<\/code><\/td>(<td>[\d,]+<\/td>){6}<\/tr>/g)]
  expect(rows).toHaveLength(Object.keys(report.blueprints).length)

  const [, shownFailures = ''] = /### Failures \(\d+\)\n\n<table>([\s\S]*?)<\/table>/.exec(text) ?? []
  const shown = shownFailures.match(/<tr><td><code>/g)?.length ?? 0
  const [, more = '0'] = /… and ([\d,]+) more failures/.exec(shownFailures) ?? []
  expect(shown + Number(more)).toBe(report.failures.length)
  if (report.failures.length > 0) expect(shown).toBeGreaterThan(0)

  expect(misplaced(text)).toEqual([])
  // Data stands in elements that GitHub leaves alone, on lines that Markdown does.
  expect(text.replaceAll(/<(code|pre)>[^<]*<\/\1>/g, '')).not.toContain(DATUM)
  let inPre = false
  for (const line of text.split('\n')) {
    if (line.includes(DATUM) && !inPre) expect(line).toMatch(/^<(p|li|tr|details|pre)>/)
    inPre = (inPre || line.includes('<pre>')) && !line.includes('</pre>')
    if (inPre) expect(line).not.toBe('')
  }
}

it('holds for a summary and for a comment', { timeout: 120_000 }, () => {
  fc.assert(
    fc.property(reports, report => {
      check(report, renderSummary(report), SUMMARY_BYTES)
      check(report, renderComment(report), COMMENT_BYTES)
    }),
    { numRuns: 30 },
  )
})

it('has the first failure beside the counts in the worst case', () => {
  // The longest that a character becomes.
  const worst = (length: number) => '\u{e0041}'.repeat(length)
  const recorder = new Recorder()
  Object.assign(recorder.report, { mode: 'plan', installation: 'wiz', planId: '1-2-3-abc' })
  for (let index = 0; index < 30; index += 1) recorder.count(`${index}${worst(98)}`, 'created')
  const text = worst(2_000)
  for (let index = 0; index < 50; index += 1) {
    recorder.failed({ blueprint: `0${worst(98)}`, kind: text, identifier: text, field: 'x', reason: text })
    recorder.problem(text)
  }
  const comment = renderComment(recorder.finish())
  expect(Buffer.byteLength(comment)).toBeLessThanOrEqual(COMMENT_BYTES)
  expect(comment).toContain('… and 49 more failures')
  expect(comment.match(/(<td>[\d,]+<\/td>){6}/g)).toHaveLength(30)
})

it('announces every section that it leaves out', () => {
  fc.assert(
    fc.property(reports, report => {
      const titles = (text: string) => (text.match(/^### .*/gm) ?? []).map(title => title.slice(4))
      const comment = renderComment(report)
      const [, leftOut = ''] = /Left out, because it would be too large: (.*?)\. The report file/.exec(comment) ?? []
      for (const title of titles(renderSummary(report, 1e9))) {
        expect([...titles(comment), ...leftOut.split(', ')]).toContain(title)
      }
    }),
    { numRuns: 15 },
  )
})
