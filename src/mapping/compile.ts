/** Turns a resource into the program that jq runs, once the blueprints say which fields collect all outputs. */
import { ConfigError, messageOf } from '../errors.ts'
import type { JqEngine } from '../jq/engine.ts'
import { compileOnly, type Field, fuse, type Program } from '../jq/program.ts'
import type { Blueprint } from '../port/model.ts'
import { type EntityMapping, type Expression, expressionsOf, type Mapping, type Resource } from './model.ts'

export interface CompiledResource {
  resource: Resource
  program: Program
}

/**
 * A `many` relation and an array property collect every output of their expression; all other fields take the first.
 *
 * @param blueprints those that the mapping writes to, by identifier
 */
export function compileResource(resource: Resource, blueprints: ReadonlyMap<string, Blueprint>): CompiledResource {
  const mappings = resource.mappings.map(mapping => fieldsOf(mapping, blueprints.get(mapping.blueprint)))
  return { resource, program: fuse(resource.query.text, mappings) }
}

function fieldsOf(mapping: EntityMapping, blueprint: Blueprint | undefined): Field[] {
  return expressionsOf(mapping).map(([name, { text }]) => ({
    name,
    expression: text,
    collect: collectsAll(blueprint, name) ? 'all' : 'first',
  }))
}

function collectsAll(blueprint: Blueprint | undefined, field: string): boolean {
  const [group, ...rest] = field.split('.')
  const name = rest.join('.')
  if (group === 'properties') return blueprint?.schema.properties[name]?.type === 'array'
  if (group === 'relations') return blueprint?.relations?.[name]?.many === true
  return false
}

/**
 * Compiles every expression of a mapping on its own.
 *
 * @throws {ConfigError} naming each expression that jq refuses
 */
export async function checkExpressions(mapping: Mapping, engine: JqEngine): Promise<void> {
  const all = mapping.resources.flatMap(resource => [
    ['selector.query', resource.query] as const,
    ...resource.mappings.flatMap(expressionsOf),
  ])
  if ((await refusal(all, engine)) === undefined) return
  // Together they do not compile: one at a time says which.
  const problems: string[] = []
  for (const entry of all) {
    const message = await refusal([entry], engine)
    if (message === undefined) continue
    const [field, { text, at }] = entry
    problems.push(`${mapping.file}:${at.line}:${at.column} ${field}: jq refuses ${quote(text)}: ${message}.`)
  }
  if (problems.length > 0) throw new ConfigError(problems)
}

/**
 * Standing alone finds what only the parentheses of a fused program would make valid (`.a) | (.b`), and the fused
 * form finds what only stands alone (`.a; def g: .b`).
 */
async function refusal(entries: readonly (readonly [string, Expression])[], engine: JqEngine) {
  const texts = entries.map(([, { text }]) => text)
  const fused = fuse('false', [texts.map(expression => ({ name: '', expression, collect: 'first' as const }))])
  try {
    await engine.run(compileOnly(texts), 'null')
    await engine.run(fused.text, 'null')
    return undefined
  } catch (error) {
    return messageOf(error)
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
