/** The shape of a mapping file. The language is that of Port's own integrations, so that files carry over. */
import { z } from 'zod'

/** jq text. YAML reads an unquoted `true` or `5` as a value; as jq text it means the same. */
const expression = z
  .union([z.string(), z.boolean(), z.number()], {
    error: issue => (issue.input === undefined ? 'missing; expected jq text' : 'expected jq text'),
  })
  .transform(String)

const entityMapping = z.strictObject({
  identifier: expression,
  blueprint: expression,
  title: expression.optional(),
  icon: expression.optional(),
  team: expression.optional(),
  properties: z.record(z.string(), expression).optional(),
  relations: z.record(z.string(), expression).optional(),
})

const resource = z.strictObject({
  kind: z.string(),
  // Its options depend on the kind and are checked against the kind's own table.
  selector: z.looseObject({ query: expression }),
  port: z.strictObject({
    entity: z.strictObject({
      mappings: z.union([entityMapping, z.array(entityMapping).min(1)]),
    }),
  }),
})

export const mappingSchema = z.strictObject({
  createMissingRelatedEntities: z.boolean().default(true),
  deleteDependentEntities: z.boolean().default(true),
  enableMergeEntity: z.boolean().default(true),
  /** A share of 0 to 1: another way to say `max-delete-percent`. */
  entityDeletionThreshold: z.number().min(0).max(1).optional(),
  resources: z.array(resource).min(1, 'expected at least one resource'),
})

export type MappingDocument = z.output<typeof mappingSchema>
