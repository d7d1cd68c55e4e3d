/** Whom the bundle talks to and what it starts, written down by Node itself: the configured hosts, the jq of jq-path, no one else. */
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { startGithub } from '../../sandbox/github/index.ts'
import { runAction } from '../../sandbox/runner.ts'
import { startWorld } from './harness.ts'

const NATIVE = '/usr/bin/jq'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-hosts-'))
  writeFileSync(join(folder, 'contacts'), '')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** Every way out of a process comes through one of these, whichever module asked for it. */
const record = (path: string) => `
import { ChildProcess } from 'node:child_process'
import { Socket as DatagramSocket } from 'node:dgram'
import dns from 'node:dns'
import { appendFileSync } from 'node:fs'
import { Socket } from 'node:net'
const note = text => appendFileSync(${JSON.stringify(path)}, text + '\\n')
function wrap(object, name, describe) {
  const original = object[name]
  object[name] = function (...args) {
    note(describe(...args))
    return original.apply(this, args)
  }
}
wrap(Socket.prototype, 'connect', first => {
  const options = Array.isArray(first) ? first[0] : first
  return typeof options === 'object' ? options.path ?? options.host + ':' + options.port : String(options)
})
wrap(DatagramSocket.prototype, 'send', () => 'a datagram')
for (const name of ['lookup', 'resolve', 'resolve4', 'resolve6', 'resolveAny', 'resolveTxt']) {
  wrap(dns, name, host => 'name ' + host)
  wrap(dns.promises, name, host => 'name ' + host)
}
wrap(ChildProcess.prototype, 'spawn', ({ file }) => 'process ' + file)
`

const recording = () => ({
  NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(record(join(folder, 'contacts')))}`,
})

/** Each one once, sorted. */
function contacts(): string[] {
  const lines = readFileSync(join(folder, 'contacts'), 'utf8').split('\n')
  return [...new Set(lines.filter(line => line !== ''))].sort()
}

const hostsOf = (...urls: string[]) => urls.map(url => new URL(url).host).sort()

it('a sync talks to Wiz and Port, and starts nothing', async () => {
  const world = await startWorld()
  const result = await world.run({}, { env: recording() })
  expect(result.exitCode).toBe(0)
  expect(contacts()).toEqual(hostsOf(world.wiz.apiUrl, world.port.url))
})

it('a plan with a comment talks to GitHub as well', async () => {
  const world = await startWorld()
  const github = await startGithub({})
  const result = await world.run(
    { 'github-token': github.token },
    { event: 'pull_request', payload: github.event, env: { ...github.env, ...recording() } },
  )
  await github.stop()
  expect(result.exitCode).toBe(0)
  expect(github.comments).toHaveLength(1)
  expect(contacts()).toEqual(hostsOf(world.wiz.apiUrl, world.port.url, github.url))
})

it('a check of the mapping talks to nobody', async () => {
  const result = await runAction({ event: 'pull_request', env: recording() })
  expect(result.exitCode).toBe(0)
  expect(contacts()).toEqual([])
})

it.skipIf(!existsSync(NATIVE))('jq-path is the one program that is started', async () => {
  const world = await startWorld()
  const result = await world.run({ 'jq-path': NATIVE }, { env: recording() })
  expect(result.exitCode).toBe(0)
  expect(contacts()).toEqual([...hostsOf(world.wiz.apiUrl, world.port.url), 'process ./jq'])
})

it('names are looked up for the configured hosts alone', async () => {
  const world = await startWorld()
  const named = (url: string) => url.replace('127.0.0.1', 'localhost')
  const env = recording()
  const result = await world.run({ 'port-base-url': named(world.port.url) }, { env })
  expect(result.exitCode).toBe(0)
  expect(contacts().filter(line => line.startsWith('name '))).toEqual(['name localhost'])
})

it('does without code that is made of texts while it runs', async () => {
  const world = await startWorld()
  const result = await world.run({}, { env: { NODE_OPTIONS: '--disallow-code-generation-from-strings' } })
  expect(result.exitCode).toBe(0)
  expect(Number(result.outputs.created)).toBeGreaterThan(0)
})
