/**
 * Reads the inputs. With input-values.ts and environment.ts, the only file that knows inputs and the environment;
 * everything is checked before the first request.
 */
import * as core from '@actions/core'
import {
  findJq,
  findMapping,
  findReport,
  type GithubInputs,
  isFromFork,
  type MappingPlace,
  type Mask,
  type ProxyInputs,
  readEvent,
  readGithub,
  readProxy,
  readShowValues,
  workspace,
} from './environment.ts'
import { ConfigError } from './errors.ts'
import { boolean, choice, graphqlUrl, type InputProblem, number, slug, url } from './input-values.ts'
import type { LiveEvent } from './live-event.ts'
import { environmentProblems } from './preflight.ts'
import { isKindName, type KindName, kinds } from './wiz/kinds.ts'
import { audienceOf } from './wiz/token.ts'

export interface Inputs {
  /** What to do; `auto` is resolved from the event. */
  readonly mode: 'validate' | 'plan' | 'apply' | 'event'
  /** Why the mode is what it is, as a sentence. */
  readonly modeReason: string
  /** Credentials and URLs are empty where the mode needs none. */
  readonly wiz: {
    readonly clientId: string
    readonly clientSecret: string
    /** Ends with `/graphql`. */
    readonly apiUrl: string
    readonly tokenUrl: string
    readonly audience: string
    readonly requestsPerSecond: number
  }
  readonly port: { readonly clientId: string; readonly clientSecret: string; readonly baseUrl: string }
  /** Where the repository was checked out. */
  readonly workspace: string
  readonly mapping: MappingPlace
  /** Undefined for all kinds of the mapping. */
  readonly kinds: readonly KindName[] | undefined
  readonly installationId: string
  readonly blueprints: 'create-missing' | 'none'
  readonly deleteStale: boolean
  /** Undefined when the input is not set, so that the mapping's own threshold may speak. */
  readonly maxDeletePercent: number | undefined
  readonly allowMassDelete: boolean
  readonly jqPath: string | undefined
  readonly reportPath: string
  readonly timeBudgetMinutes: number
  /** Undefined outside of pull requests, and without a token. */
  readonly github: GithubInputs | undefined
  /** As the environment of the runner says; undefined where there is none. */
  readonly proxy: ProxyInputs | undefined
  readonly registerIntegration: boolean
  readonly sendRawExamples: boolean
  readonly setupWebhook: boolean
  /** Whether values of properties may be shown where everybody who sees the repository sees them. */
  readonly showValues: boolean
  /** Apply only what this names. */
  readonly expectPlanId: string | undefined
  /** What has changed in Wiz; in mode `event` only. */
  readonly event: LiveEvent | undefined
}

const SECRETS = ['wiz-client-secret', 'port-client-secret'] as const
const CREDENTIALS = ['wiz-client-id', 'port-client-id', ...SECRETS] as const

/** Events that are not served, whatever the mode, and why. */
const REFUSED_EVENTS: Readonly<Record<string, string>> = {
  pull_request_target: 'it would give code from a fork the secrets',
  workflow_run: 'it would give code from a fork the secrets',
}
const MODES = ['auto', 'validate', 'plan', 'apply', 'event'] as const

/**
 * @param actionRoot the folder of the action, where its own mapping is
 * @param mask told every secret before anything else is done with it
 * @throws {ConfigError} with every problem of every input
 */
export function readInputs(actionRoot: string, mask: Mask): Inputs {
  const problems: string[] = [...environmentProblems]
  const problem = (input: string, message: string) => problems.push(`${input}: ${message}.`)
  const read = (input: string) => core.getInput(input)
  const { mode, reason } = readMode(problem)
  const online = mode !== 'validate'
  const setupWebhook = boolean('setup-webhook', false, problem)
  if (setupWebhook && mode !== 'apply') problem('setup-webhook', `writes to Port, and the mode is ${mode}`)
  const required = (input: string) => {
    // A webhook is between Port and Wiz: this action does not ask Wiz for anything then.
    const needed = online && !(setupWebhook && input.startsWith('wiz-'))
    if (needed && read(input) === '') problem(input, 'missing; pass it from a secret')
    return read(input)
  }

  // Masked before anything can be logged, and out of reach of every child process.
  for (const name of SECRETS) if (read(name)) mask(read(name))
  const credentials = Object.fromEntries(CREDENTIALS.map(name => [name, required(name)]))
  for (const name of CREDENTIALS) delete process.env[`INPUT_${name.toUpperCase()}`]
  refuseEvent(problems)

  const tokenUrl = url(read('wiz-token-url') || 'https://auth.app.wiz.io/oauth/token', 'wiz-token-url', problem)
  const inputs: Inputs = {
    mode,
    modeReason: reason,
    workspace: workspace(),
    wiz: {
      clientId: credentials['wiz-client-id'] ?? '',
      clientSecret: credentials['wiz-client-secret'] ?? '',
      apiUrl: (online && !setupWebhook) || read('wiz-api-url') ? graphqlUrl(read('wiz-api-url'), problem) : '',
      tokenUrl,
      audience: read('wiz-audience') || (URL.canParse(tokenUrl) ? audienceOf(tokenUrl) : ''),
      requestsPerSecond: number('wiz-requests-per-second', 3, [0.01, 100], problem) ?? 3,
    },
    port: {
      clientId: credentials['port-client-id'] ?? '',
      clientSecret: credentials['port-client-secret'] ?? '',
      baseUrl: url(read('port-base-url') || 'https://api.getport.io', 'port-base-url', problem),
    },
    mapping: findMapping(read('mapping'), actionRoot, problem),
    kinds: readKinds(read('kinds'), problem),
    installationId: slug(read('installation-id') || 'wiz', problem),
    blueprints: choice('blueprints', ['create-missing', 'none'] as const, 'create-missing', problem),
    deleteStale: boolean('delete-stale', true, problem),
    maxDeletePercent: number('max-delete-percent', undefined, [0, 100], problem),
    allowMassDelete: boolean('allow-mass-delete', false, problem),
    jqPath: findJq(read('jq-path'), problem),
    reportPath: findReport(read('report-path'), problem),
    timeBudgetMinutes: number('time-budget-minutes', 330, [0.01, 35 * 24 * 60], problem) ?? 330,
    expectPlanId: readPlanId(mode, problem),
    github: readGithub(boolean('pr-comment', true, problem), mask),
    showValues: readShowValues(problem),
    proxy: readProxy(mask),
    registerIntegration: boolean('register-integration', true, problem),
    sendRawExamples: boolean('send-raw-examples', true, problem),
    setupWebhook,
    event: mode === 'event' ? readEvent(problem) : undefined,
  }
  if (problems.length > 0) throw new ConfigError(problems)
  return Object.freeze(inputs)
}

function refuseEvent(problems: string[]): void {
  const event = process.env.GITHUB_EVENT_NAME ?? ''
  const reason = REFUSED_EVENTS[event]
  if (reason === undefined) return
  problems.push(
    `This action does not run on ${event}: ${reason}. Run it on schedule, workflow_dispatch or push to the default branch.`,
  )
}

/** Events on which `auto` syncs. */
const SYNC_EVENTS: readonly string[] = ['schedule', 'workflow_dispatch', 'push']
/** Events that run on a change that is not merged yet. */
const UNMERGED_EVENTS: readonly string[] = [
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'merge_group',
]

/** A pull request is planned or, from a fork that has no secrets, only checked; a dispatch is a live event. */
function readMode(problem: InputProblem): { mode: Inputs['mode']; reason: string } {
  const asked = choice('mode', MODES, 'auto', problem)
  const event = process.env.GITHUB_EVENT_NAME ?? ''
  if (asked === 'auto') return autoMode(event, problem)
  if (asked === 'apply' && UNMERGED_EVENTS.includes(event)) {
    problem(
      'mode',
      `apply writes to Port, and the change of a ${event} is not merged yet; expected auto, plan or validate`,
    )
  }
  if (asked === 'plan' && isFromFork()) {
    problem('mode', 'plan uses credentials, and the change is from a fork; expected auto or validate')
  }
  return { mode: asked, reason: `Mode ${asked}: as the input mode says` }
}

function autoMode(event: string, problem: InputProblem): { mode: Inputs['mode']; reason: string } {
  const because = `mode is auto, and the event is ${event || 'not known'}`
  if (event === 'repository_dispatch') return { mode: 'event', reason: `Mode event: ${because}` }
  if (event === 'pull_request') {
    if (isFromFork()) return { mode: 'validate', reason: `Mode validate: ${because}, from a fork` }
    if (CREDENTIALS.some(name => core.getInput(name) !== '')) return { mode: 'plan', reason: `Mode plan: ${because}` }
    return { mode: 'validate', reason: `Mode validate: ${because}, without credentials, as from a fork` }
  }
  if (event !== '' && !SYNC_EVENTS.includes(event) && !Object.hasOwn(REFUSED_EVENTS, event)) {
    const known = [...SYNC_EVENTS, 'pull_request', 'repository_dispatch'].join(', ')
    problem(
      'mode',
      `auto knows what to do on ${known}, and the event is ${event}; expected plan, apply or validate to be said outright`,
    )
  }
  return { mode: 'apply', reason: `Mode apply: ${because}` }
}

function readPlanId(mode: Inputs['mode'], problem: InputProblem): string | undefined {
  const id = core.getInput('expect-plan-id')
  if (id === '') return undefined
  if (mode !== 'apply') problem('expect-plan-id', `only apply can be held to a plan, and the mode is ${mode}`)
  if (!/^\d+-\d+-\d+-[0-9a-f]{16}$/.test(id)) {
    problem(
      'expect-plan-id',
      `"${id}" is not the id of a plan; expected the output plan-id of the run that was approved`,
    )
  }
  return id
}

function readKinds(text: string, problem: InputProblem): KindName[] | undefined {
  const names = text.split(/[\s,]+/).filter(name => name !== '')
  if (names.length === 0) return undefined
  const unknown = names.filter(name => !isKindName(name))
  if (unknown.length > 0) {
    const expected = Object.keys(kinds).join(', ')
    problem('kinds', `"${unknown.join('", "')}" is not a kind; expected a comma or newline list of ${expected}`)
  }
  return names.filter(isKindName)
}
