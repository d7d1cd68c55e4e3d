/** Holds every request against Port's published contract: route, query parameters, body. */
import { readFileSync } from 'node:fs'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { ServiceRequest } from '../loopback.ts'
import { ApiError, invalid, type Json, notFound } from './model.ts'

interface QueryParameter {
  schema: { type: string; minLength?: number }
  required: boolean
}

interface RouteDefinition {
  method: string
  path: string
  query?: Record<string, QueryParameter>
  body?: object
  bodyRequired?: boolean
}

interface CompiledRoute extends RouteDefinition {
  pattern: RegExp
  /** Compiled when it is first asked for: most who start a sandbox use a few routes of many. */
  validator: () => ValidateFunction | undefined
}

export interface CheckedRequest {
  /** Method and path of the contract, such as `POST /v1/blueprints/{identifier}`. */
  route: string
  params: Record<string, string>
  /** Booleans parsed; lists as lists. */
  query: Record<string, string | boolean | string[] | undefined>
  body: Json
}

/** For all routes, counted before anything is read. */
const MAX_BODY_BYTES = 1024 * 1024

const routes = compile()

/** @throws {ApiError} 404, 413 or 422, as Port would */
export function checkRequest(request: ServiceRequest): CheckedRequest {
  if (request.bodyBytes > MAX_BODY_BYTES)
    throw new ApiError(413, 'payload_too_large', 'Request body is too large (limit is 1MiB)')
  for (const route of routes) {
    const match = route.method === request.method ? route.pattern.exec(request.path) : null
    if (match === null) continue
    const params = Object.fromEntries(
      Object.entries(match.groups ?? {}).map(([name, value]) => [name, decodeURIComponent(value)]),
    )
    return {
      route: `${route.method} ${route.path}`,
      params,
      query: checkQuery(route, request.query),
      body: checkBody(route, request),
    }
  }
  throw notFound(`Route ${request.method}:${request.path} not found`)
}

function checkQuery(route: CompiledRoute, query: URLSearchParams): CheckedRequest['query'] {
  const parameters = route.query ?? {}
  for (const name of query.keys()) {
    if (parameters[name] === undefined) throw invalid(`"querystring" must NOT have additional properties ("${name}")`)
  }
  const checked: CheckedRequest['query'] = {}
  for (const [name, { schema, required }] of Object.entries(parameters)) {
    const values = query.getAll(name)
    if (values.length === 0 && required) throw invalid(`"querystring" must have required property '${name}'`)
    const [value] = values
    if (value === undefined) continue
    if (schema.type === 'boolean' && value !== 'true' && value !== 'false')
      throw invalid(`"querystring/${name}" must be boolean`)
    checked[name] = schema.type === 'boolean' ? value === 'true' : schema.type === 'array' ? values : value
  }
  return checked
}

function checkBody(route: CompiledRoute, { body, headers }: ServiceRequest): Json {
  const validate = route.validator()
  if (validate === undefined) return {}
  if (body === '' && !route.bodyRequired) return {}
  if (!headers['content-type']?.startsWith('application/json'))
    throw new ApiError(415, 'unsupported_media_type', 'expected JSON')
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    throw new ApiError(400, 'bad_request', 'Body is not valid JSON')
  }
  if (!validate(parsed)) {
    const [error] = validate.errors ?? []
    throw invalid(`"body${error?.instancePath ?? ''}" ${error?.message ?? 'is invalid'}`)
  }
  return parsed as Json
}

function compile(): CompiledRoute[] {
  const contract = JSON.parse(readFileSync(new URL('contract.json', import.meta.url), 'utf8')) as {
    schemas: Record<string, object>
    routes: RouteDefinition[]
  }
  // The contract is an OpenAPI document: its schemas have keywords of its own.
  const ajv = new Ajv2020({ strict: false, allErrors: false })
  addFormats.default(ajv)
  ajv.addFormat('url', (text: string) => URL.canParse(text))
  ajv.addSchema({ $id: 'contract', components: { schemas: contract.schemas } })
  const absolute = (schema: object) =>
    JSON.parse(JSON.stringify(schema).replaceAll('"#/components/', '"contract#/components/')) as object
  return contract.routes.map(route => {
    let validate: ValidateFunction | undefined
    return {
      ...route,
      pattern: new RegExp(`^${route.path.replaceAll(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
      validator() {
        if (route.body !== undefined) validate ??= ajv.compile(absolute(route.body))
        return validate
      },
    }
  })
}
