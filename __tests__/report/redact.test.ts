/** A secret is in no sink, in whatever form it got into the data, and wherever it is cut or escaped on its way. */
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { renderComment } from '../../src/report/comment.ts'
import { pageParts } from '../../src/report/html/page.ts'
import { createLog } from '../../src/report/log.ts'
import type { Report } from '../../src/report/model.ts'
import { reportParts, writeParts } from '../../src/report/parts.ts'
import { Recorder } from '../../src/report/recorder.ts'
import { Redactor } from '../../src/report/redact.ts'
import { renderSummary } from '../../src/report/summary.ts'

const SECRETS = [
  'plain-secret-0123456789',
  'with|pipes[and]`ticks`',
  '<tag a="b">&\'quotes\'',
  'a/b+c?d=e&f g%20',
  'back\\slash "quoted"',
  'ümläut-sécret-漢字',
  'first line of it\nsecond line of it\nthird',
  'windows line\r\nend of line',
  '\u202esecret\u0007bell',
  '-----BEGIN KEY-----\nMIIBVgIBADANBgkqhkiG9w0BAQ\n-----END KEY-----\n',
]

const base64 = (text: string) => Buffer.from(text).toString('base64')
/** Everything that a service or a library may have made of a secret before it is part of a message. */
const FORMS: Record<string, (secret: string) => string> = {
  'as it is': secret => secret,
  'in JSON': secret => JSON.stringify({ secret }),
  'in a URL': secret => `https://x.example/?a=${encodeURIComponent(secret)}&b=1`,
  'in a form': secret => new URLSearchParams({ a: 'b', secret }).toString(),
  'in base64': secret => base64(`user:${secret}`),
  'in base64, one further': secret => base64(`user1:${secret}:more`),
  'in base64, two further': secret => base64(`user12:${secret}`),
  'in base64 of URLs': secret => Buffer.from(`u:${secret}`).toString('base64url'),
  'far behind': secret => `${'x'.repeat(290)}${secret}`,
}

/** What of a secret is long enough to be one: its lines, in all forms. */
function traces(secret: string): string[] {
  const lines = secret.split(/\r?\n/).filter(line => line.length >= 4)
  return lines
    .flatMap(line => [
      line,
      JSON.stringify(line).slice(1, -1),
      encodeURIComponent(line),
      base64(`user:${line}`).slice(8, -4),
      base64(`user1:${line}`).slice(8, -4),
      base64(`user12:${line}`).slice(12, -4),
    ])
    .filter(text => text.length >= 8)
}

/** Has a text wherever a report takes one from outside. */
function reportWith(text: string): Report {
  const recorder = new Recorder()
  const { report } = recorder
  Object.assign(report, { mode: 'plan', mapping: text, planId: '1-2-3-abc' })
  recorder.problem(text)
  recorder.warn({ message: text, place: { file: text, line: 1, column: 1 } })
  recorder.failed({ blueprint: text, identifier: text, field: text, reason: text })
  recorder.fieldFailed(text, text, text, text)
  recorder.collided({ blueprint: text, identifier: text, fields: [text] })
  recorder.tookOver(text, text)
  report.kinds.push({ kind: text, resource: 0, objects: 1, incomplete: text })
  report.createdBlueprints.push(text)
  const properties = { [text]: { type: 'string' as const, title: text } }
  report.drift.push({ blueprint: text, properties, relations: {}, guessed: [text] })
  const values = { before: text, after: { [text]: [text] } }
  report.changes.push({ blueprint: text, identifier: text, title: text, fields: [{ field: text, values }] })
  const fields = [text]
  const deletion = { blueprint: text, owned: 9, stale: 1, kept: [text], touched: [text] }
  report.deletions.push(
    { ...deletion, status: 'blocked', reason: text, deleted: [] },
    { ...deletion, status: 'delete', deleted: [{ identifier: text, title: text }] },
  )
  for (let index = 0; index < 3; index += 1)
    report.operations.push({ action: 'create', blueprint: text, identifier: text, title: text, fields })
  return recorder.finish()
}

/** What each sink gets. */
function sinksOf(report: Report, redactor: Redactor): Record<string, string> {
  const clean = redactor.data(report)
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-redact-'))
  const written = (name: string, parts: Iterable<string>) => {
    writeParts(join(folder, name), parts, redactor)
    return readFileSync(join(folder, name), 'utf8')
  }
  const said: string[] = []
  const say = (text: string | Error) => void said.push(String(text))
  const toolkit = { startGroup: say, endGroup() {}, info: say, debug: say, notice: say, warning: say, error: say }
  const log = createLog(redactor, { toolkit })
  for (const { message } of report.problems) {
    log.info(message)
    log.error(message)
    log.debug(message)
    log.group(message)
  }
  return {
    summary: redactor.text(renderSummary(clean)),
    comment: redactor.text(renderComment(clean)),
    json: written('report.json', reportParts(clean)),
    page: written('report.html', pageParts(clean)),
    log: said.join('\n'),
  }
}

describe.each(SECRETS)('%j', secret => {
  it.each(Object.keys(FORMS))('%s is in no sink', form => {
    const redactor = new Redactor()
    redactor.add(secret)
    const text = FORMS[form]?.(secret) ?? ''
    const sinks = sinksOf(reportWith(text), redactor)
    for (const [sink, content] of Object.entries(sinks)) {
      expect(content, sink).toContain('***')
      for (const trace of traces(secret)) expect(content, sink).not.toContain(trace)
    }
    expect(() => JSON.parse(sinks.json ?? '')).not.toThrow()
  })
})

it('is not shown by its beginning either, where a text is cut', () => {
  const redactor = new Redactor()
  redactor.add(`${'S'.repeat(40)}tail`)
  const sinks = sinksOf(reportWith(`${'x'.repeat(270)}${'S'.repeat(40)}tail`), redactor)
  for (const [sink, content] of Object.entries(sinks)) expect(content, sink).not.toContain('SSSS')
})

it('is not split by the parts that reports are written in', () => {
  const redactor = new Redactor()
  redactor.add('secret-0123456789')
  const report = reportWith('fine')
  report.operations = Array.from({ length: 1_500 }, (_, index) => ({
    action: 'create',
    blueprint: 'b',
    identifier: `secret-0123456789-${index}-secret-0123456789`,
    fields: [],
  }))
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-redact-'))
  // As the second net alone would have it.
  for (const [name, parts] of Object.entries({ json: reportParts(report), html: pageParts(report) })) {
    writeParts(join(folder, name), parts, redactor)
    const content = readFileSync(join(folder, name), 'utf8')
    expect(content).not.toContain('0123456789')
    expect(content.match(/\*\*\*-\d+-\*\*\*/g)?.length).toBeGreaterThanOrEqual(1_500)
  }
})

it('leaves data that has no secret as it is: a hundred thousand operations are not copied', () => {
  const redactor = new Redactor()
  for (const secret of SECRETS) redactor.add(secret)
  const report = reportWith('fine')
  const fields = ['properties.severity', 'properties.status']
  report.operations = Array.from({ length: 100_000 }, (_, index) => ({
    action: 'update',
    blueprint: 'wizIssue',
    identifier: `11111111-2222-4333-8444-${index}`,
    title: `Bucket ${index} is open to the world`,
    fields,
  }))
  expect(redactor.data(report)).toBe(report)
  expect(new Redactor().data(report)).toBe(report)
})

it('takes no ordinary words apart', () => {
  const redactor = new Redactor()
  expect(redactor.add('abc')).toEqual([])
  expect(redactor.text('abc')).toBe('abc')
})
