/** What a run did, as plain data. Everything that a person or a machine is told comes from here. */
import type { Problem } from '../errors.ts'
import type { TrafficCounts } from '../http/traffic.ts'
import type { LiveEvent } from '../live-event.ts'
import type { Entity, PropertyDefinition, RelationDefinition } from '../port/model.ts'

export interface BlueprintCounts {
  created: number
  updated: number
  unchanged: number
  deleted: number
  skipped: number
  failed: number
}

export interface Failure {
  blueprint: string
  /** The kind that the object came as; absent where Port refused an entity. */
  kind?: string
  /** The entity's identifier or, where it has none, the object's. */
  identifier: string
  field?: string
  reason: string
}

/** An expression that failed on objects, its outcomes collected. */
export interface FieldErrors {
  kind: string
  field: string
  message: string
  count: number
  /** At most three identifiers. */
  examples: string[]
}

export interface KindReport {
  kind: string
  /** Position in the mapping's `resources`, from 0. */
  resource: number
  /** Distinct objects that went through jq. */
  objects: number
  /** Why it was not read or mapped to the end; absent when it was. */
  incomplete?: string
}

export interface DeletionReport {
  blueprint: string
  status: 'delete' | 'skip' | 'blocked'
  /** Why nothing was deleted. */
  reason?: string
  owned: number
  stale: number
  /** Identifiers and, where Port had one, titles. */
  deleted: { identifier: string; title?: string }[]
  /** Not deleted, because another entity depends on them. */
  kept: string[]
  /** Not deleted, because they were written after the run had begun. */
  touched: string[]
}

export interface Takeover {
  blueprint: string
  count: number
  /** Whoever wrote them before, as far as Port says. */
  formerOwners: string[]
}

export interface CollisionReport {
  blueprint: string
  identifier: string
  fields: string[]
}

/** How one expression of the mapping did on the examples. */
export interface ExpressionTally {
  blueprint: string
  field: string
  /** Objects that it was evaluated on. */
  objects: number
  /** It gave null or nothing. */
  empty: number
  failed: number
}

/** What a resource made of the recorded examples of its kind. */
export interface ExampleReport {
  kind: string
  /** Position in the mapping's `resources`, from 0. */
  resource: number
  objects: number
  /** The first entity that came out. */
  shown?: { source: string; blueprint: string; entity: Entity }
  expressions: ExpressionTally[]
}

/**
 * Why something is in a plan: Wiz has it otherwise; the mapping makes something else of it; somebody else wrote it in
 * Port; or Wiz still has it and the mapping does not want it any more. What somebody deleted in Port is created again
 * like what is new in Wiz: Port does not tell the two apart.
 */
export type Cause = 'wiz' | 'mapping' | 'drift' | 'unmapped'

export interface OperationReport {
  action: 'create' | 'update' | 'delete'
  blueprint: string
  identifier: string
  title?: string
  /** What is set, or changes; empty for a deletion, and for what is only taken over. */
  fields: readonly string[]
  /** Written by somebody else before. */
  takeover?: true
  /** Known where the mapping of the base branch could be read; `drift` always. */
  cause?: Cause
}

/** How an entity changes, of those that are shown as examples. */
export interface ChangeReport {
  blueprint: string
  identifier: string
  title?: string
  fields: {
    field: string
    /** Absent where values may not be shown. */
    values?: { before: unknown; after: unknown }
  }[]
}

/** What a blueprint in Port lacks of what the mapping writes. */
export interface BlueprintDrift {
  blueprint: string
  /** To be added under the blueprint's `schema.properties`. */
  properties: Record<string, PropertyDefinition>
  /** To be added under the blueprint's `relations`. */
  relations: Record<string, RelationDefinition>
  /** Fields that no file describes: what is said of them has to be looked over. */
  guessed: string[]
}

/** What apply would take. */
export interface Forecast {
  wizRequests: number
  portRequests: number
  /** At the limits that both services are known for. */
  minutes: number
}

export type Conclusion = 'success' | 'failed' | 'blocked'

export interface Report {
  version: string
  mode: 'validate' | 'plan' | 'apply' | 'event' | 'webhook'
  /** Names exactly these operations; empty where there are none to name. */
  planId: string
  conclusion: Conclusion
  /** What ended the run or made it fail. */
  problems: Problem[]
  /** What deserves attention and is no failure. */
  warnings: Problem[]
  /** What is good to know. */
  notes: Problem[]
  mapping: string
  /** SHA-256 of the mapping file, in hex; empty where it was not read. */
  mappingHash: string
  /** Whether the repository has the mapping file, so that its lines can be annotated. */
  mappingInRepository: boolean
  examples: ExampleReport[]
  createdBlueprints: string[]
  drift: BlueprintDrift[]
  /** What was done or, in a plan, what would be done; sorted. */
  operations: OperationReport[]
  /** Some of the updates of a plan, in full. */
  changes: ChangeReport[]
  forecast?: Forecast
  /** What a live event was about. */
  event?: LiveEvent
  /** The installation whose entities these are. */
  installation: string
  blueprints: Record<string, BlueprintCounts>
  kinds: KindReport[]
  /** The first ones; `blueprints` has the true counts. */
  failures: Failure[]
  fieldErrors: FieldErrors[]
  /** The first ones. */
  collisions: CollisionReport[]
  collisionCount: number
  takeovers: Takeover[]
  deletions: DeletionReport[]
  wiz: TrafficCounts
  port: TrafficCounts
  durationMs: number
}

export const NO_COUNTS: Readonly<BlueprintCounts> = {
  created: 0,
  updated: 0,
  unchanged: 0,
  deleted: 0,
  skipped: 0,
  failed: 0,
}

/** In the order in which they are told. */
export const COUNTS: readonly (keyof BlueprintCounts)[] = [
  'created',
  'updated',
  'unchanged',
  'deleted',
  'skipped',
  'failed',
]

export function totals(report: Report): BlueprintCounts {
  const sum = { ...NO_COUNTS }
  for (const counts of Object.values(report.blueprints)) {
    for (const name of COUNTS) sum[name] += counts[name]
  }
  return sum
}

/** Whether anything in Port is another thing now or, in a plan, would be: entities, or blueprints. */
export function hasChanges(report: Report): boolean {
  const { created, updated, deleted } = totals(report)
  return created + updated + deleted + report.createdBlueprints.length > 0
}

/** Whether a run in mode `plan` came to its plan: the plan's id is the last thing to be known of it. */
export function isPlanned({ planId, conclusion }: Report): boolean {
  return planId !== '' || conclusion === 'success'
}

/** What the run comes to, as far as it has got. */
export function conclusionOf({ problems, blueprints, deletions }: Report): Conclusion {
  if (problems.length > 0 || Object.values(blueprints).some(({ failed }) => failed > 0)) return 'failed'
  return deletions.some(({ status }) => status === 'blocked') ? 'blocked' : 'success'
}
