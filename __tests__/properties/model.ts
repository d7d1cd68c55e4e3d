/** What a mapping is to make of a tenant, worked out without the action's own code. */
import type { PortSandbox, StoredEntity } from '../../sandbox/port/index.ts'
import type { Tenant } from '../../sandbox/wiz/index.ts'

type Json = Record<string, unknown>

/** What one object is to become. */
export interface Made {
  blueprint: string
  identifier: string
  /** By name as in a mapping; what is not here stays as Port has it. */
  fields: Record<string, unknown>
}

/** An entry of `resources`, as text, and what it means. */
export interface ResourceModel {
  kind: 'project' | 'issue' | 'control' | 'serviceTicket'
  yaml: string
  blueprint: string
  /** Null for an object that the selector leaves out, `failed` for one whose identifier fails. */
  make: (object: Json) => Made | null | 'failed'
}

export interface Expectation {
  /** By blueprint and identifier: for each field the values that objects want for it. */
  wanted: Map<string, Map<string, Map<string, unknown[]>>>
  skipped: number
  failed: number
}

export function expectation(tenant: Tenant, resources: readonly ResourceModel[]): Expectation {
  const expected: Expectation = { wanted: new Map(), skipped: 0, failed: 0 }
  for (const { kind, blueprint, make } of resources) {
    const table = expected.wanted.get(blueprint) ?? new Map<string, Map<string, unknown[]>>()
    expected.wanted.set(blueprint, table)
    for (const object of objectsOf(tenant, kind)) {
      const made = make(object)
      if (made === null) expected.skipped += 1
      else if (made === 'failed') expected.failed += 1
      else take(table, made)
    }
  }
  return expected
}

function take(table: Map<string, Map<string, unknown[]>>, { identifier, fields }: Made): void {
  const row = table.get(identifier) ?? new Map<string, unknown[]>()
  table.set(identifier, row)
  for (const [field, value] of Object.entries(fields)) row.set(field, [...(row.get(field) ?? []), value])
}

/** The objects of a kind that Wiz shows by default, each once. */
export function objectsOf(tenant: Tenant, kind: ResourceModel['kind']): Json[] {
  if (kind === 'project') return tenant.projects().filter(({ archived }) => archived !== true)
  const issues = [...tenant.openIssues()]
  if (kind === 'issue') return issues
  const parts = issues.flatMap(issue => listOf(kind === 'control' ? issue.sourceRules : issue.serviceTickets))
  return [...new Map(parts.map(part => [JSON.stringify(part), part])).values()]
}

/** A field of a generated object: a value, or a function that makes it. */
export function made(field: unknown): unknown {
  return typeof field === 'function' ? field() : field
}

export function listOf(field: unknown): Json[] {
  const value = made(field)
  return Array.isArray(value) ? value : []
}

/** The value that Port has in a field, null where it has none. */
export function fieldOf({ title, properties, relations }: StoredEntity, field: string): unknown {
  if (field === 'title') return title
  const [group, name = ''] = field.split('.')
  const value = (group === 'properties' ? properties : relations)[name] ?? null
  // Relations are sets, and an empty one is none.
  if (group !== 'relations' || !Array.isArray(value)) return value
  return value.length === 0 ? null : value.toSorted()
}

export type Catalog = ReadonlyMap<string, StoredEntity>

/** Everything that Port holds, by blueprint and identifier. */
export function catalogOf(port: PortSandbox): Catalog {
  const entities = [...port.blueprints.keys()].flatMap(blueprint => port.entities(blueprint))
  return new Map(entities.map(entity => [`${entity.blueprint} ${entity.identifier}`, entity]))
}
