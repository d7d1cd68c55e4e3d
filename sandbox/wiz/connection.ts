/** Wiz's connections: filters, orders, and cursors that belong to the query that made them. */
import { createHash } from 'node:crypto'
import { GraphQLError } from 'graphql'
import type { Json } from './generate.ts'
import type { Tenant } from './tenant.ts'

export interface ConnectionArguments {
  first?: number | null
  after?: string | null
  filterBy?: Record<string, unknown> | null
  orderBy?: { field: string; direction: 'ASC' | 'DESC' } | null
}

/** Sorted candidates, and how to get at them: objects are only made for the page that shows them. */
interface Source {
  /** Largest `first`. */
  cap: number
  count: number
  at(position: number): Json | undefined
  /** The next position from `start` on that passes the filter, or `count`. */
  next(start: number): number
  total(): number
}

export function badInput(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT' } })
}

/** A page of a connection, as resolvers return it. */
export function page(source: Source, args: ConnectionArguments) {
  const { first, after } = args
  if (typeof first !== 'number') throw badInput('first is required: you must include a value')
  if (first < 1 || first > source.cap) throw badInput(`first must be between 1 and ${source.cap}`)
  refuseEmptyLists(args.filterBy ?? {})
  const binding = createHash('sha256')
    .update(JSON.stringify([args.filterBy ?? {}, args.orderBy ?? null]))
    .digest('base64url')

  const nodes: Json[] = []
  let position = source.next(readCursor(after, binding))
  while (position < source.count && nodes.length < first) {
    const node = source.at(position)
    if (node !== undefined) nodes.push(node)
    position = source.next(position + 1)
  }
  const hasNextPage = position < source.count
  return {
    nodes,
    // Both forms of "no cursor" are real.
    pageInfo: {
      hasNextPage,
      endCursor: hasNextPage ? writeCursor(position, binding) : nodes.length % 2 === 0 ? null : '',
    },
    totalCount: () => source.total(),
  }
}

function writeCursor(position: number, binding: string): string {
  const fields = [
    { Field: 'Sequence', Value: position },
    { Field: 'Query', Value: binding.slice(0, 12) },
  ]
  return Buffer.from(JSON.stringify({ fields })).toString('base64')
}

function readCursor(cursor: string | null | undefined, binding: string): number {
  if (cursor === null || cursor === undefined) return 0
  try {
    const { fields } = JSON.parse(Buffer.from(cursor, 'base64').toString('utf8'))
    if (fields[1].Value === binding.slice(0, 12) && Number.isInteger(fields[0].Value)) return fields[0].Value
  } catch {
    // Said below, as for a cursor of another query.
  }
  throw badInput('after is not a cursor of this query')
}

function refuseEmptyLists(filter: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(filter)) {
    if (Array.isArray(value) && value.length === 0) throw badInput(`filterBy.${name} must not be empty`)
    if (value !== null && typeof value === 'object' && !Array.isArray(value))
      refuseEmptyLists(value as Record<string, unknown>)
  }
}

const SEVERITY_RANK = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL']

/** Issues by filter and order. Oldest first is the order of their index, so that a page is found without sorting. */
export function createIssueSource(tenant: Tenant) {
  const totals = new Map<string, number>()
  let totalsVersion = -1

  return (args: ConnectionArguments): Source => {
    const filter = args.filterBy ?? {}
    const passes = issueFilter(tenant, filter)
    const order = orderOf(tenant, args.orderBy ?? { field: 'CREATED_AT', direction: 'ASC' }, passes)
    return {
      cap: 500,
      count: order.count,
      at: position => tenant.issueAt(order.index(position)),
      next(start) {
        let position = start
        while (position < order.count && !passes(order.index(position))) position += 1
        return position
      },
      total() {
        if (totalsVersion !== tenant.version) totals.clear()
        totalsVersion = tenant.version
        const key = JSON.stringify(filter)
        const known = totals.get(key)
        if (known !== undefined) return known
        let count = 0
        for (let index = 0; index < tenant.issueSlots; index += 1) if (passes(index)) count += 1
        totals.set(key, count)
        return count
      },
    }
  }
}

function orderOf(
  tenant: Tenant,
  { field, direction }: { field: string; direction: string },
  passes: (index: number) => boolean,
) {
  const count = tenant.issueSlots
  if (field === 'CREATED_AT') {
    return { count, index: (position: number) => (direction === 'ASC' ? position : count - 1 - position) }
  }
  const keyOf = (index: number): string | number => {
    if (field === 'SEVERITY') return SEVERITY_RANK.indexOf(tenant.head(index)?.severity ?? '')
    if (field === 'STATUS_CHANGED_AT') return Date.parse(tenant.head(index)?.statusChangedAt ?? '')
    return tenant.issueAt(index)?.id ?? ''
  }
  const sorted = Array.from({ length: count }, (_, index) => index)
    .filter(passes)
    .map(index => ({ index, key: keyOf(index) }))
    .sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.index - b.index))
  if (direction === 'DESC') sorted.reverse()
  return { count: sorted.length, index: (position: number) => sorted[position]?.index ?? -1 }
}

const ISSUE_FILTERS = [
  'status',
  'severity',
  'type',
  'id',
  'createdAt',
  'statusChangedAt',
  'project',
  'sourceRule',
  'hasServiceTicket',
]

function issueFilter(tenant: Tenant, filter: Record<string, unknown>): (index: number) => boolean {
  refuseOthers(filter, ISSUE_FILTERS, '')
  const among = (name: string) => (Array.isArray(filter[name]) ? new Set(filter[name].map(String)) : undefined)
  const [status, severity, type, ids, projects] = ['status', 'severity', 'type', 'id', 'project'].map(among)
  const indexes = ids && new Set([...ids].map(id => tenant.indexOfIssue(id)))
  const [created, changed] = [filter.createdAt, filter.statusChangedAt].map(range)
  const carries = carriesFilter(filter)
  return index => {
    if (indexes && !indexes.has(index)) return false
    const head = tenant.head(index)
    if (head === undefined) return false
    if (status && !status.has(head.status)) return false
    if (severity && !severity.has(head.severity)) return false
    if (type && !type.has(head.type)) return false
    if (!created?.(head.createdAt) || !changed?.(head.statusChangedAt)) return false
    if (projects === undefined && carries === undefined) return true
    const issue = tenant.issueAt(index)
    if (projects && !listOf(issue, 'projects').some(({ id }) => projects.has(String(id)))) return false
    return carries === undefined || carries(issue)
  }
}

/** What an issue carries: rules by their ids, any of its rules; and whether it has tickets at all. */
function carriesFilter(filter: Record<string, unknown>): ((issue: Json | undefined) => boolean) | undefined {
  const { sourceRule, hasServiceTicket } = filter as {
    sourceRule?: { id?: string[] } | null
    hasServiceTicket?: boolean | null
  }
  if (sourceRule) refuseOthers(sourceRule, ['id'], 'sourceRule.')
  const rules = sourceRule?.id && new Set(sourceRule.id)
  if (rules === undefined && typeof hasServiceTicket !== 'boolean') return undefined
  return issue => {
    if (rules && !listOf(issue, 'sourceRules').some(({ id }) => rules.has(String(id)))) return false
    return typeof hasServiceTicket !== 'boolean' || listOf(issue, 'serviceTickets').length > 0 === hasServiceTicket
  }
}

function range(filter: unknown): (at: string) => boolean {
  const { after, before } = (filter ?? {}) as { after?: string; before?: string }
  return at =>
    (after === undefined || Date.parse(at) > Date.parse(after)) &&
    (before === undefined || Date.parse(at) < Date.parse(before))
}

/** A list of an issue, which may be made only when it is asked for. */
function listOf(issue: Json | undefined, field: string): Json[] {
  const made = issue?.[field]
  const list: unknown = typeof made === 'function' ? made() : made
  return Array.isArray(list) ? list : []
}

/** What is not evaluated is refused: better no answer than a wrong one. */
function refuseOthers(filter: object, known: readonly string[], path: string): void {
  for (const name of Object.keys(filter)) {
    if (!known.includes(name)) throw badInput(`the sandbox does not filter by ${path}${name}`)
  }
}

/** Projects by filter; archived ones only when they are asked for. */
export function projectSource(tenant: Tenant, args: ConnectionArguments): Source {
  const filter = args.filterBy ?? {}
  refuseOthers(filter, ['includeArchived', 'impact', 'search', 'isFolder', 'id'], '')
  const { includeArchived, impact, search, isFolder, id } = filter as {
    includeArchived?: boolean
    impact?: string[]
    search?: string
    isFolder?: boolean
    id?: { equals?: string[] }
  }
  const projects = tenant.projects().filter(project => {
    const risk = project.riskProfile as { businessImpact: string | null }
    if (project.archived === true && includeArchived !== true) return false
    if (impact && !impact.includes(risk.businessImpact ?? '')) return false
    if (isFolder !== undefined && project.isFolder !== isFolder) return false
    if (search && !String(project.name).toLowerCase().includes(search.toLowerCase())) return false
    return id?.equals === undefined || id.equals.includes(project.id)
  })
  return {
    cap: 100,
    count: projects.length,
    at: position => projects[position],
    next: start => Math.min(start, projects.length),
    total: () => projects.length,
  }
}
