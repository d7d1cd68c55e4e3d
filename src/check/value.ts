/** Holds a value against the definition of a property, as Port does when it takes an entity. */
import { type Schema, Validator } from '@cfworker/json-schema'
import type { PropertyDefinition } from '../port/model.ts'

/** What of a property's definition is JSON Schema; the rest is about how Port shows it. From Port's documentation. */
const KEYWORDS: ReadonlySet<string> = new Set([
  'type',
  'enum',
  'minLength',
  'maxLength',
  'pattern',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'minItems',
  'maxItems',
  'uniqueItems',
  'additionalProperties',
])
/** Formats of Port that JSON Schema knows too; the others are hints for display, or checked by Port alone. */
const FORMATS: ReadonlyMap<unknown, string> = new Map([
  ['date-time', 'date-time'],
  ['email', 'email'],
  ['ipv4', 'ipv4'],
  ['ipv6', 'ipv6'],
])

/** @returns what the property expects instead, as a clause; undefined when the value fits. A null always does. */
export function valueProblem(value: unknown, definition: PropertyDefinition): string | undefined {
  if (value === null) return undefined
  if (definition.format === 'url' && typeof value === 'string' && !URL.canParse(value)) return 'expected a URL'
  const { valid } = new Validator(schemaOf(definition), '2020-12').validate(value)
  return valid ? undefined : `expected ${expectation(definition)}`
}

function schemaOf(definition: PropertyDefinition): Schema {
  const schema: Schema = Object.fromEntries(Object.entries(definition).filter(([keyword]) => KEYWORDS.has(keyword)))
  const format = FORMATS.get(definition.format)
  if (format !== undefined) schema.format = format
  if (definition.items !== undefined) schema.items = schemaOf(definition.items)
  return schema
}

function expectation({ type, format, enum: values, items }: PropertyDefinition): string {
  if (Array.isArray(values)) return `one of ${values.map(value => JSON.stringify(value)).join(', ')}`
  const of = items?.type === undefined ? '' : ` of ${expectation(items)}`
  const form = typeof format === 'string' ? ` (${format})` : ''
  return `${type ?? 'another value'}${form}${of}`
}
