/** Random tenants, mappings, catalogs, and what befalls them. */
import fc from 'fast-check'
import type { Fault, FaultAction } from '../../sandbox/faults.ts'
import type { PortSandbox } from '../../sandbox/port/index.ts'
import type { Tenant, WizSandbox } from '../../sandbox/wiz/index.ts'
import { listOf, type Made, made, type ResourceModel } from './model.ts'

const FOREIGN = [
  'Mozilla/5.0',
  'wiz-to-port/0.1.0 (installation/wiz-2)',
  'port-ocean/wiz/0.3.34/mine/exporter',
] as const
const SEVERITIES = ['LOW', 'HIGH', 'CRITICAL'] as const

type Json = Record<string, unknown>

function resource(kind: ResourceModel['kind'], query: string, mapping: string): string {
  return `  - kind: ${kind}
    selector:
      query: '${query}'
    port:
      entity:
        mappings:
${mapping.replaceAll(/^/gm, ' '.repeat(10))}
`
}

const snapshot = (issue: Json) => made(issue.entitySnapshot) as Json
const clean = (id: unknown) => String(id).replace(/[^\p{L}0-9@_.+:\\/=-]/gu, '-')
const sorted = (ids: unknown[]) => (ids.length === 0 ? null : [...new Set(ids)].sort())

const projects = fc.record({ folders: fc.boolean(), described: fc.boolean() }).map(
  ({ folders, described }): ResourceModel => ({
    kind: 'project',
    blueprint: 'wizProject',
    yaml: resource(
      'project',
      folders ? 'true' : '.isFolder | not',
      `identifier: .id\nblueprint: '"wizProject"'\ntitle: .name${described ? '\nproperties:\n  description: .description' : ''}`,
    ),
    make(project) {
      if (!folders && project.isFolder === true) return null
      const fields = { title: project.name, ...(described && { 'properties.description': project.description }) }
      return { blueprint: 'wizProject', identifier: String(project.id), fields }
    },
  }),
)

/** A severity that fails on some objects, that keeps some from having an identifier, or that is only left out. */
const oddities = fc.constantFrom('none', 'field', 'identifier', 'selector')
const issues = fc.record({ odd: oddities, related: fc.boolean() }).map(
  ({ odd, related }): ResourceModel => ({
    kind: 'issue',
    blueprint: 'wizIssue',
    yaml: resource(
      'issue',
      odd === 'selector' ? '.severity != "LOW"' : 'true',
      `identifier: ${odd === 'identifier' ? 'if .severity == "LOW" then null else .id end' : '.id'}
blueprint: '"wizIssue"'
title: .entitySnapshot.name
properties:
  status: .status
  severity: ${odd === 'field' ? 'if .severity == "LOW" then error("no low") else .severity end' : '.severity'}
  dueAt: .dueAt${related ? '\nrelations:\n  projects: .projects[].id\n  control: .sourceRules[0].id' : ''}`,
    ),
    make(issue) {
      const low = issue.severity === 'LOW'
      if (odd === 'selector' && low) return null
      if (odd === 'identifier' && low) return 'failed'
      const fields: Record<string, unknown> = {
        title: snapshot(issue).name,
        'properties.status': issue.status,
        'properties.dueAt': issue.dueAt,
      }
      if (!(odd === 'field' && low)) fields['properties.severity'] = issue.severity
      if (related) {
        // jq does not iterate over null: the field is left out there.
        if (made(issue.projects) !== null)
          fields['relations.projects'] = sorted(listOf(issue.projects).map(({ id }) => id))
        fields['relations.control'] = listOf(issue.sourceRules)[0]?.id ?? null
      }
      return { blueprint: 'wizIssue', identifier: String(issue.id), fields }
    },
  }),
)

const plain = (
  kind: ResourceModel['kind'],
  blueprint: string,
  identifier: [jq: string, make: (object: Json) => string],
  fields: [yaml: string, make: (object: Json) => Made['fields']],
): ResourceModel => ({
  kind,
  blueprint,
  yaml: resource(kind, 'true', `identifier: ${identifier[0]}\nblueprint: '"${blueprint}"'\n${fields[0]}`),
  make: object => ({ blueprint, identifier: identifier[1](object), fields: fields[1](object) }),
})
const named: [string, (object: Json) => Made['fields']] = ['title: .name', ({ name }) => ({ title: name })]
const controls = plain('control', 'wizControl', ['.id', ({ id }) => String(id)], named)
const tickets = plain(
  'serviceTicket',
  'wizServiceTicket',
  ['.externalId | gsub("[^\\\\p{L}0-9@_.+:\\\\\\\\/=-]"; "-")', ({ externalId }) => clean(externalId)],
  named,
)
/** Many objects, few entities, and each of them says something else. */
const severities = plain(
  'issue',
  'wizIssue',
  ['.severity', ({ severity }) => String(severity)],
  ['title: .id\nproperties:\n  status: .status', ({ id, status }) => ({ title: id, 'properties.status': status })],
)

export const mapping: fc.Arbitrary<ResourceModel[]> = fc
  .tuple(fc.subarray([controls, tickets, severities]), fc.option(projects, { freq: 3 }), fc.option(issues, { freq: 4 }))
  .map(([some, project, issue]) => [project, issue, ...some].filter(one => one !== null))
  .filter(resources => resources.length > 0)

export function textOf(resources: readonly ResourceModel[]): string {
  return `resources:\n${resources.map(({ yaml }) => yaml).join('')}`
}

/** Something that happens in Wiz or, by somebody else's hand, in Port. */
export interface Change {
  what: 'resolve' | 'edit' | 'delete' | 'add' | 'archive' | 'overwrite' | 'foreign' | 'dependent' | 'lost'
  at: number
  by: (typeof FOREIGN)[number]
  severity: (typeof SEVERITIES)[number]
}

export const change: fc.Arbitrary<Change> = fc.record({
  what: fc.constantFrom(
    'resolve',
    'edit',
    'delete',
    'add',
    'archive',
    'overwrite',
    'foreign',
    'dependent',
    'lost',
  ) as fc.Arbitrary<Change['what']>,
  at: fc.nat(30),
  by: fc.constantFrom(...FOREIGN),
  severity: fc.constantFrom(...SEVERITIES),
})

const DEPENDENT = {
  identifier: 'service',
  title: 'Service',
  schema: { properties: {} },
  relations: { control: { target: 'wizControl', title: 'Control', required: false, many: false } },
}

export function perform({ what, at, by, severity }: Change, tenant: Tenant, port: PortSandbox): void {
  const open = [...tenant.openIssues()]
  const issue = open[at % Math.max(open.length, 1)]?.id
  const projects = tenant.projects()
  const project = projects[at % Math.max(projects.length, 1)]?.id
  const blueprint = ['wizIssue', 'wizControl', 'wizProject'][at % 3] ?? ''
  const held = port.entities(blueprint)
  const entity = held[at % Math.max(held.length, 1)]
  if (what === 'add') tenant.addIssues((at % 3) + 1)
  else if (what === 'resolve' && issue !== undefined) tenant.resolve(issue)
  else if (what === 'edit' && issue !== undefined) tenant.editIssue(issue, { severity })
  else if (what === 'delete' && issue !== undefined) tenant.deleteIssue(issue)
  else if (what === 'archive' && project !== undefined) tenant.editProject(project, { archived: true })
  else if (what === 'lost' && entity !== undefined) port.removeEntity(blueprint, entity.identifier)
  else if (what === 'overwrite' && entity !== undefined) {
    port.putEntity(blueprint, { identifier: entity.identifier, title: 'by hand' }, by)
  } else if (what === 'foreign' && port.blueprints.has(blueprint)) {
    port.putEntity(blueprint, { identifier: `foreign-${at}`, title: 'not from Wiz' }, by)
  } else if (what === 'dependent' && port.blueprints.has('wizControl')) {
    const [control] = port.entities('wizControl')
    if (!port.blueprints.has('service')) port.putBlueprint(DEPENDENT)
    const relations = control === undefined ? {} : { control: control.identifier }
    port.putEntity('service', { identifier: `service-${at}`, relations }, by)
  }
}

/** What a service does wrong, and whether it is worth asking again. */
export interface Trouble {
  name: string
  service: 'wiz' | 'port'
  fault: (wiz: WizSandbox, port: PortSandbox) => Fault
  /** The action is to end as if nothing had happened. */
  passes: boolean
  /** A write happens and is not heard of. */
  loses?: boolean
}

const CRAWL = /query Crawl\(/
const BULK = /\/entities\/bulk$/
const ALWAYS = Number.POSITIVE_INFINITY
export const RETRY_AFTER_MS = 120

const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}): FaultAction => ({
  kind: 'respond',
  status,
  body,
  headers,
})
const graphql = (code: string, status = 200) =>
  answer(status, { data: null, errors: [{ message: `failed with ${code}`, extensions: { code } }] })
const rewritten = (change: (connection: Json) => void): FaultAction => ({
  kind: 'rewrite',
  rewrite(body) {
    for (const connection of Object.values((body as { data?: Record<string, Json> }).data ?? {})) change(connection)
    return body
  },
})

const troubles: Trouble[] = [
  ...(
    [
      ['throttles', answer(429, '', { 'retry-after': String(RETRY_AFTER_MS / 1000) })],
      ['is not there', answer(503, '<html>')],
      ['resets', { kind: 'reset' }],
      ['cuts its answer', { kind: 'cut-body', afterBytes: 50 }],
      ['says that it is internal', graphql('INTERNAL')],
    ] satisfies [string, FaultAction][]
  ).map(
    ([name, fault]): Trouble => ({
      name: `Wiz ${name}`,
      service: 'wiz',
      passes: true,
      fault: () => ({ match: { body: CRAWL }, times: 1, fault }),
    }),
  ),
  {
    name: 'both forget their tokens',
    service: 'wiz',
    passes: true,
    fault: (wiz, port) => ({
      match: { body: CRAWL },
      times: 1,
      fault: {
        kind: 'rewrite',
        rewrite(body) {
          wiz.revokeTokens()
          port.revokeTokens()
          return body
        },
      },
    }),
  },
  ...(
    [
      ['refuses the query', graphql('BAD_USER_INPUT', 400)],
      ['has no page info', rewritten(connection => delete connection.pageInfo)],
      ['counts more than it gives', rewritten(connection => Object.assign(connection, { totalCount: 9_999 }))],
      [
        'fails beside its data',
        { kind: 'rewrite', rewrite: body => ({ ...(body as Json), errors: [{ message: 'one field' }] }) },
      ],
      [
        'has a cursor that leads nowhere',
        rewritten(connection => Object.assign(connection, { pageInfo: { hasNextPage: true, endCursor: 'x' } })),
      ],
    ] satisfies [string, FaultAction][]
  ).map(
    ([name, fault]): Trouble => ({
      name: `Wiz ${name}`,
      service: 'wiz',
      passes: false,
      fault: () => ({ match: { body: CRAWL }, times: ALWAYS, fault }),
    }),
  ),
  {
    name: 'Wiz shows nothing at all',
    service: 'wiz',
    passes: false,
    fault: () => ({
      match: { body: CRAWL },
      times: ALWAYS,
      fault: rewritten(connection =>
        Object.assign(connection, { nodes: [], totalCount: 0, pageInfo: { hasNextPage: false, endCursor: null } }),
      ),
    }),
  },
  ...(
    [
      ['throttles', answer(429, { ok: false }, { 'retry-after': String(RETRY_AFTER_MS / 1000) })],
      ['is not there', answer(502, '<html>')],
      ['resets', { kind: 'reset' }],
      ['answers with a web page', answer(200, '<html>')],
      ['cuts its answer', { kind: 'cut-body', afterBytes: 20 }],
      ['loses its answer', { kind: 'lose-answer' }],
    ] satisfies [string, FaultAction][]
  ).map(
    ([name, fault]): Trouble => ({
      name: `Port ${name}`,
      service: 'port',
      passes: true,
      loses: fault.kind === 'lose-answer' || fault.kind === 'cut-body',
      fault: () => ({ match: { path: /\/(search|bulk|delete)$/ }, times: 1, fault }),
    }),
  ),
  {
    name: 'Port finds a bulk too large',
    service: 'port',
    passes: true,
    fault: () => ({ match: { path: BULK }, times: 1, fault: answer(413, { ok: false, error: 'payload_too_large' }) }),
  },
  {
    name: 'Port forbids to write',
    service: 'port',
    passes: false,
    fault: () => ({
      match: { path: BULK },
      times: ALWAYS,
      fault: answer(403, { ok: false, error: 'forbidden', message: 'not allowed' }),
    }),
  },
  {
    name: 'Port does not say what it holds',
    service: 'port',
    passes: false,
    fault: () => ({ match: { path: /entities\/search$/ }, times: ALWAYS, fault: answer(200, { ok: true }) }),
  },
]

export const trouble = fc.record({ trouble: fc.constantFrom(...troubles), skip: fc.nat(4) })

/** The run ends before its end: told to stop, or dead, at one of its requests. */
export const ending = fc.option(
  fc.record({
    how: fc.constantFrom('stop' as const, 'crash' as const),
    service: fc.constantFrom('wiz' as const, 'port' as const),
    request: fc.nat(8),
  }),
  { freq: 2 },
)
