/** Gives Wiz objects the shape that mappings written for Port's Wiz integration expect. */

type Json = Record<string, unknown>

/** Under which name a rule's description is known, by the rule's type. */
const DESCRIPTION_NAMES: Record<string, string> = {
  Control: 'controlDescription',
  CloudEventRule: 'cloudEventRuleDescription',
  CloudConfigurationRule: 'cloudConfigurationRuleDescription',
}

/**
 * A source rule as mappings know it: the description also stands under the name of the rule's type. A rule of a type
 * that is not known here keeps `id`, `name` and `description`, which Wiz answers for every rule.
 */
export function shapeRule(rule: Json): Json {
  const name = typeof rule.__typename === 'string' ? DESCRIPTION_NAMES[rule.__typename] : undefined
  return name === undefined ? rule : { ...rule, [name]: rule.description }
}

/**
 * An issue as mappings know it: `sourceRules` as Wiz has them today, and `sourceRule`, the first of them, which is what
 * Wiz's deprecated field of that name held.
 */
export function shapeIssue(issue: Json): Json {
  const rules = objects(issue.sourceRules).map(shapeRule)
  return { ...issue, sourceRules: issue.sourceRules === null ? null : rules, sourceRule: rules[0] ?? null }
}

/** The objects of a list that Wiz may also answer as null, or with nulls in it. */
export function objects(list: unknown): Json[] {
  if (!Array.isArray(list)) return []
  return list.filter((item): item is Json => item !== null && typeof item === 'object')
}
