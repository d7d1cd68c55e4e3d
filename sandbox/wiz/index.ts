/** Wiz on loopback: its token endpoint and its GraphQL API, with its limits and refusals. */
import { readFileSync } from 'node:fs'
import {
  buildSchema,
  type DocumentNode,
  executeSync,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  parse,
  specifiedRules,
  validate,
} from 'graphql'
import type { Fault, RecordedRequest } from '../faults.ts'
import { type ServiceRequest, type ServiceResponse, startLoopback } from '../loopback.ts'
import { createBucket } from '../random.ts'
import { type ConnectionArguments, createIssueSource, page, projectSource } from './connection.ts'
import type { Tenant } from './tenant.ts'
import { AUDIENCES, createTokenIssuer, type Issuer } from './token.ts'

export { createTenant, type Tenant } from './tenant.ts'

export interface WizSandboxOptions {
  tenant: Tenant
  issuer?: Issuer
  latencyMs?: number
  /** Calls a second, tokens and queries together; `Infinity` turns the limit off. */
  requestsPerSecond?: number
  /** How a throttled call is answered: HTTP 429, or 200 with an error; `alternate` takes turns. */
  throttle?: 'http' | 'graphql' | 'alternate'
  tokenLifetimeSeconds?: number
  scopes?: string[]
  clientSecret?: string
  recordBodies?: boolean
}

export interface WizSandbox {
  apiUrl: string
  tokenUrl: string
  clientId: string
  clientSecret: string
  audience: string
  requestsPerSecond: number
  tenant: Tenant
  requests: RecordedRequest[]
  faults: Fault[]
  revokeTokens(): void
  stop(): Promise<void>
}

const schema = buildSchema(readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'))
const MAX_ROOT_FIELDS = 8

export async function startWiz(options: WizSandboxOptions): Promise<WizSandbox> {
  const { tenant, issuer = 'cognito', requestsPerSecond = 10, throttle = 'alternate' } = options
  const { clientSecret = 'sandbox-wiz-secret-0123456789' } = options
  const credentials = { clientId: 'sandbox-wiz-client', clientSecret }
  const now = () => performance.now()
  const tokens = createTokenIssuer({
    issuer,
    ...credentials,
    lifetimeSeconds: options.tokenLifetimeSeconds ?? 86_400,
    now,
  })
  const bucket = Number.isFinite(requestsPerSecond)
    ? createBucket(requestsPerSecond, requestsPerSecond, now)
    : undefined
  const execute = createExecutor(tenant, options.scopes ?? ['read:issues', 'read:projects'])
  let throttled = 0

  function throttledAnswer(path: string): ServiceResponse {
    throttled += 1
    const http = throttle === 'http' || path !== '/graphql' || (throttle === 'alternate' && throttled % 3 !== 0)
    if (http)
      return { status: 429, body: 'Too Many Requests', ...(throttled % 2 === 0 && { headers: { 'retry-after': '1' } }) }
    return failure(200, 'Rate limit exceeded', 'RATE_LIMIT_EXCEEDED')
  }

  const server = await startLoopback(
    request => {
      if (bucket && !bucket.take()) return throttledAnswer(request.path)
      if (request.path === '/oauth/token') return tokens.answer(request)
      if (request.path !== '/graphql') return { status: 404, body: '<html><body><pre>Cannot POST</pre></body></html>' }
      if (!tokens.accepts(request.headers.authorization)) {
        return { status: 401, body: '<html><body><pre>Unauthorized</pre></body></html>' }
      }
      return execute(request)
    },
    {
      ...(options.latencyMs !== undefined && { latencyMs: options.latencyMs }),
      clock: tenant.clock,
      recordBodies: options.recordBodies ?? true,
    },
  )
  return {
    ...credentials,
    apiUrl: `${server.url}/graphql`,
    tokenUrl: `${server.url}/oauth/token`,
    audience: AUDIENCES[issuer],
    requestsPerSecond,
    tenant,
    requests: server.requests,
    faults: server.faults,
    revokeTokens: tokens.revokeAll,
    stop: server.stop,
  }
}

/** Runs GraphQL requests; documents are parsed and validated once. */
function createExecutor(tenant: Tenant, scopes: readonly string[]): (request: ServiceRequest) => ServiceResponse {
  const documents = new Map<string, DocumentNode | ServiceResponse>()
  const issues = createIssueSource(tenant)
  const requireScope = (scope: string) => {
    if (scopes.includes(scope) || scopes.includes('read:all')) return
    const message = `access denied, at least one of the following is required: [read:all ${scope}], your permissions: [${scopes.join(' ')}]`
    throw new GraphQLError(message, { extensions: { code: 'UNAUTHORIZED' } })
  }
  const issuesPage = (args: ConnectionArguments) => {
    requireScope('read:issues')
    return page(issues(args), args)
  }
  const rootValue = {
    issuesV2: issuesPage,
    issues: issuesPage,
    issue({ id }: { id: string }) {
      requireScope('read:issues')
      const issue = tenant.issueAt(tenant.indexOfIssue(id))
      if (issue === undefined) throw new GraphQLError('Resource not found', { extensions: { code: 'NOT_FOUND' } })
      return issue
    },
    projects(args: ConnectionArguments) {
      requireScope('read:projects')
      return page(projectSource(tenant, args), args)
    },
    project({ id, slug }: { id?: string; slug?: string }) {
      requireScope('read:projects')
      return tenant.projects().find(project => project.id === id || project.slug === slug) ?? null
    },
  }

  return request => {
    const call = readCall(request)
    if (call === undefined) return failure(400, 'expected JSON with a query', 'BAD_USER_INPUT')
    const document = documents.get(call.query) ?? prepare(call.query)
    documents.set(call.query, document)
    if ('status' in document) return document
    const result = executeSync({ schema, document, rootValue, variableValues: call.variables })
    const code = result.errors?.[0]?.extensions.code
    // Coercion errors of variables have no code of their own.
    const invalid = result.errors !== undefined && (code === 'BAD_USER_INPUT' || result.data === undefined)
    const errors = result.errors?.map(error => ({
      ...error.toJSON(),
      extensions: { code: 'BAD_USER_INPUT', ...error.extensions },
    }))
    return { status: invalid ? 400 : 200, body: errors === undefined ? result : { ...result, errors } }
  }
}

function readCall({
  method,
  headers,
  body,
}: ServiceRequest): { query: string; variables: Record<string, unknown> } | undefined {
  if (method !== 'POST' || !headers['content-type']?.includes('json')) return undefined
  try {
    const { query, variables } = JSON.parse(body)
    return typeof query === 'string' ? { query, variables: variables ?? {} } : undefined
  } catch {
    return undefined
  }
}

function prepare(query: string): DocumentNode | ServiceResponse {
  try {
    const document = parse(query)
    const [error] = validate(schema, document, specifiedRules)
    if (error !== undefined) return failure(400, error.message, 'GRAPHQL_VALIDATION_FAILED')
    const roots = document.definitions.filter(isOperation).map(operation => operation.selectionSet.selections.length)
    if (Math.max(...roots) > MAX_ROOT_FIELDS) {
      return failure(400, 'Maximum root fields limit exceeded in this operation', 'MAX_ROOT_FIELDS_LIMIT')
    }
    return document
  } catch (error) {
    return failure(400, error instanceof Error ? error.message : String(error), 'GRAPHQL_PARSE_FAILED')
  }
}

function isOperation(
  definition: DocumentNode['definitions'][number] | FragmentDefinitionNode,
): definition is OperationDefinitionNode {
  return definition.kind === Kind.OPERATION_DEFINITION
}

function failure(status: number, message: string, code: string): ServiceResponse {
  return { status, body: { data: null, errors: [{ message, extensions: { code } }] } }
}
