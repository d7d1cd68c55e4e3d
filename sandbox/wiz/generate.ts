/** Makes the objects of a tenant out of a seed and an index, so that a million of them need not be held. */
import { mix, pick, uuid } from '../random.ts'
import { CLOUD_PLATFORMS, FRACTIONS, REGIONS, RESOURCE_NAMES, RESOURCE_TYPES, TAGS, TICKET_IDS } from './content.ts'
import { generateRule } from './rules.ts'

/** An object in the shape of the GraphQL schema; fields may be functions, which are called when they are asked for. */
export type Json = Record<string, unknown> & { id: string }

export interface TenantSize {
  seed: number
  projects: number
  issues: number
  rules: number
}

/** What filters and orders need of an issue; cheap to make. */
export interface IssueHead {
  status: string
  severity: string
  type: string
  createdAt: string
  statusChangedAt: string
}

const KINDS = { project: 1, issue: 2, resource: 4, ticket: 5, note: 6 } as const
const STATUSES = [
  'OPEN',
  'OPEN',
  'OPEN',
  'OPEN',
  'OPEN',
  'OPEN',
  'IN_PROGRESS',
  'IN_PROGRESS',
  'RESOLVED',
  'REJECTED',
] as const
const SEVERITIES = ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL', 'INFORMATIONAL'] as const
const TYPES = [
  'TOXIC_COMBINATION',
  'THREAT_DETECTION',
  'CLOUD_CONFIGURATION',
  'ATTACK_SURFACE',
  'RISK_TOXIC_COMBINATION',
] as const
const IMPACTS = ['LBI', 'MBI', 'HBI'] as const
const FIRST_DAY = Date.parse('2024-01-01T00:00:00Z')
/** So many issues share a timestamp, to the last digit. */
const SAME_TIME = 7

export function issueId(seed: number, index: number): string {
  return uuid(seed, KINDS.issue, index)
}

export function projectId(seed: number, index: number): string {
  return uuid(seed, KINDS.project, index)
}

export function issueHead({ seed }: TenantSize, index: number): IssueHead {
  return {
    status: pick(STATUSES, mix(seed, index, 1)),
    severity: pick(SEVERITIES, mix(seed, index, 2)),
    type: pick(TYPES, mix(seed, index, 3)),
    createdAt: timeAt(Math.floor(index / SAME_TIME)),
    statusChangedAt: timeAt(Math.floor(index / SAME_TIME)),
  }
}

function timeAt(group: number): string {
  const second = new Date(FIRST_DAY + group * 37_000).toISOString().slice(0, 19)
  return `${second}${FRACTIONS[group % FRACTIONS.length] ?? ''}Z`
}

export function generateIssue(size: TenantSize, index: number, project: (index: number) => unknown): Json {
  const { seed } = size
  const head = issueHead(size, index)
  const resolved = head.status === 'RESOLVED' || head.status === 'REJECTED'
  const id = issueId(seed, index)
  return {
    id,
    ...head,
    url: mix(seed, index, 4) % 10 === 0 ? null : `https://app.wiz.io/issues#~(issue~'${id})`,
    description: '',
    updatedAt: head.createdAt,
    dueAt: mix(seed, index, 5) % 5 === 0 ? '2027-01-01T00:00:00Z' : null,
    resolvedAt: resolved ? head.createdAt : null,
    reopenedAt: null,
    rejectionExpiredAt: null,
    resolutionReason: resolved ? 'ISSUE_FIXED' : null,
    resolutionNote: null,
    openReason: null,
    hasCodeRemediation: false,
    validatedAsExploitable: false,
    evidenceQuery: {},
    sourceRules: () => rulesOf(size, index),
    sourceRule: () => rulesOf(size, index)?.[0] ?? null,
    entitySnapshot: () => snapshotOf(seed, index),
    projects: () => projectsOf(size, index, project),
    serviceTickets: () => ticketsOf(seed, index),
    notes: () => notesOf(seed, index),
  }
}

function rulesOf(size: TenantSize, index: number): Json[] | null {
  const number = mix(size.seed, index, 10)
  if (number % 50 === 0) return null
  if (number % 50 === 1) return []
  const first = generateRule(size, number % size.rules)
  // Several rules of different types in one issue are rare, but real.
  return number % 20 === 2 ? [first, generateRule(size, (number + 1) % size.rules)] : [first]
}

function snapshotOf(seed: number, index: number): Json {
  const number = mix(seed, index, 30)
  const platform = pick(CLOUD_PLATFORMS, number)
  const id = uuid(seed, KINDS.resource, index)
  const providerId =
    platform === null ? `data##wizt-rec${index}##wfke` : `arn:aws:ec2:us-east-1:998231069301:instance/i-${index}`
  return {
    id,
    type: pick(RESOURCE_TYPES, number >>> 3),
    nativeType: index % 4 === 0 ? '' : 'ec2#instance',
    name: pick(RESOURCE_NAMES, index % 3 === 0 ? mix(seed, index, 31) : 0),
    status: platform === null ? null : 'Active',
    cloudPlatform: platform,
    cloudProviderURL:
      number % 3 === 0
        ? ''
        : `https://us-east-1.console.aws.amazon.com/ec2/v2/home?region=us-east-1#Instances:search=i-${index}`,
    providerId,
    externalId: providerId,
    region: pick(REGIONS, number >>> 5),
    resourceGroupExternalId: '',
    subscriptionExternalId: platform === null ? '' : '998231069301',
    subscriptionName: platform === null ? '' : 'wiz-integrations',
    subscriptionTags: TAGS[(number >>> 7) % TAGS.length] ?? null,
    tags: TAGS[(number >>> 9) % TAGS.length] ?? {},
    createdAt: number % 4 === 0 ? null : '2022-12-04T10:57:17Z',
  }
}

function projectsOf(size: TenantSize, index: number, project: (index: number) => unknown): unknown[] | null {
  const number = mix(size.seed, index, 40)
  if (size.projects === 0 || number % 12 === 0) return null
  if (number % 12 === 1) return []
  const child = number % size.projects
  // An issue lists the folder above its project too.
  const indexes = number % 3 === 0 ? [folderOf(child), child] : [child]
  return [...new Set(indexes)].map(project).filter(found => found !== null)
}

/** Every tenth project is a folder, and holds the nine that follow. */
function folderOf(index: number): number {
  return index - (index % 10)
}

function ticketsOf(seed: number, index: number): Json[] | null {
  const number = mix(seed, index, 50)
  if (number % 20 >= 3) return number % 2 === 0 ? null : []
  // One in ten tickets is shared with other issues.
  const own = number % 10 === 0 ? number % 25 : index + 100
  const tickets = [ticket(seed, own)]
  return number % 20 === 2 ? [...tickets, ticket(seed, own + 1_000_000)] : tickets
}

function ticket(seed: number, number: number): Json {
  const externalId = pick(TICKET_IDS, number)(number)
  return {
    id: uuid(seed, KINDS.ticket, number),
    externalId,
    name: `Ticket ${number} <b>`,
    url: number % 11 === 0 ? '' : `https://tickets.example.com/browse/${encodeURIComponent(externalId)}`,
    project: null,
  }
}

function notesOf(seed: number, index: number): Json[] | null {
  const number = mix(seed, index, 60)
  if (number % 10 > 1) return number % 2 === 0 ? null : []
  const person = number % 10 === 0
  return [
    {
      id: uuid(seed, KINDS.note, index),
      text: 'Looked at it; **false alarm**?',
      createdAt: '2026-01-02T03:04:05.678Z',
      updatedAt: '2026-01-02T03:04:05.678Z',
      user: person ? { id: 'u1', name: 'Ada', email: 'ada@example.com' } : null,
      serviceAccount: person ? null : { id: 's1', name: 'bot' },
    },
  ]
}

export function generateProject({ seed }: TenantSize, index: number): Json {
  const number = mix(seed, index, 70)
  const isFolder = index % 10 === 0
  return {
    id: projectId(seed, index),
    name: index % 13 === 5 ? `Projekt ${index} <i>Ü</i> 🚀` : `${isFolder ? 'Folder' : 'Project'} ${index}`,
    slug: `project-${index}`,
    description: index % 4 === 0 ? null : index % 4 === 1 ? '' : `What project ${index} is about`,
    businessUnit: index % 3 === 0 ? '' : index % 3 === 1 ? null : 'Dev',
    identifiers: [],
    archived: index % 25 === 24,
    isFolder,
    nestingLevel: isFolder ? 0 : 1,
    parentProject: () => (isFolder ? null : { id: projectId(seed, folderOf(index)) }),
    riskProfile: { businessImpact: index % 8 === 7 ? null : pick(IMPACTS, number) },
    securityScore: number % 100,
    createdAt: '2023-05-01T00:00:00Z',
    updatedAt: '2023-05-01T00:00:00Z',
    modifiedAt: '2023-05-01T00:00:00Z',
  }
}
