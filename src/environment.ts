/** What the runner's environment and the event say, besides the inputs. */
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { isAbsolute, join, resolve } from 'node:path'
import * as core from '@actions/core'
import { context } from '@actions/github'
import type { PullRequest } from './github/client.ts'
import { choice, type InputProblem } from './input-values.ts'
import { type LiveEvent, readLiveEvent } from './live-event.ts'
import { pageBeside } from './report/parts.ts'
import { isWithin } from './within.ts'

export interface ProxyInputs {
  readonly httpProxy?: string
  readonly httpsProxy?: string
  /** Hosts that are asked directly. */
  readonly noProxy?: string
}

export interface GithubInputs {
  readonly token: string
  readonly baseUrl: string
  readonly pull: PullRequest
  /** Keep a comment on the pull request. */
  readonly comment: boolean
}

export const DEFAULT_MAPPING = '.github/wiz-to-port.yml'

/** Told every secret before it is used. */
export type Mask = (secret: string) => void

export function readEvent(problem: InputProblem): LiveEvent | undefined {
  if (process.env.GITHUB_EVENT_NAME !== 'repository_dispatch') {
    problem('mode', 'event takes its issue from a repository_dispatch; expected a workflow that runs on one')
    return undefined
  }
  const event = readLiveEvent(context.payload.client_payload)
  if (typeof event !== 'string') return event
  problem('client_payload', event)
  return undefined
}

/** Both spellings are in use; the one in lower case goes first, as everywhere. What is not usable is gone by now. */
export function readProxy(mask: Mask): ProxyInputs | undefined {
  const read = (name: string) => process.env[name] || process.env[name.toUpperCase()] || undefined
  const [httpProxy, httpsProxy, noProxy] = [read('http_proxy'), read('https_proxy'), read('no_proxy')]
  for (const proxy of [httpProxy, httpsProxy]) {
    if (proxy === undefined) continue
    const { password } = new URL(proxy)
    for (const form of [password, decodeURIComponent(password)]) if (form !== '') mask(form)
  }
  if (httpProxy === undefined && httpsProxy === undefined) return undefined
  return { ...(httpProxy && { httpProxy }), ...(httpsProxy && { httpsProxy }), ...(noProxy && { noProxy }) }
}

export function readGithub(comment: boolean, mask: Mask): GithubInputs | undefined {
  const token = core.getInput('github-token')
  if (token !== '') mask(token)
  delete process.env['INPUT_GITHUB-TOKEN']
  const { pull_request: pull } = context.payload
  const [owner, repo] = (process.env.GITHUB_REPOSITORY ?? '').split('/')
  const baseSha: unknown = pull?.base?.sha
  if (token === '' || pull === undefined || !owner || !repo || typeof baseSha !== 'string') return undefined
  const baseUrl = process.env.GITHUB_API_URL || 'https://api.github.com'
  return { token, baseUrl, pull: { owner, repo, number: pull.number, baseSha }, comment }
}

/** Values are data from Wiz: in a public repository they are shown only when somebody asks for it. */
export function readShowValues(problem: InputProblem): boolean {
  const asked = choice('show-values', ['auto', 'true', 'false'] as const, 'auto', problem)
  if (asked !== 'auto') return asked === 'true'
  return context.payload.repository?.private === true
}

/** A pull request whose change does not come from this repository, as far as is known: a fork that is gone counts too. */
export function isFromFork(): boolean {
  if (!process.env.GITHUB_EVENT_NAME?.startsWith('pull_request')) return false
  const head: unknown = context.payload.pull_request?.head?.repo
  const from = (head as { full_name?: unknown } | null | undefined)?.full_name
  return from === undefined || from !== process.env.GITHUB_REPOSITORY
}

/** @returns where the mapping is; one that leads out of the repository is a problem */
export function findMapping(input: string, actionRoot: string, problem: InputProblem): MappingPlace {
  const name = input || DEFAULT_MAPPING
  const path = resolve(workspace(), name)
  if (input === '' && !existsSync(path)) {
    return { path: join(actionRoot, 'mappings', 'wiz.yml'), name: 'mappings/wiz.yml', bundled: true }
  }
  if (!isWithin(path, workspace())) problem('mapping', `"${name}" leads out of the repository; expected a file in it`)
  return { path, name, bundled: false }
}

export interface MappingPlace {
  readonly path: string
  /** As messages call it. */
  readonly name: string
  /** The repository has none, and the action's own is used. */
  readonly bundled: boolean
}

/** The repository and the runner's temporary folder are the places to write to. */
export function findReport(input: string, problem: InputProblem): string {
  const path = resolve(workspace(), input || join(tempFolder(), 'wiz-to-port', 'report.json'))
  if (/\.html$/i.test(path)) {
    problem(
      'report-path',
      `"${input}" is where the report to look at goes, beside the one for machines; expected a file such as report.json`,
    )
  }
  const written = [path, pageBeside(path)]
  if ([workspace(), tempFolder()].some(folder => written.every(one => isWithin(one, folder)))) return path
  problem('report-path', `"${input}" leads out of the repository and of the runner's temporary folder`)
  return path
}

/** An executable outside of the repository is named by a whole path; a path in the repository stays in it. */
export function findJq(input: string, problem: InputProblem): string | undefined {
  if (input === '') return undefined
  const path = resolve(workspace(), input)
  const named = isAbsolute(input) && !path.startsWith(join(workspace(), '/'))
  if (!named && !isWithin(path, workspace())) {
    problem(
      'jq-path',
      `"${input}" leads out of the repository; expected a file in it, or a whole path such as /usr/bin/jq`,
    )
  }
  return path
}

export function workspace(): string {
  return process.env.GITHUB_WORKSPACE || process.cwd()
}

function tempFolder(): string {
  return process.env.RUNNER_TEMP || tmpdir()
}
