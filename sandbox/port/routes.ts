/** What each route of the contract does: one row a route. */
import { createBlueprint, deleteBlueprint, patchBlueprint, replaceBlueprint } from './blueprints.ts'
import type { CheckedRequest } from './contract.ts'
import { deleteEntities } from './deletion.ts'
import { getEntity, patchEntity, type WriteOptions, writeBulk, writeEntity } from './entities.ts'
import type { Tokens } from './limits.ts'
import { type Json, notFound } from './model.ts'
import type { Integrations, Webhooks } from './records.ts'
import { byDatasource, listAll, present, type ReadOptions, searchAll, searchPage } from './search.ts'
import type { Store } from './store.ts'

export interface RouteContext {
  store: Store
  tokens: Tokens
  integrations: Integrations
  webhooks: Webhooks
  read: ReadOptions
  write: Omit<WriteOptions, 'upsert' | 'merge' | 'createMissing' | 'validationOnly' | 'writer'>
  /** The `ok` of an answer in which some entities failed. */
  partialOk: boolean
}

export interface Answer {
  status: number
  body: Json
}

type Handler = (request: CheckedRequest & { writer: string }, context: RouteContext) => Answer

const ok = (body: Json = {}, status = 200): Answer => ({ status, body: { ok: true, ...body } })

const BLUEPRINT = '/v1/blueprints/{identifier}'
const ENTITIES = '/v1/blueprints/{blueprint_identifier}/entities'
const ENTITY = `${ENTITIES}/{entity_identifier}`
const INTEGRATION = '/v1/integration/{identifier}'
const WEBHOOK = '/v1/webhooks/{identifier}'

export const routes: Readonly<Record<string, Handler>> = {
  'POST /v1/auth/access_token': ({ body }, { tokens }) => ({ status: 200, body: tokens.issue(body) }),

  'GET /v1/blueprints': (_, { store }) => ok({ blueprints: [...store.blueprints.values()] }),
  'POST /v1/blueprints': ({ body }, { store }) => ok({ blueprint: createBlueprint(store, body) }, 201),
  [`GET ${BLUEPRINT}`]: ({ params }, { store }) => ok({ blueprint: store.blueprint(param(params, 'identifier')) }),
  [`PUT ${BLUEPRINT}`]: ({ params, body }, { store }) =>
    ok({ blueprint: replaceBlueprint(store, param(params, 'identifier'), body) }),
  [`PATCH ${BLUEPRINT}`]: ({ params, body }, { store }) =>
    ok({ blueprint: patchBlueprint(store, param(params, 'identifier'), body) }),
  [`DELETE ${BLUEPRINT}`]: ({ params }, { store }) => {
    deleteBlueprint(store, param(params, 'identifier'))
    return ok()
  },

  [`POST ${ENTITIES}/bulk`]: (request, context) => {
    const options = writeOptions(request, context)
    const { entities, errors } = writeBulk(
      context.store,
      blueprintOf(request),
      request.body.entities as Json[],
      options,
    )
    const failed = errors.length > 0
    return { status: failed ? 207 : 200, body: { ok: !failed || context.partialOk, entities, errors } }
  },
  [`POST ${ENTITIES}`]: (request, context) => {
    const { entity } = writeEntity(context.store, blueprintOf(request), request.body, writeOptions(request, context))
    return ok({ entity: shown(context, blueprintOf(request), entity.identifier, entity) }, 201)
  },
  [`GET ${ENTITIES}`]: (request, { store, read }) => ({
    status: 200,
    body: listAll(store, blueprintOf(request), read),
  }),
  [`GET ${ENTITIES}-count`]: (request, { store }) =>
    ok({ count: store.table(store.blueprint(blueprintOf(request)).identifier).size }),
  [`POST ${ENTITIES}/search`]: (request, { store, read }) => ({
    status: 200,
    body: searchPage(store, blueprintOf(request), request.body, read),
  }),
  [`GET ${ENTITY}`]: (request, context) => ok({ entity: shown(context, blueprintOf(request), entityOf(request)) }),
  [`PUT ${ENTITY}`]: (request, context) => {
    getEntity(context.store, blueprintOf(request), entityOf(request))
    const options = { ...writeOptions(request, context), upsert: true, merge: false }
    writeEntity(context.store, blueprintOf(request), { ...request.body, identifier: entityOf(request) }, options)
    return ok({ entity: shown(context, blueprintOf(request), entityOf(request)) })
  },
  [`PATCH ${ENTITY}`]: (request, context) => {
    patchEntity(context.store, blueprintOf(request), entityOf(request), request.body, writeOptions(request, context))
    return ok({ entity: shown(context, blueprintOf(request), entityOf(request)) })
  },
  [`DELETE ${ENTITY}`]: (request, { store }) => {
    getEntity(store, blueprintOf(request), entityOf(request))
    deleteEntities(store, blueprintOf(request), [entityOf(request)], request.query.delete_dependents === true)
    return ok()
  },
  'POST /v1/blueprints/{blueprint_identifier}/bulk/entities/delete': (request, { store }) => {
    const identifiers = request.body.entities as string[]
    const withDependents = request.query.delete_dependents === true
    return ok({ deletedEntities: deleteEntities(store, blueprintOf(request), identifiers, withDependents) })
  },
  'POST /v1/entities/search': ({ body }, { store, read }) => ({ status: 200, body: searchAll(store, body, read) }),
  'POST /v1/blueprints/entities/datasource-entities': ({ body }, { store, read }) => ({
    status: 200,
    body: byDatasource(store, body, read),
  }),

  'GET /v1/integration': (_, { integrations }) => ok({ integrations: integrations.records.all() }),
  'POST /v1/integration': ({ body }, { integrations }) => ok({ integration: integrations.create(body) }, 201),
  [`GET ${INTEGRATION}`]: ({ params }, { integrations }) =>
    ok({ integration: integrations.records.get(param(params, 'identifier')) }),
  [`PATCH ${INTEGRATION}`]: ({ params, body }, { integrations }) =>
    ok({ integration: integrations.records.patch(param(params, 'identifier'), body) }),
  [`DELETE ${INTEGRATION}`]: ({ params }, { integrations }) => {
    integrations.records.remove(param(params, 'identifier'))
    return ok()
  },
  [`PATCH ${INTEGRATION}/config`]: ({ params, body }, { integrations }) =>
    ok({ integration: integrations.setConfig(param(params, 'identifier'), body.config) }),
  [`PATCH ${INTEGRATION}/resync-state`]: ({ params, body }, { integrations }) =>
    ok({ integration: integrations.setState(param(params, 'identifier'), body) }),
  [`POST ${INTEGRATION}/kinds/{kind}/examples`]: ({ params, body }, { integrations }) => {
    integrations.addExamples(param(params, 'identifier'), param(params, 'kind'), body.examples as Json[])
    return ok()
  },

  'GET /v1/webhooks': (_, { webhooks }) => ok({ integrations: webhooks.records.all() }),
  'POST /v1/webhooks': ({ body }, { webhooks }) => ok({ integration: webhooks.create(body) }, 201),
  [`GET ${WEBHOOK}`]: ({ params }, { webhooks }) =>
    ok({ integration: webhooks.records.get(param(params, 'identifier')) }),
  [`PUT ${WEBHOOK}`]: ({ params, body }, { webhooks }) =>
    ok({ integration: webhooks.records.patch(param(params, 'identifier'), body) }),
  [`PATCH ${WEBHOOK}`]: ({ params, body }, { webhooks }) =>
    ok({ integration: webhooks.records.patch(param(params, 'identifier'), body) }),
  [`DELETE ${WEBHOOK}`]: ({ params }, { webhooks }) => {
    webhooks.records.remove(param(params, 'identifier'))
    return ok()
  },

  'GET /v1/organization': () => ok({ organization: { id: 'org_sandbox', name: 'Sandbox', featureFlags: [] } }),
}

export function route(request: CheckedRequest & { writer: string }, context: RouteContext): Answer {
  const handler = routes[request.route]
  if (handler === undefined) throw notFound(`Route ${request.route} not found`)
  return handler(request, context)
}

function writeOptions({ query, writer }: CheckedRequest & { writer: string }, { write }: RouteContext): WriteOptions {
  return {
    ...write,
    writer,
    upsert: query.upsert === true,
    merge: query.merge === true,
    createMissing: query.create_missing_related_entities === true,
    validationOnly: query.validation_only === true,
  }
}

function shown(
  { store, read }: RouteContext,
  blueprint: string,
  identifier: string,
  entity = getEntity(store, blueprint, identifier),
): Json {
  return present(entity, store.blueprint(blueprint), read)
}

function param(params: Record<string, string>, name: string): string {
  return params[name] ?? ''
}

function blueprintOf({ params }: CheckedRequest): string {
  return param(params, 'blueprint_identifier')
}

function entityOf({ params }: CheckedRequest): string {
  return param(params, 'entity_identifier')
}
