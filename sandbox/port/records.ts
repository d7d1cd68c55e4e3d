/** Integrations and webhooks: records that Port keeps for its data sources. */
import { randomBytes } from 'node:crypto'
import { ApiError, type Json, notFound } from './model.ts'

/** A set of records under one key; what a record gets when it is created is the caller's business. */
export interface Records {
  all(): Json[]
  get(identifier: string): Json
  create(identifier: string, record: Json): Json
  patch(identifier: string, changes: Json): Json
  remove(identifier: string): void
}

function createRecords(what: string): Records {
  const records = new Map<string, Json>()
  const stamp = () => new Date().toISOString()
  const get = (identifier: string) => {
    const record = records.get(identifier)
    if (record === undefined) throw notFound(`${what} with identifier "${identifier}" was not found`)
    return record
  }
  return {
    all: () => [...records.values()],
    get,
    create(identifier, record) {
      if (records.has(identifier))
        throw new ApiError(409, 'conflict', `${what} with identifier "${identifier}" already exists`)
      const created = { ...record, createdAt: stamp(), updatedAt: stamp() }
      records.set(identifier, created)
      return created
    },
    patch(identifier, changes) {
      const patched = { ...get(identifier), ...changes, updatedAt: stamp() }
      records.set(identifier, patched)
      return patched
    },
    remove(identifier) {
      get(identifier)
      records.delete(identifier)
    },
  }
}

export interface Integrations {
  records: Records
  /** Raw examples by `<installation>/<kind>`. */
  examples: Map<string, Json[]>
  create(body: Json): Json
  setConfig(identifier: string, config: unknown): Json
  setState(identifier: string, state: Json): Json
  addExamples(identifier: string, kind: string, examples: Json[]): void
}

export function createIntegrations(): Integrations {
  const records = createRecords('Integration')
  const examples = new Map<string, Json[]>()
  return {
    records,
    examples,
    create(body) {
      const identifier = String(body.installationId)
      if (!/^[a-z0-9-]+$/.test(identifier) || /^\d+$/.test(identifier)) {
        throw new ApiError(422, 'invalid_request', '"body/installationId" must be a lower-case slug')
      }
      const ingestId = randomBytes(8).toString('hex')
      return records.create(identifier, {
        _id: `integration_${ingestId}`,
        identifier,
        installationType: 'OnPrem',
        config: {},
        ...body,
        logAttributes: { ingestId, ingestUrl: `https://ingest.sandbox/logs/${ingestId}` },
      })
    },
    setConfig: (identifier, config) => records.patch(identifier, { config }),
    setState(identifier, state) {
      const before = (records.get(identifier).resyncState ?? {}) as Json
      return records.patch(identifier, { resyncState: { ...before, ...state, updatedAt: new Date().toISOString() } })
    },
    addExamples(identifier, kind, list) {
      records.get(identifier)
      const key = `${identifier}/${kind}`
      examples.set(key, [...(examples.get(key) ?? []), ...list])
    },
  }
}

export interface Webhooks {
  records: Records
  create(body: Json): Json
}

export function createWebhooks(ingestUrl: () => string): Webhooks {
  const records = createRecords('Webhook')
  return {
    records,
    create(body) {
      const webhookKey = randomBytes(12).toString('base64url')
      const identifier = typeof body.identifier === 'string' ? body.identifier : `webhook_${webhookKey}`
      return records.create(identifier, {
        security: {},
        mappings: [],
        integrationType: 'custom',
        ...body,
        identifier,
        webhookKey,
        url: `${ingestUrl()}/${webhookKey}`,
      })
    },
  }
}
