/** Executes webhooks: answers at once, and maps what was posted afterwards; what goes wrong shows in the audit log only. */
import { createHmac } from 'node:crypto'
import { loadJq } from 'jq-wasm/inline'
import type { ServiceRequest } from '../loopback.ts'
import { deleteEntities } from './deletion.ts'
import { type WriteOptions, writeEntity } from './entities.ts'
import { ApiError, type Json, notFound } from './model.ts'
import type { Webhooks } from './records.ts'
import type { Store } from './store.ts'

/** A line of Port's audit log. */
export interface WebhookEvent {
  webhookId: string
  status: 'SUCCESS' | 'FAILURE'
  message: string
}

export interface Ingest {
  events: WebhookEvent[]
  /** @throws {ApiError} when nobody listens at this address, or the body is too large */
  accept(request: ServiceRequest): void
  /** Resolves when everything that was accepted has been mapped. */
  settled(): Promise<void>
}

type Jq = (expression: string, input: unknown) => unknown

const MAX_BODY_BYTES = 512 * 1024
const MAX_ITEMS = 500

export function createIngest(
  store: Store,
  webhooks: Webhooks,
  write: Pick<WriteOptions, 'datasource' | 'dropUnknown' | 'now'>,
): Ingest {
  const events: WebhookEvent[] = []
  let pending: Promise<void> = Promise.resolve()

  async function execute(webhook: Json, request: ServiceRequest): Promise<void> {
    const jq = await createJq()
    try {
      checkSecret(webhook, request)
      const context = {
        body: JSON.parse(request.body),
        headers: request.headers,
        queryParams: Object.fromEntries(request.query),
      }
      for (const mapping of webhook.mappings as Json[]) {
        for (const item of itemsOf(jq, mapping, context)) apply(jq, webhook, mapping, item)
      }
    } catch (error) {
      log(webhook, 'FAILURE', error instanceof Error ? error.message : String(error))
    }
  }

  function apply(jq: Jq, webhook: Json, mapping: Json, context: Json): void {
    const { filter, blueprint, entity } = mapping as { filter?: string; blueprint: string; entity: Json }
    if (filter !== undefined && jq(filter, context) !== true) return
    try {
      const identifier = String(jq(String(entity.identifier), context))
      const operation = operationOf(mapping)
      if (operation.type === 'delete') {
        deleteEntities(store, blueprint, [identifier], operation.deleteDependents)
      } else {
        const members = Object.fromEntries(
          ['title', 'icon', 'team'].flatMap(name =>
            entity[name] === undefined ? [] : [[name, jq(String(entity[name]), context)]],
          ),
        )
        const group = (values: unknown) =>
          Object.fromEntries(
            Object.entries((values ?? {}) as Json).map(([name, text]) => [name, jq(String(text), context)]),
          )
        writeEntity(
          store,
          blueprint,
          { ...members, identifier, properties: group(entity.properties), relations: group(entity.relations) },
          {
            ...write,
            upsert: true,
            merge: true,
            createMissing: true,
            validationOnly: false,
            writer: `webhook/${webhook.identifier}`,
          },
        )
      }
      log(webhook, 'SUCCESS', `${operation.type} ${blueprint} ${identifier}`)
    } catch (error) {
      log(webhook, 'FAILURE', error instanceof Error ? error.message : String(error))
    }
  }

  function log({ identifier }: Json, status: WebhookEvent['status'], message: string): void {
    events.push({ webhookId: String(identifier), status, message })
  }

  return {
    events,
    accept(request) {
      if (request.bodyBytes > MAX_BODY_BYTES) throw new ApiError(413, 'payload_too_large', 'The payload is too large')
      const key = request.path.slice('/ingest/'.length)
      const webhook = webhooks.records.all().find(({ webhookKey, enabled }) => webhookKey === key && enabled === true)
      if (request.method !== 'POST' || webhook === undefined) throw notFound('No webhook listens here')
      pending = pending.then(() => execute(webhook, request))
    },
    settled: () => pending,
  }
}

/** A string means the simple form, which takes dependents along when it deletes. */
function operationOf({ operation = 'create' }: Json): { type: string; deleteDependents: boolean } {
  if (typeof operation === 'string') return { type: operation, deleteDependents: true }
  const { type, deleteDependents = true } = operation as { type: string; deleteDependents?: boolean }
  return { type, deleteDependents }
}

function itemsOf(jq: Jq, { itemsToParse }: Json, context: Json): Json[] {
  if (typeof itemsToParse !== 'string') return [context]
  const items = jq(itemsToParse, context)
  return Array.isArray(items) ? items.slice(0, MAX_ITEMS).map(item => ({ ...context, item })) : []
}

function checkSecret({ security }: Json, { headers, body }: ServiceRequest): void {
  const {
    secret,
    signatureHeaderName: name,
    signatureAlgorithm: algorithm,
    signaturePrefix = '',
  } = (security ?? {}) as Record<string, string | null>
  if (!secret || !name) return
  const given = String(headers[name.toLowerCase()] ?? '')
  const expected =
    algorithm === 'plain'
      ? secret
      : createHmac(algorithm ?? 'sha256', secret)
          .update(body)
          .digest('hex')
  if (given !== `${signaturePrefix ?? ''}${expected}`) throw new Error('The signature does not match')
}

async function createJq(): Promise<Jq> {
  const engine = await loadJq()
  return (expression, input) => {
    const { stdout, stderr, exitCode } = engine.raw(JSON.stringify(input), `first((${expression}\n), null)`, ['-c'])
    if (exitCode !== 0) throw new Error(stderr)
    return JSON.parse(stdout)
  }
}
