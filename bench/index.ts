/**
 * `npm run bench`: the bundled action against a sandbox that answers Wiz in 300 ms and Port in 100 ms with their limits
 * on; first load and unchanged resync, next to the bound. `npm run bench -- 1000 10000` chooses the sizes;
 * with `-- 0` only mapping and validation are measured.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { type RunOptions, type RunResult, runAction } from '../sandbox/runner.ts'
import { createTenant } from '../sandbox/wiz/index.ts'
import { boundSeconds, type Setting } from './bound.ts'
import { measureMapping, measureValidation } from './mapping.ts'
import { measureFilter } from './page.ts'

const SETTING: Setting = { wizLatencyMs: 300, wizRequestsPerSecond: 3, portLatencyMs: 100 }
const SIZES = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 10_000, 100_000]

interface Credentials {
  wiz: { apiUrl: string; tokenUrl: string; audience: string; clientId: string; clientSecret: string }
  port: { baseUrl: string; clientId: string; clientSecret: string }
}

/** The sandbox in a process of its own, so that it does not share a core with what is measured. */
async function startSandbox(issues: number): Promise<{ process: ChildProcess; credentials: Credentials }> {
  const args = ['sandbox/cli.ts', '--json', '--issues', String(issues), '--projects', String(Math.ceil(issues / 50))]
  args.push('--wiz-latency', String(SETTING.wizLatencyMs), '--port-latency', String(SETTING.portLatencyMs))
  const child = spawn(process.execPath, ['--import', 'tsx', ...args], { stdio: ['ignore', 'pipe', 'inherit'] })
  const [line] = await once(createInterface({ input: child.stdout }), 'line')
  return { process: child, credentials: JSON.parse(String(line)) as Credentials }
}

async function measure(
  title: string,
  issues: number,
  { wiz, port }: Credentials,
  { inputs = {}, ...options }: RunOptions = {},
): Promise<void> {
  const startedAt = performance.now()
  let firstRequest = 0
  const result = await runAction({
    ...options,
    inputs: {
      ...inputs,
      'wiz-client-id': wiz.clientId,
      'wiz-client-secret': wiz.clientSecret,
      'wiz-api-url': wiz.apiUrl,
      'wiz-token-url': wiz.tokenUrl,
      'wiz-requests-per-second': String(SETTING.wizRequestsPerSecond),
      'port-client-id': port.clientId,
      'port-client-secret': port.clientSecret,
      'port-base-url': port.baseUrl,
    },
    onLine(line) {
      // The first requests leave when this group opens.
      if (firstRequest === 0 && /::group::(Fetch|Follow)/.test(line)) firstRequest = performance.now() - startedAt
    },
  })
  const seconds = (performance.now() - startedAt) / 1000
  print(title, issues, seconds, firstRequest / 1000, result)
}

/** Of an issue that another installation has written: everything about it has to be written. */
function anEvent(issues: number): RunOptions {
  const [issue] = createTenant({ issues }).openIssues()
  return {
    event: 'repository_dispatch',
    payload: { client_payload: { issue: { id: issue?.id } } },
    inputs: { 'installation-id': 'another' },
  }
}

function print(title: string, issues: number, seconds: number, firstRequest: number, result: RunResult): void {
  const { report } = result
  if (result.exitCode !== 0 || report === undefined) throw new Error(`the run failed:\n${result.log}`)
  const work = { wizRequests: report.wiz.requests, portRequests: report.port.requests, issues }
  const bound = boundSeconds(work, SETTING)
  const writes = Number(result.outputs.created) + Number(result.outputs.updated) + Number(result.outputs.deleted)
  const cells = [
    title.padEnd(20),
    issues.toLocaleString('en-US').padStart(8),
    `${seconds.toFixed(1)} s`.padStart(8),
    `${bound.seconds.toFixed(1)} s (${bound.what})`.padStart(14),
    (seconds / bound.seconds).toFixed(2).padStart(6),
    `${work.wizRequests} / ${work.portRequests}`.padStart(12),
    writes.toLocaleString('en-US').padStart(8),
    `${Math.round(result.peakMemoryMb)} MB`.padStart(8),
    `${firstRequest.toFixed(2)} s`.padStart(9),
  ]
  console.log(cells.join('  '))
}

const { paged, bare } = await measureMapping()
const whole = (count: number) => Math.round(count).toLocaleString('en-US')
const cost = ((1 - paged / bare) * 100).toFixed(0)
console.log(
  `mapping on one core: ${whole(paged)} issues a second, ${cost}% less than ${whole(bare)} in one call of bare jq`,
)
console.log(`validating a mapping of 50 KB against 20 examples: ${(await measureValidation()).toFixed(2)} s`)
console.log(`filtering 10,000 rows of the report: ${await measureFilter()}\n`)
if (SIZES.length === 1 && SIZES[0] === 0) process.exit()
console.log(
  'run                    issues      time           bound   ratio    Wiz / Port    writes    memory  1st call',
)
for (const issues of SIZES) {
  const sandbox = await startSandbox(issues)
  await measure('plan of first load', issues, sandbox.credentials, { event: 'pull_request' })
  await measure('first load', issues, sandbox.credentials)
  await measure('unchanged resync', issues, sandbox.credentials)
  await measure('plan, no changes', issues, sandbox.credentials, { event: 'pull_request' })
  await measure('live event', issues, sandbox.credentials, anEvent(issues))
  sandbox.process.kill()
}
