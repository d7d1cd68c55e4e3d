/** Port's search language: nested combinators over properties, relations and `$` properties. */
import { invalid, type Json, type StoredEntity } from './model.ts'
import type { Store } from './store.ts'

type Predicate = (entity: StoredEntity) => boolean

export interface QueryOptions {
  /** `hidden`: a rule on `$datasource` matches nothing; `refused`: it is a 422. */
  datasource: 'reported' | 'hidden' | 'refused'
  /** Where entities that a rule names are looked up. */
  store?: Store
}

/** @throws {ApiError} for an operator that the sandbox does not evaluate: better refused than wrong */
export function compileQuery(query: Json | undefined, options: QueryOptions): Predicate {
  if (query === undefined) return () => true
  const rules = (query.rules as Json[]).map(rule => compileRule(rule, options))
  if (rules.length === 0) return () => true
  return query.combinator === 'or'
    ? entity => rules.some(rule => rule(entity))
    : entity => rules.every(rule => rule(entity))
}

function compileRule(rule: Json, options: QueryOptions): Predicate {
  if ('combinator' in rule) return compileQuery(rule, options)
  const { property, relation, operator, value } = rule
  if (operator === 'relatedTo') return compileRelated(rule, options)
  const compare = OPERATORS[String(operator)]
  if (compare === undefined || (typeof property !== 'string' && typeof relation !== 'string')) {
    throw invalid(`the sandbox does not evaluate the operator ${String(operator)}`)
  }
  if (property === '$datasource' && options.datasource === 'refused')
    throw invalid('"body/query/rules" must match a schema in anyOf')
  if (property === '$datasource' && options.datasource === 'hidden') return () => false
  const wanted = Array.isArray(value) ? new Set<unknown>(value) : value
  if (typeof relation === 'string') return entity => compare(entity.relations[relation] ?? null, wanted)
  return entity => compare(read(entity, String(property)), wanted)
}

/** Upstream of an entity is what its relations point to, and what theirs do. */
function compileRelated({ blueprint, value, direction, required }: Json, { store }: QueryOptions): Predicate {
  if (store === undefined || direction !== 'upstream' || required !== undefined) {
    throw invalid('the sandbox does not evaluate relatedTo but upstream, over all blueprints')
  }
  const keyOf = (where: string, identifier: string) => `${where}\u0000${identifier}`
  const related = new Set<string>()
  const visit = (where: string, identifier: string): void => {
    const { relations } = store.blueprint(where)
    for (const [name, targets] of Object.entries(store.table(where).get(identifier)?.relations ?? {})) {
      for (const target of [targets].flat()) {
        const into = relations[name]?.target
        if (into === undefined || typeof target !== 'string' || related.has(keyOf(into, target))) continue
        related.add(keyOf(into, target))
        visit(into, target)
      }
    }
  }
  for (const identifier of [value].flat()) visit(String(blueprint), String(identifier))
  return entity => related.has(keyOf(entity.blueprint, entity.identifier))
}

const BUILT_IN: Record<string, (entity: StoredEntity) => unknown> = {
  $identifier: entity => entity.identifier,
  $title: entity => entity.title,
  $icon: entity => entity.icon,
  $team: entity => entity.team,
  $blueprint: entity => entity.blueprint,
  $datasource: entity => entity.datasource,
  $createdAt: entity => entity.createdAt,
  $updatedAt: entity => entity.updatedAt,
}

function read(entity: StoredEntity, property: string): unknown {
  const builtIn = BUILT_IN[property]
  if (builtIn !== undefined) return builtIn(entity)
  return entity.properties[property] ?? entity.relations[property] ?? null
}

type Compare = (actual: unknown, wanted: unknown) => boolean

const text = (value: unknown) => (typeof value === 'string' ? value : '')
const has = (actual: unknown, wanted: unknown) =>
  Array.isArray(actual)
    ? actual.includes(wanted)
    : typeof actual === 'string' && actual.includes(text(wanted)) && text(wanted) !== ''
const among = (actual: unknown, wanted: unknown) =>
  wanted instanceof Set && (Array.isArray(actual) ? actual.some(item => wanted.has(item)) : wanted.has(actual))
const empty = (actual: unknown) => actual === null || actual === '' || (Array.isArray(actual) && actual.length === 0)
const order = (actual: unknown, wanted: unknown, holds: (difference: number) => boolean) => {
  if (typeof actual === 'number' && typeof wanted === 'number') return holds(actual - wanted)
  return typeof actual === 'string' && typeof wanted === 'string' && holds(Date.parse(actual) - Date.parse(wanted))
}
const between = (actual: unknown, wanted: unknown) => {
  const { from, to } = wanted as { from?: string; to?: string }
  if (from === undefined || to === undefined) throw invalid('the sandbox does not evaluate date presets')
  return order(actual, from, difference => difference >= 0) && order(actual, to, difference => difference <= 0)
}

const OPERATORS: Record<string, Compare> = {
  '=': (actual, wanted) =>
    wanted !== null && typeof wanted === 'object' ? between(actual, wanted) : actual === wanted,
  '!=': (actual, wanted) => actual !== wanted,
  in: among,
  notIn: (actual, wanted) => !among(actual, wanted),
  containsAny: among,
  contains: has,
  doesNotContains: (actual, wanted) => !has(actual, wanted),
  beginsWith: (actual, wanted) => text(actual).startsWith(text(wanted)),
  doesNotBeginsWith: (actual, wanted) => !text(actual).startsWith(text(wanted)),
  endsWith: (actual, wanted) => text(actual).endsWith(text(wanted)),
  doesNotEndsWith: (actual, wanted) => !text(actual).endsWith(text(wanted)),
  '>': (actual, wanted) => order(actual, wanted, difference => difference > 0),
  '>=': (actual, wanted) => order(actual, wanted, difference => difference >= 0),
  '<': (actual, wanted) => order(actual, wanted, difference => difference < 0),
  '<=': (actual, wanted) => order(actual, wanted, difference => difference <= 0),
  between,
  notBetween: (actual, wanted) => !between(actual, wanted),
  isEmpty: empty,
  isNotEmpty: actual => !empty(actual),
}
