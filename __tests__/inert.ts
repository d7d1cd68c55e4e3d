/** Holds what a run has told against the rules of those who show it: the runner, GitHub, a browser. */
import { marked } from 'marked'
import { expect } from 'vitest'
import type { RunResult } from '../sandbox/runner.ts'

/** Commands that the action itself gives. */
const OWN_COMMANDS: ReadonlySet<string> = new Set([
  'add-mask',
  'group',
  'endgroup',
  'debug',
  'notice',
  'warning',
  'error',
])

/** Elements of a summary, and what Markdown makes of the action's own words. */
const OWN_ELEMENTS: ReadonlySet<string> = new Set(
  'h2 h3 p b strong em code pre sub br ul ol li table thead tbody tr th td details summary blockquote'.split(' '),
)

/**
 * As the runner reads a log: it ends lines at CR, LF or both; a line is a command when it begins with `::name` behind
 * blanks, or has `##[name` anywhere.
 */
export function expectQuietLog({ rawLog, masked }: RunResult, data: readonly string[]): void {
  for (const line of rawLog.split(/\r\n|\r|\n/)) {
    expect(line).not.toMatch(/##\[[\w-]+/)
    const [, name] = /^\s*::([\w-]+)/.exec(line) ?? []
    if (name !== undefined) expect(OWN_COMMANDS, line.slice(0, 200)).toContain(name)
    // What terminals act on, and what hides a text or ends a line for somebody.
    expect(line).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u)
  }
  // Data does not decide what is masked: a text of one letter would make the log unreadable.
  for (const value of masked) expect(data.filter(text => text.includes(value))).toEqual([])
}

/** As GitHub renders a summary or a comment: nothing but the action's own elements, and data in code elements only. */
export function expectInertMarkdown(markdown: string): void {
  const html = marked.parse(markdown, { async: false, gfm: true })
  for (const [, name = ''] of html.matchAll(/<\/?([a-z][\w-]*)/gi)) expect(OWN_ELEMENTS).toContain(name.toLowerCase())
  for (const [tag] of html.matchAll(/<[a-z][^>]*>/gi)) {
    expect(tag).toMatch(/^<\w+(?: (?:open|colspan="\d+"|class="language-mermaid"))?\s*\/?>$/)
  }
  const words = html.replaceAll(/<pre>[\s\S]*?<\/pre>|<code[^>]*>[\s\S]*?<\/code>/g, '').replaceAll(/<[^>]+>/g, ' ')
  expect(words).not.toMatch(/https?:\/\/|www\.|(?<!\w)@\w|(?<!&)#\d|GH-\d|\b[0-9a-f]{40}\b|:\w+:|\$\$/)
  expect(balance(html)).toEqual([])
}

const VOID = new Set(['br'])

/** Names of elements that are not closed, or closed without having been opened. */
function balance(html: string): string[] {
  const open: string[] = []
  const wrong: string[] = []
  for (const [, slash, name = ''] of html.matchAll(/<(\/?)([a-z][\w-]*)[^>]*>/gi)) {
    if (VOID.has(name)) continue
    if (slash === '') open.push(name)
    else if (open.at(-1) === name) open.pop()
    else wrong.push(name)
  }
  return [...wrong, ...open]
}
