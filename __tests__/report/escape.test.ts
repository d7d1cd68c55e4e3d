import { describe, expect, it } from 'vitest'
import { code, logLine } from '../../src/report/escape.ts'

/** What the runner takes for a command: `::name` at the start of a trimmed line, `##[name` anywhere. */
const COMMAND = /^\s*::[a-z-]+|##\[[a-z-]+/im

const HOSTILE = [
  '::set-output name=a::b',
  '   ::add-mask::x',
  'fine ##[error]not fine',
  'line\n::stop-commands::t',
  'line\r::error::x',
  'line\u2028::error::x',
  '\u001b[31mred\u001b[0m',
  '<script>alert(1)</script>',
  '</code></td><img src=x onerror=alert(1)>',
  '[a](javascript:alert(1)) ![b](https://evil/x.png)',
  '@org/team #123 `code` | pipe',
  'abc\u202egnp.exe',
  '&lt;b&gt;',
  "' onmouseover='x",
]

describe.each(HOSTILE)('%j', text => {
  it('is one line without a command in the log', () => {
    const line = logLine(text)
    expect(line).not.toMatch(COMMAND)
    expect(line).not.toMatch(/[\p{Cc}\u2028\u2029\u202e]/u)
  })

  it('is one code element without markup in the summary', () => {
    const markup = code(text)
    expect(markup).toMatch(/^<code>[^<>]*<\/code>$/)
    expect(markup).not.toMatch(/[\n\r`|\u2028\u202e]/)
  })
})

it('leaves ordinary texts as they are, emoji and other scripts too', () => {
  expect(logLine('Überprüfung 日本語 👩‍💻 done')).toBe('Überprüfung 日本語 👩‍💻 done')
  expect(code('a < b & c')).toBe('<code>a &lt; b &amp; c</code>')
})

it('shortens what nobody would read, without cutting a character in two', () => {
  expect(code('😀'.repeat(400))).toBe(`<code>${'😀'.repeat(300)}…</code>`)
})
