/** Port on loopback: its REST API with its contract, its limits and its refusals. */
import { randomUUID } from 'node:crypto'
import { type Clock, createClock } from '../clock.ts'
import type { Fault, RecordedRequest } from '../faults.ts'
import { type ServiceRequest, type ServiceResponse, startLoopback } from '../loopback.ts'
import { createBlueprint, patchBlueprint } from './blueprints.ts'
import { checkRequest } from './contract.ts'
import { writeEntity } from './entities.ts'
import { createIngest, type WebhookEvent } from './ingest.ts'
import { createRateLimits, createTokens } from './limits.ts'
import { ApiError, type Blueprint, type Json, type StoredEntity } from './model.ts'
import { createIntegrations, createWebhooks } from './records.ts'
import { type RouteContext, route } from './routes.ts'
import { type Books, Store } from './store.ts'

export type { Blueprint, StoredEntity } from './model.ts'

export interface PortSandboxOptions {
  latencyMs?: number
  /** Gives entities their times. */
  clock?: Clock
  /** Default on, with Port's published figures. */
  rateLimits?: boolean
  /** The form of `x-ratelimit-reset`; default `alternate`. */
  resetDialect?: 'epoch' | 'delta' | 'alternate'
  tokenLifetimeSeconds?: number
  /** Whether `$datasource` works in searches and answers; default `reported`. */
  datasource?: 'reported' | 'hidden' | 'refused'
  /** What becomes of a property that the blueprint does not have; default `reject`. */
  unknownProperties?: 'reject' | 'drop'
  /** The `ok` of an answer with status 207; default false. */
  partialStatusOk?: boolean
  /** Unset properties and relations come back as null; default true. */
  unsetAsNull?: boolean
  recordBodies?: boolean
  clientSecret?: string
}

export interface PortSandbox {
  url: string
  clientId: string
  clientSecret: string
  requests: RecordedRequest[]
  faults: Fault[]
  /** What changed hands, entity by entity: a client's own numbers can be held against it. */
  writes: Books
  blueprints: ReadonlyMap<string, Blueprint>
  /** Sorted by identifier. */
  entities(blueprint: string): StoredEntity[]
  entity(blueprint: string, identifier: string): StoredEntity | undefined
  /** Arrange without HTTP; validated all the same, and not in the books. */
  putBlueprint(definition: object): void
  putEntity(blueprint: string, entity: object, datasource?: string): void
  removeEntity(blueprint: string, identifier: string): void
  changeBlueprint(identifier: string, changes: object): void
  putIntegration(record: object): void
  putWebhook(record: object): void
  changeWebhook(identifier: string, changes: object): void
  revokeTokens(): void
  /** Integrations as they are kept, by installation. */
  integration(identifier: string): Json | undefined
  /** Raw examples of an installation, by kind. */
  examples(identifier: string, kind: string): Json[]
  webhook(identifier: string): Json | undefined
  /** What became of what was posted to webhooks. */
  webhookEvents: WebhookEvent[]
  /** Resolves when everything that was posted to webhooks has been mapped. */
  webhooksSettled(): Promise<void>
  peakConcurrency(): number
  stop(): Promise<void>
}

export async function startPort(options: PortSandboxOptions = {}): Promise<PortSandbox> {
  const { clientSecret = 'sandbox-port-secret-0123456789' } = options
  const credentials = { clientId: 'sandbox-port-client', clientSecret }
  const timer = () => performance.now()
  const clock = options.clock ?? createClock()
  const store = new Store()
  const tokens = createTokens(
    credentials.clientId,
    credentials.clientSecret,
    options.tokenLifetimeSeconds ?? 10_800,
    timer,
  )
  const limits = createRateLimits(options.rateLimits ?? true, options.resetDialect ?? 'alternate', timer)
  const datasource = options.datasource ?? 'reported'
  const context: RouteContext = {
    store,
    tokens,
    integrations: createIntegrations(),
    webhooks: createWebhooks(() => `${server.url}/ingest`),
    read: { datasource, unsetAsNull: options.unsetAsNull ?? true },
    write: {
      datasource,
      dropUnknown: options.unknownProperties === 'drop',
      now: () => new Date(clock.now()).toISOString(),
    },
    partialOk: options.partialStatusOk ?? false,
  }

  const ingest = createIngest(store, context.webhooks, context.write)

  function answer(request: ServiceRequest): ServiceResponse {
    const { headers, passed } = limits.take(request.method, request.path)
    const respond = (status: number, body: Json) => ({
      status,
      body,
      headers: { ...headers, 'x-trace-id': randomUUID() },
    })
    if (!passed) return respond(429, { ok: false, message: 'rate limited' })
    try {
      if (request.path.startsWith('/ingest/')) {
        ingest.accept(request)
        return respond(202, { ok: true })
      }
      const checked = checkRequest(request)
      if (request.path !== '/v1/auth/access_token' && !tokens.accepts(request.headers.authorization)) {
        throw new ApiError(401, 'unauthorized', 'The token is missing, expired or not valid')
      }
      const { status, body } = route({ ...checked, writer: request.headers['user-agent'] ?? '' }, context)
      return respond(status, body)
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      return respond(error.status, { ok: false, error: error.code, message: error.message })
    }
  }

  const { latencyMs, recordBodies = true } = options
  const server = await startLoopback(answer, { recordBodies, clock, ...(latencyMs !== undefined && { latencyMs }) })

  function putEntity(blueprint: string, entity: object, writer = 'somebody/1.0'): void {
    const before = { ...store.writes }
    const flags = { upsert: true, merge: false, createMissing: false, validationOnly: false }
    writeEntity(store, blueprint, entity as Json, { ...context.write, ...flags, writer })
    Object.assign(store.writes, before)
  }

  return {
    ...credentials,
    url: server.url,
    requests: server.requests,
    faults: server.faults,
    writes: store.writes,
    blueprints: store.blueprints,
    entities: blueprint =>
      store.sortedIdentifiers(blueprint).flatMap(identifier => store.table(blueprint).get(identifier) ?? []),
    entity: (blueprint, identifier) => store.table(blueprint).get(identifier),
    putBlueprint: definition => void createBlueprint(store, definition as Json),
    putEntity,
    changeBlueprint: (identifier, changes) => void patchBlueprint(store, identifier, changes as Json),
    putIntegration: record => void context.integrations.create(record as Json),
    putWebhook: record => void context.webhooks.create(record as Json),
    changeWebhook: (identifier, changes) => void context.webhooks.records.patch(identifier, changes as Json),
    removeEntity(blueprint, identifier) {
      const entity = store.table(blueprint).get(identifier)
      if (entity !== undefined) store.remove(entity)
    },
    revokeTokens: tokens.revoke,
    integration: identifier => find(context.integrations.records.all(), identifier),
    examples: (identifier, kind) => context.integrations.examples.get(`${identifier}/${kind}`) ?? [],
    webhook: identifier => find(context.webhooks.records.all(), identifier),
    webhookEvents: ingest.events,
    webhooksSettled: ingest.settled,
    peakConcurrency: server.peakConcurrency,
    stop: server.stop,
  }
}

function find(records: readonly Json[], identifier: string): Json | undefined {
  return records.find(record => record.identifier === identifier)
}
