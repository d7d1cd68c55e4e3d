/** A Wiz tenant: what its seed generates, and what was changed since. */
import { type Clock, createClock } from '../clock.ts'
import { indexOfUuid } from '../random.ts'
import {
  generateIssue,
  generateProject,
  type IssueHead,
  issueHead,
  issueId,
  type Json,
  projectId,
  type TenantSize,
} from './generate.ts'

/** Fields of an object in the shape of the GraphQL schema. */
export type Fields = Record<string, unknown>

export interface Tenant {
  /** Grows with every change. */
  readonly version: number
  /** When what is changed is changed. */
  readonly clock: Clock
  /** How many issue objects were made since the tenant exists: paging must not make all of them. */
  readonly issuesMade: number
  /** Positions that were ever used; deleted issues leave a gap. */
  readonly issueSlots: number
  head(index: number): IssueHead | undefined
  issueAt(index: number): Json | undefined
  /** -1 when there is none. */
  indexOfIssue(id: string): number
  projects(): Json[]
  /** What the default filter (OPEN, IN_PROGRESS) shows, oldest first. */
  openIssues(): Iterable<Json>

  resolve(id: string): void
  reopen(id: string): void
  editIssue(id: string, fields: Fields): void
  deleteIssue(id: string): void
  /** @returns the new issues' ids */
  addIssues(count: number): string[]
  /** Takes any fields; what is missing is generated. */
  addIssue(fields: Fields): string
  editProject(id: string, fields: Fields): void
  deleteProject(id: string): void
  addProjects(count: number): string[]
  addProject(fields: Fields): string
}

export function createTenant({
  clock = createClock(),
  ...options
}: Partial<TenantSize> & { clock?: Clock } = {}): Tenant {
  const size: TenantSize = { seed: 1, projects: 10, issues: 100, rules: 40, ...options }
  const issues = createOverlay(size.issues)
  const projects = createOverlay(size.projects)
  let version = 0
  let issuesMade = 0
  const changed = <T>(result: T): T => {
    version += 1
    return result
  }

  function projectAt(index: number): Json | null {
    const fields = projects.at(index)
    return fields === undefined ? null : merged(generateProject(size, index), fields)
  }

  function issueAt(index: number): Json | undefined {
    const fields = issues.at(index)
    if (fields === undefined) return undefined
    issuesMade += 1
    return merged(generateIssue(size, index, projectAt), fields)
  }

  function head(index: number): IssueHead | undefined {
    const fields = issues.at(index)
    return fields === undefined ? undefined : { ...issueHead(size, index), ...(fields as Partial<IssueHead>) }
  }

  const indexOfIssue = (id: string) => indexOf(id, issues, issueId)
  const indexOfProject = (id: string) => indexOf(id, projects, projectId)

  function indexOf(id: string, overlay: Overlay, idOf: (seed: number, index: number) => string): number {
    const index = overlay.named.get(id) ?? indexOfUuid(id)
    const known = index >= 0 && overlay.at(index) !== undefined
    return known && (overlay.at(index)?.id ?? idOf(size.seed, index)) === id ? index : -1
  }

  const tenant: Tenant = {
    clock,
    get version() {
      return version
    },
    get issuesMade() {
      return issuesMade
    },
    get issueSlots() {
      return issues.slots()
    },
    head,
    issueAt,
    indexOfIssue,
    projects: () => indexes(projects.slots()).flatMap(index => projectAt(index) ?? []),
    *openIssues() {
      for (let index = 0; index < issues.slots(); index += 1) {
        const status = head(index)?.status
        const issue = status === 'OPEN' || status === 'IN_PROGRESS' ? issueAt(index) : undefined
        if (issue !== undefined) yield issue
      }
    },
    resolve(id) {
      const at = new Date(clock.now()).toISOString()
      tenant.editIssue(id, { status: 'RESOLVED', resolvedAt: at, statusChangedAt: at, updatedAt: at })
    },
    reopen(id) {
      const at = new Date(clock.now()).toISOString()
      tenant.editIssue(id, { status: 'OPEN', resolvedAt: null, reopenedAt: at, statusChangedAt: at, updatedAt: at })
    },
    editIssue: (id, fields) => changed(issues.edit(indexOfIssue(id), fields)),
    deleteIssue: id => changed(issues.delete(indexOfIssue(id))),
    addIssues(count) {
      const at = new Date(clock.now()).toISOString()
      const added = issues.add(count)
      for (const index of added) issues.edit(index, { createdAt: at, updatedAt: at, statusChangedAt: at })
      return changed(added.map(index => issueId(size.seed, index)))
    },
    addIssue(fields) {
      const at = new Date(clock.now()).toISOString()
      const stamped = { createdAt: at, updatedAt: at, statusChangedAt: at, ...fields }
      return changed(issues.name(stamped) ?? issueId(size.seed, issues.slots() - 1))
    },
    editProject: (id, fields) => changed(projects.edit(indexOfProject(id), fields)),
    deleteProject: id => changed(projects.delete(indexOfProject(id))),
    addProjects: count => changed(projects.add(count).map(index => projectId(size.seed, index))),
    addProject: fields => changed(projects.name(fields) ?? projectId(size.seed, projects.slots() - 1)),
  }
  return tenant
}

interface Overlay {
  named: Map<string, number>
  slots(): number
  /** Changed fields of what stands at an index; undefined when nothing stands there. */
  at(index: number): Fields | undefined
  edit(index: number, fields: Fields): void
  delete(index: number): void
  add(count: number): number[]
  /** Adds one with its own fields, its id among them. */
  name(fields: Fields): string | undefined
}

const UNCHANGED: Fields = Object.freeze({})

function createOverlay(generated: number): Overlay {
  const changes = new Map<number, Fields>()
  const deleted = new Set<number>()
  const named = new Map<string, number>()
  let slots = generated
  const overlay: Overlay = {
    named,
    slots: () => slots,
    at: index => (index < 0 || index >= slots || deleted.has(index) ? undefined : (changes.get(index) ?? UNCHANGED)),
    edit(index, fields) {
      if (index < 0) throw new Error('the tenant has no such object')
      changes.set(index, { ...changes.get(index), ...fields })
    },
    delete(index) {
      if (index < 0) throw new Error('the tenant has no such object')
      deleted.add(index)
    },
    add: count => indexes(count).map(() => slots++),
    name(fields) {
      const [index] = overlay.add(1)
      overlay.edit(index ?? -1, fields)
      if (typeof fields.id !== 'string') return undefined
      named.set(fields.id, index ?? -1)
      return fields.id
    },
  }
  return overlay
}

function merged(generated: Json, fields: Fields): Json {
  return { ...generated, ...fields }
}

function indexes(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index)
}
