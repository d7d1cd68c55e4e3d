import { expect, it } from 'vitest'
import { startProxy } from '../../sandbox/proxy.ts'
import { startTls } from '../../sandbox/tls.ts'
import { held, numbers, startWorld } from './harness.ts'

const asked = (body: string) => Number(/"first":(\d+)/.exec(body)?.[1])

it('a page that takes Wiz too long is asked for again with half its size, and nothing is lost', async () => {
  const world = await startWorld({ tenant: { issues: 900 } })
  world.wiz.faults.push({
    match: { body: /"first":(500|250)\b.*/ },
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'respond', status: 504, body: 'upstream request timeout' },
  })
  const result = await world.run({ kinds: 'issue' })
  expect(result.exitCode).toBe(0)
  expect(held(world.port, 'wizIssue')).toHaveLength([...world.tenant.openIssues()].length)
  const sizes = world.wiz.requests.filter(({ body }) => body.includes('query Crawl(')).map(({ body }) => asked(body))
  expect(sizes.slice(0, 4)).toEqual([500, 250, 125, 125])
})

it('Wiz is never asked more often than wiz-requests-per-second says', async () => {
  // Each of them asks Wiz for something else, and once.
  const selectors = ['CLOUD_CONFIGURATION', 'THREAT_DETECTION', 'TOXIC_COMBINATION'].flatMap(type =>
    ['LOW', 'MEDIUM', 'HIGH', 'CRITICAL'].flatMap(severity =>
      ['OPEN', 'IN_PROGRESS'].map(
        status => `{ query: 'true', typeList: [${type}], severityList: [${severity}], statusList: [${status}] }`,
      ),
    ),
  )
  const resources = selectors.map(
    selector => `  - kind: issue
    selector: ${selector}
    port: { entity: { mappings: { identifier: .id, blueprint: '"wizIssue"' } } }`,
  )
  // The sandbox refuses the call that would be one too many, on its own clock.
  const world = await startWorld({ wiz: { requestsPerSecond: 5 } })
  const files = { '.github/wiz-to-port.yml': ['resources:', ...resources].join('\n') }
  const result = await world.run({ 'wiz-requests-per-second': '5' }, { files })
  expect(result.exitCode).toBe(0)
  expect(result.report?.wiz.retries).toBe(0)
  // What a busy machine does to the first and the last one is less than an interval.
  const times = world.wiz.requests.map(({ at }) => at)
  expect(times.length).toBeGreaterThan(selectors.length)
  expect(Math.max(...times) - Math.min(...times)).toBeGreaterThan((times.length - 2) * 200)
})

it('calls to Port in flight are bounded, and fewer while Port has trouble', async () => {
  // So long that all of them would be in flight at once, also where a busy machine takes its time to map them.
  const world = await startWorld({ tenant: { issues: 1500 }, port: { latencyMs: 600 } })
  expect((await world.run()).exitCode).toBe(0)
  const calm = world.port.peakConcurrency()
  expect(calm).toBeGreaterThan(4)
  expect(calm).toBeLessThanOrEqual(32)

  const troubled = await startWorld({ tenant: { issues: 1500 }, port: { latencyMs: 20 } })
  troubled.port.faults.push({
    match: { path: /entities\/bulk$/ },
    times: 20,
    fault: { kind: 'respond', status: 429, headers: { 'retry-after': '0' } },
  })
  expect((await troubled.run()).exitCode).toBe(0)
  expect(troubled.port.requests.filter(({ status }) => status === 429)).toHaveLength(20)
  expect(troubled.port.peakConcurrency()).toBeLessThanOrEqual(calm)
})

it('a Port that takes nothing for good ends the run, and not every batch by itself', { timeout: 300_000 }, async () => {
  const world = await startWorld({ tenant: { issues: 1500 } })
  await world.fill()
  const open = [...world.tenant.openIssues()].map(({ id }) => id)
  for (const id of open.slice(0, 3)) world.tenant.resolve(id)
  for (const id of open.slice(3)) world.tenant.editIssue(id, { dueAt: '2029-01-01T00:00:00Z' })
  const before = { ...world.port.writes }
  const asked = world.entityWrites()
  world.port.faults.push({
    match: { path: /entities\/bulk$/ },
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'respond', status: 503 },
  })
  const result = await world.run()
  expect(result.exitCode).toBe(1)
  expect(result.report?.problems.map(({ message }) => message)).toEqual([
    expect.stringMatching(/^Port's API for writing is down: .* the last one with: Port answered 503\./),
  ])
  expect(world.port.writes).toEqual(before)
  // Sixteen were under way when it was found out, each with eight attempts; there was work for far more.
  expect(world.entityWrites() - asked).toBeLessThanOrEqual(16 * 8)
  expect(Number(result.outputs.failed)).toBeLessThanOrEqual(16 * 20)
  world.port.faults.length = 0
  expect((await world.run()).exitCode).toBe(0)
  expect(held(world.port, 'wizIssue')).toEqual(open.slice(3).sort())
})

it('goes through the proxy of the runner, and past it where the runner says so', async () => {
  const world = await startWorld()
  const proxy = await startProxy('runner:proxy-password-1')
  const env = { HTTP_PROXY: proxy.url }
  const through = await world.run({}, { env })
  expect(through.exitCode).toBe(0)
  const hosts = [world.wiz.apiUrl, world.port.url].map(url => new URL(url).host)
  expect([...new Set(proxy.tunnels)].sort()).toEqual(hosts.sort())
  expect(through.masked).toContain('proxy-password-1')
  expect(through.log).not.toContain('proxy-password-1')

  proxy.tunnels.length = 0
  expect((await world.run({}, { env: { ...env, NO_PROXY: '127.0.0.1' } })).exitCode).toBe(0)
  expect(proxy.tunnels).toEqual([])
  await proxy.stop()
})

it('a certificate that nobody vouches for is refused, until the runner trusts it', async () => {
  const world = await startWorld()
  const [wiz, port] = await Promise.all([startTls(world.wiz.apiUrl), startTls(world.port.url)])
  const inputs = {
    'wiz-api-url': `${wiz.url}/graphql`,
    'wiz-token-url': `${wiz.url}/oauth/token`,
    'port-base-url': port.url,
  }
  const refused = await world.run(inputs)
  expect(refused.exitCode).toBe(1)
  const [problem] = refused.annotations.map(({ message }) => message)
  expect(problem).toMatch(
    /^(wiz-token-url|port-base-url): https:.* cannot be reached: .*\(DEPTH_ZERO_SELF_SIGNED_CERT\)/,
  )
  expect([...world.wiz.requests, ...world.port.requests]).toEqual([])

  const trusted = await world.run(inputs, { env: { NODE_EXTRA_CA_CERTS: wiz.certificateFile } })
  expect(trusted.exitCode).toBe(0)
  expect(held(world.port, 'wizIssue')).toHaveLength([...world.tenant.openIssues()].length)
  await Promise.all([wiz.stop(), port.stop()])
})

it('credentials go to the hosts of the inputs alone: a redirect is refused', async () => {
  const world = await startWorld()
  const other = await startWorld()
  const location = `${other.port.url}/v1/blueprints`
  world.port.faults.push({
    match: { path: '/v1/blueprints' },
    times: Number.POSITIVE_INFINITY,
    fault: { kind: 'respond', status: 307, body: '', headers: { location } },
  })
  const result = await world.run()
  expect(result.exitCode).toBe(1)
  expect(other.port.requests).toEqual([])
  expect(result.annotations.map(({ message }) => message).join('\n')).toContain('Port answered 307')
})

it.each([
  ['wiz-api-url', 'http://api.us1.app.wiz.io/graphql'],
  ['wiz-api-url', 'file:///etc/passwd'],
  ['wiz-api-url', 'https://169.254.169.254/graphql'],
  ['wiz-token-url', 'https://user:password@auth.app.wiz.io/oauth/token'],
  ['wiz-token-url', 'https://0xa9fea9fe/oauth/token'],
  ['port-base-url', 'https://[fd00::1]'],
  ['port-base-url', 'http://localhost.example.com'],
])('%s: %s is refused before anything is sent', async (input, value) => {
  const world = await startWorld()
  const result = await world.run({ [input]: value })
  expect(result.exitCode).toBe(1)
  expect(result.annotations.map(({ message }) => message).join('\n')).toContain(`${input}: expected an https URL`)
  expect(numbers(result)).toMatchObject({ created: 0 })
  expect([...world.wiz.requests, ...world.port.requests]).toEqual([])
})

it.each([
  [{ HTTPS_PROXY: 'socks5://127.0.0.1:9' }, 'HTTPS_PROXY: socks5: is no proxy that can be used'],
  [{ http_proxy: 'proxy of the house' }, 'http_proxy: is not a URL'],
  [{ HTTP_PROXY: 'http://runner:50%off@127.0.0.1:9' }, 'HTTP_PROXY: its user or password has a percent sign'],
])('a proxy that cannot be used is told, and nobody is asked directly: %j', async (env, expected) => {
  const world = await startWorld()
  const result = await world.run({}, { env })
  expect(result.exitCode).toBe(1)
  expect(result.annotations.map(({ message }) => message).join('\n')).toContain(expected)
  expect([...world.wiz.requests, ...world.port.requests]).toEqual([])
})
