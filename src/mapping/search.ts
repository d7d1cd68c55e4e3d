/** Search queries of a mapping: an identifier, a team or a relation that Port looks up instead of being told. */
import type { Expression } from './model.ts'
import type { Path } from './positions.ts'
import type { SearchDocument } from './schema.ts'

/** A search as Port takes it. Port's contract: `and` or `or` over rules, which may be searches again. */
export interface Search {
  combinator: 'and' | 'or'
  rules: (SearchRule | Search)[]
}

export interface SearchRule {
  property: string
  operator: string
  value: unknown
}

/**
 * One jq expression that builds the whole search for an object. Each leaf takes its first output, null when it has none.
 *
 * @param locate makes an expression out of a leaf's text and its path
 */
export function searchExpression(
  document: SearchDocument,
  path: Path,
  locate: (text: string, path: Path) => Expression,
): Expression {
  const leaves: Expression[] = []
  const leaf = (text: string, at: Path) => {
    const expression = locate(text, at)
    leaves.push(expression)
    return firstOutput(expression.text)
  }
  const build = (search: SearchDocument, at: Path): string => {
    const rules = search.rules.map((rule, index) => {
      const place = [...at, 'rules', index]
      if ('rules' in rule) return build(rule, place)
      const members = (['property', 'operator', 'value'] as const).map(
        name => `${name}: ${leaf(rule[name], [...place, name])}`,
      )
      return `{${members.join(', ')}}`
    })
    return `{combinator: ${leaf(search.combinator, [...at, 'combinator'])}, rules: [${rules.join(', ')}]}`
  }
  return { ...locate('', path), text: build(document, path), leaves }
}

/** jq for the first output of an expression, null when it has none. */
export function firstOutput(text: string): string {
  return `([first((${text}\n))][0])`
}

/** The value as a search, or what is wrong with it. An object that jq made in one piece is a search too. */
export function readSearch(value: object): Search | { error: string } {
  const { combinator, rules } = value as Record<string, unknown>
  if (combinator !== 'and' && combinator !== 'or') return { error: 'is a search whose combinator is not "and" or "or"' }
  if (!Array.isArray(rules) || rules.length === 0) return { error: 'is a search without rules' }
  const read: (SearchRule | Search)[] = []
  for (const rule of rules as unknown[]) {
    if (rule === null || typeof rule !== 'object') return { error: 'is a search with a rule that is no object' }
    if ('rules' in rule) {
      const inner = readSearch(rule)
      if ('error' in inner) return inner
      read.push(inner)
      continue
    }
    const { property, operator, value: wanted } = rule as Record<string, unknown>
    if (typeof property !== 'string' || property === '') return { error: 'is a search whose property is not a text' }
    if (typeof operator !== 'string' || operator === '') return { error: 'is a search whose operator is not a text' }
    // A search for nothing would find every entity that lacks the property.
    if (wanted === null || wanted === undefined) return { error: `is a search for ${property} without a value` }
    read.push({ property, operator, value: wanted })
  }
  return { combinator, rules: read }
}
