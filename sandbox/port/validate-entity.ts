/** Validates an entity against its blueprint: types, formats, enums, required; and the arity of its relations. */

import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import { ApiError, type Blueprint, invalid, type Json } from './model.ts'

const ajv = new Ajv2020({ ownProperties: true, strict: false })
addFormats.default(ajv)
ajv.addFormat('url', (text: string) => URL.canParse(text))
for (const format of ['markdown', 'yaml', 'user', 'blueprints', 'team', 'timer', 'proto', 'labeled-url'])
  ajv.addFormat(format, true)

/** What of a property definition is JSON Schema; the rest is about how Port shows it. */
const SCHEMA_KEYWORDS = [
  'type',
  'format',
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
  'properties',
  'patternProperties',
  'additionalProperties',
]

const validators = new WeakMap<Blueprint, ValidateFunction>()
/** By schema: many sandboxes of one process have the same blueprints. */
const compiled = new Map<string, ValidateFunction>()

/**
 * @param properties as they would be stored; null counts as not there
 * @param dropUnknown drop unknown properties instead of refusing them
 * @returns the properties to store
 * @throws {ApiError} 422
 */
export function validateProperties(blueprint: Blueprint, properties: Json, dropUnknown: boolean): Json {
  const { schema, identifier } = blueprint
  const known = Object.entries(properties).filter(([name]) => Object.hasOwn(schema.properties, name))
  const unknown = Object.keys(properties).find(name => !Object.hasOwn(schema.properties, name))
  if (unknown !== undefined && !dropUnknown) {
    throw invalid(
      `The "${identifier}" Blueprint does not have property with name "${unknown}"`,
      'blueprint_schema_mismatch',
    )
  }
  const missing = schema.required?.find(name => properties[name] === undefined || properties[name] === null)
  if (missing !== undefined) throw invalid(`missing required property "${missing}"`, 'blueprint_schema_mismatch')
  const validate = validatorOf(blueprint)
  if (!validate(Object.fromEntries(known.filter(([, value]) => value !== null)))) {
    const [error] = validate.errors ?? []
    throw invalid(
      `"properties${error?.instancePath ?? ''}" ${error?.message ?? 'is invalid'}`,
      'blueprint_schema_mismatch',
    )
  }
  return Object.fromEntries(known)
}

function validatorOf(blueprint: Blueprint): ValidateFunction {
  const known = validators.get(blueprint)
  if (known !== undefined) return known
  const properties = Object.entries(blueprint.schema.properties).map(([name, definition]) => {
    const schema = Object.fromEntries(
      Object.entries(definition).filter(([keyword]) => SCHEMA_KEYWORDS.includes(keyword)),
    )
    const items = definition.items as Json | undefined
    const { enumColors: _, ...itemSchema } = items ?? {}
    return [name, items === undefined ? schema : { ...schema, items: itemSchema }]
  })
  const schema = { type: 'object', properties: Object.fromEntries(properties) }
  const text = JSON.stringify(schema)
  const validate = compiled.get(text) ?? ajv.compile(schema)
  compiled.set(text, validate)
  validators.set(blueprint, validate)
  return validate
}

/** @throws {ApiError} when a relation is unknown, has the wrong arity, or is required and missing */
export function validateRelations(blueprint: Blueprint, relations: Record<string, string | string[] | null>): void {
  for (const [name, value] of Object.entries(relations)) {
    const definition = Object.hasOwn(blueprint.relations, name) ? blueprint.relations[name] : undefined
    if (definition === undefined) {
      throw invalid(
        `The "${blueprint.identifier}" Blueprint does not have relation with name "${name}"`,
        'blueprint_schema_mismatch',
      )
    }
    const fits = value === null || Array.isArray(value) === (definition.many === true)
    if (!fits)
      throw invalid(`"relations/${name}" must be ${definition.many ? 'array' : 'string'}`, 'blueprint_schema_mismatch')
  }
  for (const [name, { required }] of Object.entries(blueprint.relations)) {
    const value = relations[name]
    if (required && (value === undefined || value === null)) {
      throw new ApiError(422, 'blueprint_schema_mismatch', `missing required relation "${name}"`)
    }
  }
}
