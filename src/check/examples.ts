/** Runs a mapping over recorded objects, and holds what comes out against the blueprints. */
import { type JqEngine, JqFailure } from '../jq/engine.ts'
import { type FieldResult, parseLine, type Row } from '../jq/program.ts'
import { stringifyJson } from '../json.ts'
import { type CompiledResource, compileResource } from '../mapping/compile.ts'
import { Evaluator } from '../mapping/evaluate.ts'
import { expressionsOf, type Mapping, type Resource } from '../mapping/model.ts'
import type { Position } from '../mapping/positions.ts'
import { type Mapped, transform } from '../mapping/transform.ts'
import { type Blueprint, type Entity, splitField } from '../port/model.ts'
import type { ExampleReport, ExpressionTally } from '../report/model.ts'
import type { Example, Examples } from './example-files.ts'
import { type Finding, findingAt } from './finding.ts'
import { valueProblem } from './value.ts'

export interface ExampleCheck {
  findings: Finding[]
  reports: ExampleReport[]
}

/**
 * A value that its property does not take is an error. So is an object that cannot become an entity, when the mapping's
 * author has such objects; the action's own examples only show that there may be some.
 *
 * @param worst nothing is worse than this: recorded objects prove nothing about those that Wiz has now
 */
export async function checkExamples(
  mapping: Mapping,
  { byKind }: Examples,
  blueprints: ReadonlyMap<string, Blueprint>,
  engine: JqEngine,
  worst: 'error' | 'warning',
): Promise<ExampleCheck> {
  const check: ExampleCheck = { findings: [], reports: [] }
  for (const resource of mapping.resources) {
    const examples = byKind.get(resource.kind) ?? []
    if (examples.length === 0 || resource.mappings.length === 0) continue
    const compiled = compileResource(resource, blueprints)
    const lines = await evaluate(compiled, examples, engine)
    if (lines === undefined) continue
    const trial = new Trial(mapping.file, compiled, blueprints, worst)
    for (const [index, example] of examples.entries()) trial.take(example, lines[index] ?? '')
    check.findings.push(...trial.findings())
    check.reports.push(trial.report())
  }
  return check
}

/** Undefined when the resource does not compile, which has been said elsewhere. */
async function evaluate(compiled: CompiledResource, examples: readonly Example[], engine: JqEngine) {
  try {
    return await new Evaluator(compiled, engine).evaluate(examples.map(({ object }) => stringifyJson(object)))
  } catch (error) {
    if (error instanceof JqFailure) return undefined
    throw error
  }
}

interface Misfit {
  at: Position
  field: string
  message: string
  source: string
  count: number
  certain: boolean
}

/** What one resource makes of the examples of its kind. */
class Trial {
  readonly #file: string
  readonly #compiled: CompiledResource
  readonly #blueprints: ReadonlyMap<string, Blueprint>
  readonly #worst: 'error' | 'warning'
  readonly #misfits = new Map<string, Misfit>()
  readonly #tallies: ExpressionTally[][]
  #objects = 0
  #shown: ExampleReport['shown']

  constructor(
    file: string,
    compiled: CompiledResource,
    blueprints: ReadonlyMap<string, Blueprint>,
    worst: 'error' | 'warning',
  ) {
    this.#file = file
    this.#compiled = compiled
    this.#blueprints = blueprints
    this.#worst = worst
    this.#tallies = compiled.resource.mappings.map(mapping =>
      expressionsOf(mapping).map(([field]) => ({
        blueprint: mapping.blueprint,
        field,
        objects: 0,
        empty: 0,
        failed: 0,
      })),
    )
  }

  take(example: Example, text: string): void {
    const line = parseLine(text)
    if (Array.isArray(line)) for (const row of line) this.#count(row)
    for (const outcome of transform(this.#compiled, line).flat()) {
      this.#objects += 1
      if (outcome.status === 'failed') this.#misfit(outcome.field, outcome.reason, example, example.own)
      if (outcome.status === 'mapped') this.#check(outcome, example)
    }
  }

  findings(): Finding[] {
    const misfits = [...this.#misfits.values()].map(({ at, field, message, source, count, certain }) => {
      const more = count > 1 ? ` (and ${count - 1} more)` : ''
      const level = certain ? this.#worst : 'warning'
      const finding = findingAt(level, this.#file, at, `${field}: ${message}, with the example ${source}${more}.`)
      return { ...finding, subject: at }
    })
    const failing = this.#tallies.flat().filter(({ objects, failed }) => objects > 0 && failed === objects)
    const warnings = failing.map(({ field }) =>
      findingAt(
        'warning',
        this.#file,
        this.#positionOf(field),
        `${field}: failed on every example that it was tried on.`,
      ),
    )
    return [...misfits, ...warnings]
  }

  report(): ExampleReport {
    const { kind, index } = this.#compiled.resource
    const expressions = this.#tallies.flat()
    return {
      kind,
      resource: index,
      objects: this.#objects,
      expressions,
      ...(this.#shown === undefined ? {} : { shown: this.#shown }),
    }
  }

  /** How often each expression was null, or failed: nothing is wrong with either, but it may surprise. */
  #count([, ...mappings]: Row): void {
    for (const [index, results] of mappings.entries()) {
      const chosen = this.#compiled.program.source.mappings[index]?.when !== undefined
      const values: readonly FieldResult[] = chosen ? results.slice(1) : results
      for (const [at, result] of values.entries()) {
        const tally = this.#tallies[index]?.[at]
        if (tally === undefined) continue
        tally.objects += 1
        if (!Array.isArray(result)) tally.failed += 1
        else if (result.every(value => value === null)) tally.empty += 1
      }
    }
  }

  #check({ blueprint, entity, fieldErrors, lookups }: Mapped & { status: 'mapped' }, example: Example): void {
    const { source } = example
    if (this.#shown === undefined && lookups.length === 0) this.#shown = { source, blueprint, entity }
    // What jq itself could not do is counted; what it did and no field can hold is a mistake.
    for (const { field, message } of fieldErrors) {
      if (message.startsWith('gave ')) this.#misfit(field, message, example)
    }
    const definition = this.#blueprints.get(blueprint)
    if (definition !== undefined) this.#checkValues(entity, definition, example)
  }

  #checkValues(entity: Entity, blueprint: Blueprint, example: Example): void {
    for (const [name, value] of Object.entries(entity.properties)) {
      const definition = blueprint.schema.properties[name]
      const problem = definition === undefined ? undefined : valueProblem(value, definition)
      if (problem === undefined) continue
      this.#misfit(`properties.${name}`, problem, example, true, `gave ${shorten(value)}; ${problem}`)
    }
    for (const name of blueprint.schema.required ?? []) {
      if (entity.properties[name] === null) this.#misfit(`properties.${name}`, 'is null; it is required', example)
    }
  }

  /** @param reason what tells one misfit of a field from another; the first value that shows it is enough */
  #misfit(field: string, reason: string, { source }: Example, certain = true, message = reason): void {
    const key = JSON.stringify([field, reason])
    const fresh = { at: this.#positionOf(field), field, message, source, count: 0, certain: false }
    const known = this.#misfits.get(key) ?? fresh
    known.count += 1
    known.certain ||= certain
    this.#misfits.set(key, known)
  }

  #positionOf(field: string): Position {
    return positionOf(this.#compiled.resource, field)
  }
}

function positionOf(resource: Resource, field: string): Position {
  if (field === 'selector.query') return resource.query.at
  if (field === 'blueprint') return resource.mappings[0]?.choice?.at ?? resource.at
  for (const mapping of resource.mappings) {
    const [, expression] = expressionsOf(mapping).find(([name]) => name === field) ?? []
    if (expression !== undefined) return expression.at
  }
  return splitField(field).group === 'port' ? (resource.items?.expression.at ?? resource.at) : resource.at
}

const LONGEST_VALUE = 100

function shorten(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text
}
