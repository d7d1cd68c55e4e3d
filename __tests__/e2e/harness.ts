/** Starts the sandbox for a test and runs the bundle against it. */
import { readFileSync } from 'node:fs'
import { afterAll, afterEach, expect } from 'vitest'
import { type Clock, createClock } from '../../sandbox/clock.ts'
import type { Fault } from '../../sandbox/faults.ts'
import { shippedOracle } from '../../sandbox/oracle.ts'
import { type PortSandbox, type PortSandboxOptions, startPort } from '../../sandbox/port/index.ts'
import { type RunOptions, type RunResult, runAction, sandboxInputs } from '../../sandbox/runner.ts'
import {
  createTenant,
  startWiz,
  type Tenant,
  type WizSandbox,
  type WizSandboxOptions,
} from '../../sandbox/wiz/index.ts'
import type { Report } from '../../src/report/model.ts'
import { wasmEngine } from '../jq/engines.ts'
import { runSession, type SessionOptions } from '../session.ts'

export interface World {
  tenant: Tenant
  wiz: WizSandbox
  port: PortSandbox
  /** The time at both services; some passes before every run that overlaps no other one. */
  clock: Clock
  /** Runs the action with inputs that point it at this sandbox. */
  run(inputs?: Record<string, string>, options?: Omit<RunOptions, 'inputs'>): Promise<RunResult>
  /** Does what a run does, in this process and in a tenth of the time; by the shipped mapping where there is no other. */
  session(options?: Partial<Pick<SessionOptions, 'inputs' | 'mapping'>>): Promise<Report>
  /**
   * Brings Port to what Wiz says, by a sync in this process: what a test starts from is not what it is about.
   *
   * @param files of the repository, when the mapping is one of them
   */
  fill(files?: Record<string, string>): Promise<void>
  /** Requests to Wiz that ask for a connection. */
  pagesOf(connection: string): number
  /** Requests to Port that write entities. */
  entityWrites(): number
}

export interface WorldOptions {
  tenant?: Parameters<typeof createTenant>[0]
  wiz?: Omit<WizSandboxOptions, 'tenant'>
  port?: PortSandboxOptions
}

/** What a run may not tell from its own beginning is what happened within these. */
export const BETWEEN_RUNS_MS = 60_000

/** Where a repository has its mapping, unless its workflow says otherwise. */
const MAPPING = '.github/wiz-to-port.yml'
const SHIPPED = readFileSync('mappings/wiz.yml', 'utf8')

/** For tests that make hundreds of runs in a row, which is more than the services allow and not what they are about. */
export const UNLIMITED = {
  wiz: { requestsPerSecond: Number.POSITIVE_INFINITY },
  port: { rateLimits: false },
} satisfies WorldOptions

const engine = wasmEngine()
afterAll(() => engine.close())

const running: WorldPart[] = []

interface WorldPart {
  stop(): Promise<void>
}

afterEach(async () => {
  await Promise.all(running.splice(0).map(part => part.stop()))
})

/** @param known a tenant that exists already */
export async function startWorld(options: WorldOptions = {}, known?: Tenant): Promise<World> {
  const clock = known?.clock ?? createClock()
  const tenant = known ?? createTenant({ projects: 12, issues: 120, clock, ...options.tenant })
  const wiz = await startWiz({ tenant, ...options.wiz })
  const port = await startPort({ clock, ...options.port })
  running.push(wiz, port)
  let underWay = 0
  const turn = async <T>(perform: () => Promise<T>): Promise<T> => {
    // A clock that jumps while a run is at work is another matter than the time between two of them.
    if (underWay === 0) clock.advance(BETWEEN_RUNS_MS)
    underWay += 1
    try {
      return await perform()
    } finally {
      underWay -= 1
    }
  }
  const session: World['session'] = async (options = {}) =>
    (await turn(() => runSession({ wiz, port, engine, mapping: SHIPPED, ...options }))).report
  return {
    tenant,
    wiz,
    port,
    clock,
    session,
    run: (inputs, rest) => turn(() => runAction({ ...rest, inputs: { ...sandboxInputs(wiz, port), ...inputs } })),
    async fill(files = {}) {
      const { conclusion, problems } = await session({ mapping: files[MAPPING] ?? SHIPPED })
      if (conclusion !== 'success') throw new Error(JSON.stringify(problems))
    },
    pagesOf: connection =>
      wiz.requests.filter(
        ({ path, body }) => path === '/graphql' && body.includes('query Crawl(') && body.includes(`${connection}(`),
      ).length,
    entityWrites: () =>
      port.requests.filter(({ path }) => /\/(entities\/bulk|bulk\/entities\/delete)$/.test(path)).length,
  }
}

/** Sends a live event, as GitHub hands it to the action. */
export function dispatch(
  world: World,
  payload: unknown,
  inputs: Record<string, string> = {},
  files: Record<string, string> = {},
): Promise<RunResult> {
  return world.run(inputs, {
    event: 'repository_dispatch',
    payload: { action: 'wiz-issue', client_payload: payload },
    files,
  })
}

/** Requests to both services since a mark. */
export function requestsSince({ wiz, port }: World): () => number {
  const before = wiz.requests.length + port.requests.length
  return () => wiz.requests.length + port.requests.length - before
}

/** Sends signals to a run that is given `onStart`; before its process is there, nothing. */
export function killSwitch() {
  let send: (signal: NodeJS.Signals) => void = () => {}
  return {
    onStart: (kill: typeof send) => {
      send = kill
    },
    kill: (signal: NodeJS.Signals) => send(signal),
  }
}

/** Holds a request until it is let go; resolves `arrival` when it is there. */
export function holdOnce(
  { faults }: World['wiz'] | World['port'],
  match: Fault['match'],
): { arrival: Promise<void>; go: () => void; remove: () => void } {
  const [arrival, arrived] = signal()
  const [release, go] = signal()
  const until = () => {
    arrived()
    return release
  }
  const hold: Fault = { match, times: 1, fault: { kind: 'hold', until } }
  faults.push(hold)
  return { arrival, go, remove: () => void faults.splice(faults.indexOf(hold), 1) }
}

function signal(): [Promise<void>, () => void] {
  let resolve = () => {}
  const promise = new Promise<void>(done => {
    resolve = done
  })
  return [promise, resolve]
}

/** Identifiers that Port holds of a blueprint. */
export function held(port: PortSandbox, blueprint: string): string[] {
  return port.entities(blueprint).map(({ identifier }) => identifier)
}

/** Port is what Wiz says. */
export function expectEqual({ tenant, port }: World, message?: string): void {
  for (const [blueprint, wanted] of Object.entries(shippedOracle.wanted(tenant))) {
    const surplus = blueprint === 'wizProject' ? shippedOracle.bareProjects(port) : 0
    expect(held(port, blueprint), message).toEqual(expect.arrayContaining(wanted))
    expect(held(port, blueprint), message).toHaveLength(wanted.length + surplus)
  }
}

/** The sum of a column over all blueprints of a result's outputs. */
export function numbers({ outputs }: RunResult): Record<string, number> {
  const names = ['created', 'updated', 'unchanged', 'deleted', 'skipped', 'failed']
  return Object.fromEntries(names.map(name => [name, Number(outputs[name])]))
}

/** A mapping of one resource; `extra` goes under its `selector`. */
export function mappingOf(kind: string, fields: string, selector = "query: 'true'"): Record<string, string> {
  const indent = (text: string, by: number) => text.trim().replaceAll(/^/gm, ' '.repeat(by))
  return {
    [MAPPING]: `resources:
  - kind: ${kind}
    selector:
${indent(selector, 6)}
    port:
      entity:
        mappings:
${indent(fields, 10)}
`,
  }
}
