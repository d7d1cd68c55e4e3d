/** GitHub on loopback: comments of a pull request and files of a commit, by GitHub's published contract. */
import { readFileSync } from 'node:fs'
import { Ajv, type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import type { Fault, RecordedRequest } from '../faults.ts'
import { type ServiceRequest, type ServiceResponse, startLoopback } from '../loopback.ts'

export interface Comment {
  id: number
  body: string
  user: { login: string }
}

export interface GithubSandboxOptions {
  /** What the token may not do; GitHub answers 403. */
  forbidden?: 'comments' | 'contents'
  /** Who the token belongs to; a workflow's token may not ask, nor may that of another app, whose login ends in `[bot]`. */
  login?: string
  /** Files by `<sha>:<path>`. */
  files?: Record<string, string>
  private?: boolean
}

export interface GithubSandbox {
  url: string
  token: string
  comments: Comment[]
  requests: RecordedRequest[]
  faults: Fault[]
  /** What a runner sets for the pull request; `event` is the content of the event's file. */
  env: Record<string, string>
  event: object
  stop(): Promise<void>
}

interface Operation {
  parameters: { name: string; in: string; required?: boolean; schema: object }[]
  body?: object
}

/** Taken from GitHub's own description of its API, whose version it names. */
const contract: { operations: Record<string, Operation> } = JSON.parse(
  readFileSync(new URL('contract.json', import.meta.url), 'utf8'),
)
const ajv = new Ajv({ strict: false, coerceTypes: true })
addFormats.default(ajv)
const validators = new Map<string, ValidateFunction>()

const WORKFLOW = 'github-actions[bot]'
const OWNER = 'acme'
const REPO = 'catalog'
const NUMBER = 7
const BASE_SHA = 'b'.repeat(40)
/** GitHub's limit for the body of a comment. */
const MAX_BODY_CHARACTERS = 65_536
const MAX_PER_PAGE = 100

export async function startGithub(options: GithubSandboxOptions = {}): Promise<GithubSandbox> {
  const token = 'ghs_sandboxToken0123456789'
  const comments: Comment[] = []
  const author = options.login ?? WORKFLOW

  function answer(request: ServiceRequest): ServiceResponse {
    if (request.headers.authorization !== `token ${token}`) return refuse(401, 'Bad credentials')
    for (const [name, operation] of Object.entries(contract.operations)) {
      const [method = '', path = ''] = name.split(' ')
      const match = method === request.method ? pattern(path).exec(request.path) : null
      if (match === null) continue
      const problem = check(name, operation, match.groups ?? {}, request)
      if (problem !== undefined) return refuse(422, problem)
      return handle(name, match.groups ?? {}, request)
    }
    return refuse(404, 'Not Found')
  }

  function handle(name: string, params: Record<string, string>, request: ServiceRequest): ServiceResponse {
    if (name === 'GET /user') {
      if (isBot(author)) return refuse(403, 'Resource not accessible by integration')
      return { status: 200, body: userOf(author) }
    }
    if (params.owner !== OWNER || params.repo !== REPO) return refuse(404, 'Not Found')
    if (name.startsWith('GET /repos/{owner}/{repo}/contents')) return contents(params, request)
    if (options.forbidden === 'comments') return refuse(403, 'Resource not accessible by integration')
    if (name.startsWith('GET')) return list(request)
    const { body } = JSON.parse(request.body) as { body: string }
    if (body.length > MAX_BODY_CHARACTERS) return refuse(422, 'body is too long (maximum is 65536 characters)')
    if (name.startsWith('POST')) {
      const comment = { id: comments.length + 1, body, user: { login: author } }
      comments.push(comment)
      return { status: 201, body: shown(comment) }
    }
    const comment = comments.find(({ id }) => id === Number(params.comment_id))
    if (comment === undefined) return refuse(404, 'Not Found')
    if (comment.user.login !== author) return refuse(403, 'Resource not accessible by integration')
    comment.body = body
    return { status: 200, body: shown(comment) }
  }

  function contents({ path = '' }: Record<string, string>, { query, headers }: ServiceRequest): ServiceResponse {
    if (options.forbidden === 'contents') return refuse(403, 'Resource not accessible by integration')
    const file = options.files?.[`${query.get('ref')}:${decodeURIComponent(path)}`]
    if (file === undefined) return refuse(404, 'Not Found')
    if (!headers.accept?.includes('raw'))
      return { status: 200, body: { content: Buffer.from(file).toString('base64') } }
    return { status: 200, headers: { 'content-type': 'application/vnd.github.raw; charset=utf-8' }, body: file }
  }

  function list({ query, path }: ServiceRequest): ServiceResponse {
    const size = Math.min(Number(query.get('per_page') ?? 30), MAX_PER_PAGE)
    const page = Number(query.get('page') ?? 1)
    const next = `${server.url}${path}?per_page=${size}&page=${page + 1}`
    const more = comments.length > page * size
    return {
      status: 200,
      headers: more ? { link: `<${next}>; rel="next"` } : {},
      body: comments.slice((page - 1) * size, page * size).map(shown),
    }
  }

  const server = await startLoopback(answer)
  const event = {
    pull_request: {
      number: NUMBER,
      base: { sha: BASE_SHA },
      head: { repo: { full_name: `${OWNER}/${REPO}` } },
    },
    repository: { private: options.private ?? true, owner: { login: OWNER }, name: REPO },
  }
  return {
    url: server.url,
    token,
    comments,
    requests: server.requests,
    faults: server.faults,
    env: { GITHUB_API_URL: server.url, GITHUB_REPOSITORY: `${OWNER}/${REPO}` },
    event,
    stop: server.stop,
  }
}

/** The commit that the sandbox's pull request is held against. */
export const GITHUB_BASE_SHA = BASE_SHA

function isBot(login: string): boolean {
  return login.endsWith('[bot]')
}

function userOf(login: string): { login: string; type: string } {
  return { login, type: isBot(login) ? 'Bot' : 'User' }
}

function shown({ id, body, user }: Comment): object {
  return { id, body, user: userOf(user.login) }
}

function refuse(status: number, message: string): ServiceResponse {
  return { status, body: { message } }
}

/** What is wrong with a request, by the contract. */
function check(
  name: string,
  { parameters, body }: Operation,
  params: Record<string, string>,
  request: ServiceRequest,
): string | undefined {
  for (const { name: parameter, in: place, required, schema } of parameters) {
    const value = place === 'path' ? params[parameter] : (request.query.get(parameter) ?? undefined)
    if (value === undefined && required !== true) continue
    if (
      value === undefined ||
      !validator(`${name} ${parameter}`, { type: 'object', properties: { value: schema } })({ value })
    )
      return `${parameter} is not valid`
  }
  if (body === undefined) return undefined
  try {
    return validator(name, body)(JSON.parse(request.body)) ? undefined : 'the body is not valid'
  } catch {
    return 'Problems parsing JSON'
  }
}

function validator(key: string, schema: object): ValidateFunction {
  const known = validators.get(key) ?? ajv.compile(schema)
  validators.set(key, known)
  return known
}

function pattern(path: string): RegExp {
  // GitHub's `path` may have slashes in it.
  return new RegExp(`^${path.replace('{path}', '(?<path>.+)').replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`)
}
