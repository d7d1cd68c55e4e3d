/** Secrets in every form, from everywhere: in no log, summary, comment, report, example, annotation or child process. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import type { FaultAction } from '../../sandbox/faults.ts'
import { type GithubSandbox, startGithub } from '../../sandbox/github/index.ts'
import type { RunResult } from '../../sandbox/runner.ts'
import { mappingOf, startWorld, type World } from './harness.ts'

const NATIVE = '/usr/bin/jq'
const ALWAYS = Number.POSITIVE_INFINITY

/** With what forms of writing change, and over two lines. */
const WIZ_SECRET = 'wiz|s[e]cret`"\\ü&<%+/9f3a1c'
const PORT_SECRET = 'port-secret-line-one-5d8e\nport-secret-line-two-7b2c'

const running: GithubSandbox[] = []
afterEach(async () => {
  await Promise.all(running.splice(0).map(github => github.stop()))
})

/** How a secret gets into a text: as it is, and in the encodings of what carries it. */
function formsOf(secret: string): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64')
  const percent = encodeURIComponent(secret)
  return [
    secret,
    ...secret.split('\n'),
    JSON.stringify(secret).slice(1, -1),
    percent,
    percent.replaceAll(/%../g, hex => hex.toLowerCase()),
    new URLSearchParams({ '': secret }).toString().slice(1),
    base64(secret),
    base64(`client-id:${secret}`),
    base64(`x:${secret}:y`),
    Buffer.from(secret).toString('base64url'),
  ]
}

const startSecretWorld = () =>
  startWorld({
    tenant: { projects: 2, issues: 4 },
    wiz: { clientSecret: WIZ_SECRET },
    port: { clientSecret: PORT_SECRET },
  })

/** The secrets of a world, its tokens among them, in all forms. */
function secretsOf({ wiz, port }: World, ...more: string[]): string[] {
  const tokens = [...wiz.requests, ...port.requests].flatMap(
    ({ headers }) => /^Bearer (.+)$/.exec(String(headers.authorization))?.[1] ?? [],
  )
  return [...new Set([WIZ_SECRET, PORT_SECRET, ...tokens, ...more])].flatMap(formsOf)
}

/** What a run has told, but for the lines by which the runner learns what to mask. */
function expectSilence(result: RunResult, secrets: readonly string[], ...more: unknown[]): void {
  const sinks: Record<string, string> = {
    log: result.rawLog.replaceAll(/^::add-mask::.*$/gm, ''),
    annotations: JSON.stringify(result.annotations),
    summary: result.summary,
    report: JSON.stringify(result.report),
    page: result.page ?? '',
    outputs: JSON.stringify(result.outputs),
    more: JSON.stringify(more),
  }
  for (const [name, text] of Object.entries(sinks)) {
    for (const secret of secrets) expect(text.includes(secret), `${name} has ${JSON.stringify(secret)}`).toBe(false)
  }
}

const echo = (status: number, message: string): FaultAction => ({
  kind: 'respond',
  status,
  body: { ok: false, error: message, message, data: null, errors: [{ message, extensions: { code: message } }] },
})

it('that services repeat in what they refuse, with debug logging on', async () => {
  const world = await startSecretWorld()
  const said = [WIZ_SECRET, PORT_SECRET].flatMap(formsOf).join(' and ')
  world.wiz.faults.push({ match: { body: /issuesV2/ }, times: ALWAYS, fault: echo(200, said) })
  world.port.faults.push({ match: { path: /entities\/bulk$/ }, times: ALWAYS, fault: echo(403, said) })
  world.port.faults.push({ match: { path: /integration/ }, times: ALWAYS, fault: echo(403, said) })
  const result = await world.run({}, { env: { RUNNER_DEBUG: '1', ACTIONS_STEP_DEBUG: 'true' } })
  expect(result.exitCode).toBe(1)
  expect(result.summary).toContain('***')
  expectSilence(result, secretsOf(world))
})

it('that are in the data, also where a text is cut', async () => {
  const world = await startSecretWorld()
  const forms = [WIZ_SECRET, PORT_SECRET].flatMap(formsOf)
  for (const [index, form] of forms.entries()) {
    for (const cut of [0, 280, 290, 295]) {
      world.tenant.addIssue({
        id: `${'i'.repeat(cut)}${index} |${form}`,
        status: 'OPEN',
        severity: 'HIGH',
        serviceTickets: [{ id: 't', externalId: `T-${index}`, name: form, url: form }],
        entitySnapshot: { id: 'e', type: 'BUCKET', name: `${'n'.repeat(cut)}${form}`, tags: { [form]: form } },
      })
    }
  }
  const github = await startGithub({ files: {}, private: true })
  running.push(github)
  const inputs = { 'github-token': github.token, 'show-values': 'true' }
  const plan = await world.run(inputs, { event: 'pull_request', payload: github.event, env: github.env })
  expectSilence(
    plan,
    secretsOf(world, github.token),
    github.comments.map(({ body }) => body),
  )
  expect(github.comments).toHaveLength(1)

  const apply = await world.run()
  const examples = ['project', 'issue', 'control', 'serviceTicket'].map(kind => world.port.examples('wiz', kind))
  expect(examples.flat().length).toBeGreaterThan(3)
  expectSilence(apply, secretsOf(world), examples)
})

it('that no longer open anything, and are refused', async () => {
  const world = await startSecretWorld()
  const stale = 'an-old-secret-that-was-rotated-3e1d'
  const result = await world.run(
    { 'wiz-client-secret': stale, 'port-client-secret': `${stale}\nnext line` },
    { env: { RUNNER_DEBUG: '1' } },
  )
  expect(result.exitCode).toBe(1)
  expectSilence(result, formsOf(stale))
})

it.skipIf(!existsSync(NATIVE))('in no environment of a child process', async () => {
  const world = await startSecretWorld()
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-jq-'))
  const [jq, seen] = [join(folder, 'jq'), join(folder, 'seen')]
  writeFileSync(jq, `#!/bin/sh\n/usr/bin/env >> ${seen}\nexec ${NATIVE} "$@"\n`)
  chmodSync(jq, 0o755)
  const files = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIssue"\'')
  const result = await world.run(
    { 'jq-path': jq, 'github-token': 'ghs_0123456789abcdefghijklmnopqrstuvwxyz' },
    { files },
  )
  expect(result.exitCode).toBe(0)
  const environment = readFileSync(seen, 'utf8')
  expect(environment).not.toMatch(/INPUT_|GITHUB_|RUNNER_/)
  for (const secret of secretsOf(world, 'ghs_0123456789abcdefghijklmnopqrstuvwxyz'))
    expect(environment).not.toContain(secret)
})
