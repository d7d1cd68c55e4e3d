/** What can be fetched from Wiz: one table, where a new kind is a new row. */
import type { ConnectionQuery } from './pages.ts'
import { type Connection, crawlDocument, ISSUES, PROJECTS, RULES, TICKETS } from './queries.ts'
import { objects, shapeIssue, shapeRule } from './shape.ts'

export type KindName = 'project' | 'issue' | 'control' | 'serviceTicket'

type Json = Record<string, unknown>

/** How a selector option is written in a mapping file, and what of it Wiz is asked. */
export type SelectorOption =
  | { type: 'boolean'; filter: string }
  | { type: 'enum'; filter: string; values: readonly string[] }
  | { type: 'enums'; filter: string; values: readonly string[]; default?: readonly string[] }
  /** Pages of {@link MAX_PAGES_UNIT} objects, whatever page size we ask Wiz for. */
  | { type: 'pages' }

export interface Kind {
  /** The connection that it comes from: kinds with the same connection and the same filters share one crawl. */
  source: SourceName
  selector: Readonly<Record<string, SelectorOption>>
  /** The objects of this kind in one object of the connection. */
  extract: (node: Json) => Json[]
  /** Whether many objects of the connection carry the same object of this kind. */
  repeats: boolean
  /** What an object of this kind is called in a message; Wiz's id of it. */
  label: (object: Json) => string
  /** How Wiz is asked which objects of the connection carry some of this kind; only where it repeats. */
  carriers?: Carriers
}

export interface Carriers {
  /** Whether the filter names what is carried; if not, it passes whatever carries anything of the kind. */
  byId: boolean
  filter: (ids: readonly string[]) => Json
  /** What is asked of an object that passes: what it carries, whole. */
  node: string
}

export type SourceName = 'projects' | 'issues'

/** Port's Wiz integration counts `maxPages` in pages of 100 objects; mappings carry over with that meaning. */
export const MAX_PAGES_UNIT = 100

/** Wiz's enums, read from its schema of August 2026. */
const STATUSES = ['OPEN', 'IN_PROGRESS', 'RESOLVED', 'REJECTED'] as const
const SEVERITIES = ['INFORMATIONAL', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'] as const
const ISSUE_TYPES = [
  'TOXIC_COMBINATION',
  'THREAT_DETECTION',
  'CLOUD_CONFIGURATION',
  'ATTACK_SURFACE',
  'RISK_TOXIC_COMBINATION',
] as const

const ISSUE_SELECTOR: Kind['selector'] = {
  statusList: { type: 'enums', filter: 'status', values: STATUSES, default: ['OPEN', 'IN_PROGRESS'] },
  severityList: { type: 'enums', filter: 'severity', values: SEVERITIES },
  typeList: { type: 'enums', filter: 'type', values: ISSUE_TYPES },
  maxPages: { type: 'pages' },
}

export const kinds: Readonly<Record<KindName, Kind>> = {
  project: {
    source: 'projects',
    selector: {
      impact: { type: 'enum', filter: 'impact', values: ['LBI', 'MBI', 'HBI'] },
      includeArchived: { type: 'boolean', filter: 'includeArchived' },
    },
    extract: node => [node],
    repeats: false,
    label: project => String(project.id),
  },
  issue: {
    source: 'issues',
    selector: ISSUE_SELECTOR,
    extract: node => [shapeIssue(node)],
    repeats: false,
    label: issue => String(issue.id),
  },
  control: {
    source: 'issues',
    selector: ISSUE_SELECTOR,
    extract: node => objects(node.sourceRules).map(shapeRule),
    repeats: true,
    label: control => String(control.id),
    carriers: { byId: true, filter: ids => ({ sourceRule: { id: ids } }), node: ` id${RULES}` },
  },
  serviceTicket: {
    source: 'issues',
    selector: ISSUE_SELECTOR,
    extract: node => objects(node.serviceTickets),
    repeats: true,
    label: ticket => String(ticket.externalId),
    // Wiz finds single tickets by a search in their texts, of which nobody says what it leaves out.
    carriers: { byId: false, filter: () => ({ hasServiceTicket: true }), node: ` id${TICKETS}` },
  },
}

export interface Source {
  connection: Connection
  /** Largest `first` that Wiz takes. */
  pageSize: number
  orderBy?: ConnectionQuery['orderBy']
  /** The filter that leaves nothing out. */
  unfiltered: Json
  /** The part of a filter that names objects. */
  withIds: (ids: readonly string[]) => Json
}

/**
 * How each connection is read. The largest page that Wiz gives is 500 issues and 100 projects. Issues are read oldest
 * first: what is created during the crawl joins at the end instead of moving the pages.
 */
export const sources: Readonly<Record<SourceName, Source>> = {
  projects: {
    connection: PROJECTS,
    pageSize: 100,
    unfiltered: { includeArchived: true },
    withIds: ids => ({ id: { equals: ids } }),
  },
  issues: {
    connection: ISSUES,
    pageSize: 500,
    orderBy: { field: 'CREATED_AT', direction: 'ASC' },
    unfiltered: {},
    withIds: ids => ({ id: ids }),
  },
}

export function isKindName(name: string): name is KindName {
  return Object.hasOwn(kinds, name)
}

/**
 * What to ask Wiz for a kind with these selector options. Filters whose list is empty are left out, because Wiz refuses
 * empty lists.
 */
export function connectionQuery(kindName: KindName, selector: Readonly<Record<string, unknown>>): ConnectionQuery {
  const kind = kinds[kindName]
  const filterBy: Record<string, unknown> = {}
  for (const [name, option] of Object.entries(kind.selector)) {
    if (option.type === 'pages') continue
    const value = selector[name] ?? ('default' in option ? option.default : undefined)
    if (value === undefined || (Array.isArray(value) && value.length === 0)) continue
    filterBy[option.filter] =
      option.type === 'enum' ? [value] : option.type === 'enums' ? [...list(value)].sort() : value
  }
  const { maxPages } = selector
  const { connection, pageSize, orderBy } = sources[kind.source]
  return {
    connection: connection.name,
    document: crawlDocument(connection),
    pageSize,
    ...(orderBy === undefined ? {} : { orderBy }),
    filterBy,
    ...(typeof maxPages === 'number' ? { maxObjects: maxPages * MAX_PAGES_UNIT } : {}),
  }
}

function list(value: unknown): string[] {
  return Array.isArray(value) ? value.map(String) : []
}
