/** Reads jq text into tokens: enough to tell words from texts, fields and object keys, with the place of each. */

export interface Token {
  type: 'word' | 'field' | 'variable' | 'format' | 'number' | 'string' | 'symbol'
  /** As written; of a string without interpolation, what it means. */
  text: string
  /** Offset of its first character. */
  start: number
  end: number
  /** The key of an object construction or pattern: `{input: 1}` has nothing to do with the function of that name. */
  key: boolean
  /** Written between single quotes, which jq does not know and Port's own integrations tolerate. */
  single: boolean
  /** A string with an interpolation; its text is not known. */
  open: boolean
}

const PATTERN =
  /(?<blank>\s+|#[^\n]*)|(?<format>@[A-Za-z0-9_]+)|(?<variable>\$[A-Za-z_][\w:]*)|(?<field>\.[A-Za-z_]\w*)|(?<word>[A-Za-z_]\w*(?:::[A-Za-z_]\w*)*)|(?<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?<symbol>[\s\S])/uy

/** Never fails: what is not jq comes out as symbols, and jq says what is wrong with it. */
export function tokenize(source: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  readUntil(undefined)
  markKeys(tokens)
  return tokens

  /** Reads up to the parenthesis that ends an interpolation, or to the end. */
  function readUntil(closing: ')' | undefined): void {
    let depth = 0
    while (at < source.length) {
      const start = at
      const character = source[at]
      if (character === '"') {
        readString()
        continue
      }
      if (character === "'" && source.indexOf("'", at + 1) !== -1) {
        at = source.indexOf("'", at + 1) + 1
        add('string', source.slice(start + 1, at - 1), start, { single: true })
        continue
      }
      PATTERN.lastIndex = at
      const groups = PATTERN.exec(source)?.groups ?? {}
      const [type = 'symbol', text = ''] = Object.entries(groups).find(([, found]) => found !== undefined) ?? []
      at += Math.max(text.length, 1)
      if (type === 'blank') continue
      add(type as Token['type'], text, start)
      if (text === '(') depth += 1
      if (text === ')' && depth === 0 && closing !== undefined) return
      if (text === ')') depth -= 1
    }
  }

  function readString(): void {
    const start = at
    const place = tokens.length
    let open = false
    at += 1
    while (at < source.length && source[at] !== '"') {
      if (source[at] !== '\\') at += 1
      else if (source[at + 1] === '(') {
        open = true
        at += 2
        add('symbol', '(', at - 1)
        readUntil(')')
      } else at += 2
    }
    at = Math.min(at + 1, source.length)
    const text = source.slice(start, at)
    const token: Token = {
      type: 'string',
      text: open ? text : meaning(text),
      start,
      end: at,
      key: false,
      single: false,
      open,
    }
    tokens.splice(place, 0, token)
  }

  function add(type: Token['type'], text: string, start: number, more: Partial<Token> = {}): void {
    tokens.push({ type, text, start, end: at, key: false, single: false, open: false, ...more })
  }
}

/**
 * Gives texts between single quotes the double quotes that jq knows; the length stays what it was unless such a text has
 * double quotes in it.
 */
export function withDoubleQuotes(source: string): string {
  if (!source.includes("'")) return source
  let result = ''
  let at = 0
  for (const { single, start, end, text } of tokenize(source)) {
    if (!single) continue
    result += `${source.slice(at, start)}"${text.replaceAll('"', '\\"')}"`
    at = end
  }
  return result + source.slice(at)
}

/** The texts that an expression has in it, each once, in its order. */
export function literals(source: string): string[] {
  const strings = tokenize(source).filter(({ type, open, key }) => type === 'string' && !open && !key)
  return [...new Set(strings.map(({ text }) => text))]
}

function meaning(text: string): string {
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}

function markKeys(tokens: readonly Token[]): void {
  const open: string[] = []
  for (const [index, token] of tokens.entries()) {
    const before = tokens[index - 1]?.text
    const after = tokens[index + 1]?.text ?? ''
    const named = token.type === 'word' || token.type === 'variable' || token.type === 'string'
    if (named && open.at(-1) === '{' && (before === '{' || before === ',') && [':', ',', '}'].includes(after)) {
      // `{$ENV}` reads the variable; `{input}` reads the field of that name.
      token.key = token.type !== 'variable'
    }
    if (token.type !== 'symbol') continue
    if ('([{'.includes(token.text)) open.push(token.text)
    if (')]}'.includes(token.text)) open.pop()
  }
}
