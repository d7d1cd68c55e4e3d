/** The shape of a mapping file. The language is that of Port's own integrations, so that files carry over. */
import { z } from 'zod'

function absence(input: unknown): string {
  if (input === undefined) return 'missing; '
  return input === null ? 'is empty; ' : ''
}

/** jq text. YAML reads an unquoted `true` or `5` as a value; as jq text it means the same. */
const expression = z
  .union([z.string(), z.boolean(), z.number()], {
    error: issue => `${absence(issue.input)}expected jq text`,
  })
  .transform(String)

export interface SearchDocument {
  combinator: string
  rules: ({ property: string; operator: string; value: string } | SearchDocument)[]
}

const rule = z.strictObject({ property: expression, operator: expression, value: expression })
const search: z.ZodType<SearchDocument> = z.strictObject({
  combinator: expression,
  get rules() {
    return z.array(z.union([rule, search])).min(1, 'expected at least one rule')
  },
})
const expressionOrSearch = z.union([expression, search], {
  error: issue =>
    issue.input === undefined
      ? 'missing; expected jq text'
      : `${absence(issue.input)}expected jq text, or a search with combinator and rules`,
})

const entityMapping = z.strictObject({
  identifier: expressionOrSearch,
  blueprint: expression,
  title: expression.optional(),
  icon: expression.optional(),
  team: z.union([expressionOrSearch, z.array(expression)]).optional(),
  properties: z.record(z.string(), expression).optional(),
  relations: z.record(z.string(), expressionOrSearch).optional(),
})

const entity = z.strictObject({
  mappings: z.union([entityMapping, z.array(entityMapping).min(1, 'expected at least one mapping')]),
})

const port = z.strictObject({
  itemsToParse: expression.optional(),
  itemsToParseName: z.string().min(1).default('item'),
  /** Leaves the list that the items come from out of the object, when it is at a plain path. */
  itemsToParseTopLevelTransform: z.boolean().default(true),
  entity,
})

export const resourceSchema = z.strictObject({
  kind: z.string(),
  // Its options depend on the kind and are checked against the kind's own table.
  selector: z.looseObject({ query: expression }),
  port,
})

export const mappingSchema = z.strictObject({
  createMissingRelatedEntities: z.boolean().default(true),
  deleteDependentEntities: z.boolean().default(true),
  enableMergeEntity: z.boolean().default(true),
  /** A share of 0 to 1: another way to say `max-delete-percent`. */
  entityDeletionThreshold: z.number().min(0).max(1).optional(),
  // Each is read on its own, so that what one has wrong hides nothing of the others.
  resources: z.array(z.unknown()).min(1, 'expected at least one resource'),
})

export type MappingDocument = z.output<typeof mappingSchema>
export type ResourceDocument = z.output<typeof resourceSchema>
export type EntityDocument = z.output<typeof entityMapping>

/** The keys that may stand in the mapping at a path. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const place = path.findLast(key => typeof key === 'string')
  const shapes: Record<string, object> = {
    resources: resourceSchema.shape,
    port: port.shape,
    entity: entity.shape,
    mappings: entityMapping.shape,
    rules: rule.shape,
  }
  if (place === undefined) return Object.keys(mappingSchema.shape)
  return Object.keys(shapes[place as string] ?? { combinator: search, rules: search })
}
