/** Collects what happens during a run into a report; the only thing that changes while it runs. */
import type { Problem } from '../errors.ts'
import { VERSION } from '../version.ts'
import {
  type BlueprintCounts,
  type Cause,
  type CollisionReport,
  conclusionOf,
  type Failure,
  type FieldErrors,
  NO_COUNTS,
  type OperationReport,
  type Report,
  type Takeover,
} from './model.ts'
import { withoutValues } from './values.ts'

/** A report holds this many failures and collisions by name; the counts go on. */
const MAX_NAMED = 10_000
const MAX_EXAMPLES = 3
/** jq puts values into its messages, so that every object may have one of its own. */
const MAX_MESSAGES = 10
const OTHER_MESSAGES = 'other messages'

/** What the recorder has to know of an operation. */
export interface PlannedOperation {
  action: 'create' | 'update'
  blueprint: string
  entity: { identifier: string; title?: string }
  fields: readonly string[]
  takeover: boolean
  again: boolean
}

export interface Refusal<O extends PlannedOperation = PlannedOperation> {
  operation: O
  reason: string
}

export class Recorder {
  /** Whether messages may quote values of properties; told once, before anything is recorded. */
  showValues = false
  readonly report: Report = {
    version: VERSION,
    mode: 'apply',
    planId: '',
    conclusion: 'success',
    problems: [],
    warnings: [],
    notes: [],
    mapping: '',
    mappingHash: '',
    mappingInRepository: false,
    examples: [],
    createdBlueprints: [],
    drift: [],
    operations: [],
    changes: [],
    installation: '',
    blueprints: byName([]),
    kinds: [],
    failures: [],
    fieldErrors: [],
    collisions: [],
    collisionCount: 0,
    takeovers: [],
    deletions: [],
    wiz: { requests: 0, retries: 0, waitedMs: 0 },
    port: { requests: 0, retries: 0, waitedMs: 0 },
    durationMs: 0,
  }

  readonly #fieldLists = new Map<string, readonly string[]>()
  readonly #fieldErrors = new Map<string, Map<string, FieldErrors>>()
  readonly #takeovers = new Map<string, Takeover>()

  count(blueprint: string, what: keyof BlueprintCounts, by = 1): void {
    const counts = this.report.blueprints[blueprint] ?? { ...NO_COUNTS }
    counts[what] += by
    this.report.blueprints[blueprint] = counts
  }

  /** An operation that was written. */
  wrote(operation: PlannedOperation, status: 'created' | 'updated'): void {
    const { blueprint, entity, again } = operation
    // What a later object added to an entity of this run is part of the first operation.
    if (again) return
    this.count(blueprint, status)
    const { title } = entity
    this.report.operations.push({
      action: status === 'created' ? 'create' : 'update',
      blueprint,
      identifier: entity.identifier,
      ...(title === undefined ? {} : { title }),
      fields: this.#shared(operation.fields),
      ...(operation.takeover ? { takeover: true, cause: 'drift' } : {}),
    })
  }

  /** An operation that would be written. */
  planned(operation: PlannedOperation): void {
    this.wrote(operation, operation.action === 'create' ? 'created' : 'updated')
  }

  /** Says why what was planned is planned. */
  explain(causeOf: (operation: OperationReport) => Cause | undefined): void {
    for (const operation of this.report.operations) {
      const cause = causeOf(operation)
      if (cause !== undefined) operation.cause = cause
    }
  }

  /** Planned operations that Port would refuse: all of them at once, because there may be many of both. */
  refused(refusals: readonly Refusal[]): void {
    const gone = new Set<string>()
    for (const { operation, reason } of refusals) {
      const { action, blueprint, entity, again } = operation
      const { identifier } = entity
      this.failed({ blueprint, identifier, reason })
      // The operation that counts is another one, and Port may take that.
      if (again) continue
      this.count(blueprint, action === 'create' ? 'created' : 'updated', -1)
      gone.add(keyOf(blueprint, identifier))
    }
    this.report.operations = this.report.operations.filter(
      ({ blueprint, identifier }) => !gone.has(keyOf(blueprint, identifier)),
    )
  }

  deleted(blueprint: string, identifier: string, title: string | undefined, cause?: Cause): void {
    this.count(blueprint, 'deleted')
    const named = title === undefined ? {} : { title }
    this.report.operations.push({
      action: 'delete',
      blueprint,
      identifier,
      ...named,
      fields: [],
      ...(cause && { cause }),
    })
  }

  /** What was planned is written now, and recorded again as it happens. */
  forgetPlan(): void {
    for (const { action, blueprint } of this.report.operations) {
      this.count(blueprint, action === 'create' ? 'created' : 'updated', -1)
    }
    this.report.operations = []
  }

  /** Most operations of a blueprint have the same fields: one list serves them all. */
  #shared(fields: readonly string[]): readonly string[] {
    const key = fields.join('\n')
    const known = this.#fieldLists.get(key) ?? fields
    this.#fieldLists.set(key, known)
    return known
  }

  failed(failure: Failure): void {
    this.count(failure.blueprint, 'failed')
    if (this.report.failures.length < MAX_NAMED)
      this.report.failures.push({ ...failure, reason: this.#shown(failure.reason) })
  }

  fieldFailed(kind: string, field: string, quoting: string, identifier: string): void {
    const message = this.#shown(quoting)
    const place = JSON.stringify([kind, field])
    const messages = this.#fieldErrors.get(place) ?? new Map<string, FieldErrors>()
    this.#fieldErrors.set(place, messages)
    const said = messages.has(message) || messages.size < MAX_MESSAGES ? message : OTHER_MESSAGES
    const known = messages.get(said) ?? { kind, field, message: said, count: 0, examples: [] }
    known.count += 1
    if (known.examples.length < MAX_EXAMPLES) known.examples.push(identifier)
    if (!messages.has(said)) this.report.fieldErrors.push(known)
    messages.set(said, known)
  }

  #shown(message: string): string {
    return this.showValues ? message : withoutValues(message)
  }

  collided(collision: CollisionReport): void {
    this.report.collisionCount += 1
    if (this.report.collisions.length < MAX_NAMED) this.report.collisions.push(collision)
  }

  tookOver(blueprint: string, formerOwner: string, by = 1): void {
    const known = this.#takeovers.get(blueprint) ?? { blueprint, count: 0, formerOwners: [] }
    known.count += by
    if (!known.formerOwners.includes(formerOwner)) known.formerOwners.push(formerOwner)
    if (!this.#takeovers.has(blueprint)) {
      this.#takeovers.set(blueprint, known)
      this.report.takeovers.push(known)
    }
  }

  /** What makes the step fail. */
  problem(problem: string | Problem): void {
    this.report.problems.push(asProblem(problem))
  }

  warn(problem: string | Problem): void {
    this.report.warnings.push(asProblem(problem))
  }

  note(problem: string | Problem): void {
    this.report.notes.push(asProblem(problem))
  }

  /**
   * Takes in what another recorder has of a later part of the same run: what was done and what went wrong, not what was
   * looked at, which has been counted before. What is known already, such as an object that fails again, is told once.
   */
  absorb({ report }: Recorder): void {
    const failures = unknown(report.failures, this.report.failures)
    for (const [blueprint, { created, updated, deleted, failed }] of Object.entries(report.blueprints)) {
      const of = (all: readonly Failure[]) => all.filter(one => one.blueprint === blueprint).length
      const again = of(report.failures) - of(failures)
      for (const [what, by] of Object.entries({ created, updated, deleted, failed: failed - again })) {
        if (by > 0) this.count(blueprint, what as keyof BlueprintCounts, by)
      }
    }
    this.report.operations.push(...report.operations)
    this.report.failures.push(...failures.slice(0, MAX_NAMED - this.report.failures.length))
    this.report.deletions.push(...report.deletions)
    this.report.problems.push(...unknown(report.problems, this.report.problems))
    this.report.warnings.push(...unknown(report.warnings, this.report.warnings))
    for (const collision of unknown(report.collisions, this.report.collisions)) this.collided(collision)
    for (const { blueprint, count, formerOwners } of report.takeovers) {
      for (const [at, owner] of formerOwners.entries()) this.tookOver(blueprint, owner, at === 0 ? count : 0)
    }
    for (const errors of report.fieldErrors) this.#absorbFieldErrors(errors)
  }

  /** An expression that is known to fail has been counted on these objects, as far as they were the same. */
  #absorbFieldErrors({ kind, field, message, count, examples }: FieldErrors): void {
    if (this.#fieldErrors.get(JSON.stringify([kind, field]))?.has(message)) return
    for (let at = 0; at < count; at += 1) this.fieldFailed(kind, field, message, examples[at] ?? '')
  }

  /** Fixes the order of everything that was collected as it came, and draws the conclusion. */
  finish(): Report {
    const { report } = this
    report.blueprints = byName(Object.entries(report.blueprints).sort(([a], [b]) => compare(a, b)))
    report.operations.sort(
      (a, b) => compare(a.blueprint, b.blueprint) || compare(a.action, b.action) || compare(a.identifier, b.identifier),
    )
    report.conclusion = conclusionOf(report)
    return report
  }
}

/** What is not among those that are known, each once. */
function unknown<T>(found: readonly T[], known: readonly T[]): T[] {
  if (found.length === 0) return []
  const texts = new Set(known.map(one => JSON.stringify(one)))
  return found.filter(one => texts.size < texts.add(JSON.stringify(one)).size)
}

function keyOf(blueprint: string, identifier: string): string {
  return `${blueprint}\n${identifier}`
}

/** A blueprint may be called `constructor`: nothing may be found under a name that nobody has put there. */
function byName(entries: readonly (readonly [string, BlueprintCounts])[]): Report['blueprints'] {
  return Object.assign(Object.create(null), Object.fromEntries(entries))
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function asProblem(problem: string | Problem): Problem {
  if (typeof problem === 'string') return { message: problem }
  // A finding knows more than a reader of the report needs.
  const { message, place } = problem
  return place === undefined ? { message } : { message, place }
}
