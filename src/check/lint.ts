/** Finds jq that reaches for what a mapping does not have: anything beyond the object, and the clock. */
import { type Token, tokenize } from '../jq/tokens.ts'
import { type FieldExpression, type Finding, findingAt } from './finding.ts'

const OBJECT_ONLY = 'an expression sees its object and nothing else'
const NOTHING_TO_READ = `${OBJECT_ONLY}; read from . instead`
const NO_MODULES = 'there are no modules; write the function into the expression with def'
const NO_OUTPUT = 'nobody would see what it prints; take it out'
const NO_END = 'an expression cannot end the run; use error("…") to fail its field, or select(…) for no output'
const MOVING = 'every run would give another value, and write every entity again'
const LOCAL = 'local time depends on the machine; use the function for UTC, such as gmtime or strftime'

/** Names of jq's own functions, variables and keywords, and why not to use them. */
const REFUSED: ReadonlyMap<string, string> = new Map([
  ['env', NOTHING_TO_READ],
  ['$ENV', NOTHING_TO_READ],
  ['input', NOTHING_TO_READ],
  ['inputs', NOTHING_TO_READ],
  ['input_filename', NOTHING_TO_READ],
  ['input_line_number', NOTHING_TO_READ],
  ['get_search_list', NOTHING_TO_READ],
  ['modulemeta', NO_MODULES],
  ['import', NO_MODULES],
  ['include', NO_MODULES],
  ['debug', NO_OUTPUT],
  ['stderr', NO_OUTPUT],
  ['halt', NO_END],
  ['halt_error', NO_END],
])
const DOUBTFUL: ReadonlyMap<string, string> = new Map([
  ['now', MOVING],
  ['localtime', LOCAL],
  ['strflocaltime', LOCAL],
])

export function lint(file: string, [field, expression]: FieldExpression): Finding[] {
  const tokens = tokenize(expression.text)
  const own = definedNames(tokens)
  return tokens.flatMap(({ type, text, key, start }) => {
    if ((type !== 'word' && type !== 'variable') || key || own.has(text)) return []
    const refused = REFUSED.get(text)
    const reason = refused ?? DOUBTFUL.get(text)
    if (reason === undefined) return []
    const level = refused === undefined ? 'warning' : 'error'
    const finding = findingAt(level, file, expression.place(start), `${field}: ${text}: ${reason}.`)
    return { ...finding, subject: expression.at }
  })
}

/** Functions and parameters that the expression defines itself hide jq's own. */
function definedNames(tokens: readonly Token[]): Set<string> {
  const names = new Set<string>()
  for (const [index, { text }] of tokens.entries()) {
    if (text !== 'def') continue
    for (const token of tokens.slice(index + 1)) {
      if (token.text === ':') break
      if (token.type === 'word') names.add(token.text)
    }
  }
  return names
}
