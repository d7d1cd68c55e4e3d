/** Which event leads to what: nothing that is not merged is written, and nothing from a fork comes near the credentials. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { RunResult } from '../../sandbox/runner.ts'
import { startWorld, type World } from './harness.ts'

const REPOSITORY = 'acme/catalog'
const env = { GITHUB_REPOSITORY: REPOSITORY }

/** A pull request of which the head is in some repository; null when that is gone. */
const pullRequest = (head: string | null) => ({
  pull_request: {
    number: 7,
    base: { sha: 'a'.repeat(40) },
    head: { repo: head === null ? null : { full_name: head } },
  },
  repository: { private: false },
})

const said = ({ annotations }: RunResult) => annotations.map(({ message }) => message).join('\n')

function expectUntouched({ wiz, port }: World): void {
  expect([...wiz.requests, ...port.requests]).toEqual([])
}

it.each(['merge_group', 'pull_request_review', 'issue_comment', 'release'])(
  'auto does not guess what to do on %s, and says which modes there are',
  async event => {
    const world = await startWorld()
    const result = await world.run({}, { event, env })
    expect(result.exitCode).toBe(1)
    expect(said(result)).toContain(`the event is ${event}; expected plan, apply or validate to be said outright`)
    expectUntouched(world)
  },
)

it.each(['pull_request', 'pull_request_review', 'merge_group'])('apply is refused on %s', async event => {
  const world = await startWorld()
  const result = await world.run({ mode: 'apply' }, { event, env, payload: pullRequest(REPOSITORY) })
  expect(result.exitCode).toBe(1)
  expect(said(result)).toContain(`mode: apply writes to Port, and the change of a ${event} is not merged yet`)
  expectUntouched(world)
})

it('apply that is said outright works on an event that auto does not know', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 3 } })
  expect((await world.run({ mode: 'apply' }, { event: 'release', env })).exitCode).toBe(0)
})

describe('a pull request from a fork', () => {
  it.each(['somebody/catalog', null])('(%s) that has credentials all the same is only checked', async head => {
    const world = await startWorld()
    const result = await world.run({}, { event: 'pull_request', env, payload: pullRequest(head) })
    expect(result.exitCode).toBe(0)
    expect(result.log).toContain('Mode validate: mode is auto, and the event is pull_request, from a fork')
    expectUntouched(world)
  })

  it('is taken for one as well when the event does not say where it comes from', async () => {
    const world = await startWorld()
    for (const [options, path] of [
      [{ payload: { pull_request: { number: 7, base: { sha: 'a'.repeat(40) } } } }, undefined],
      [{}, '/nowhere/event.json'],
    ] as const) {
      const result = await world.run(
        {},
        { event: 'pull_request', env: { ...env, ...(path && { GITHUB_EVENT_PATH: path }) }, ...options },
      )
      expect(result.log).toContain('Mode validate: mode is auto, and the event is pull_request, from a fork')
    }
    expectUntouched(world)
  })

  it('is not planned, whoever asks for it', async () => {
    const world = await startWorld()
    const payload = pullRequest('somebody/catalog')
    const result = await world.run({ mode: 'plan' }, { event: 'pull_request', env, payload })
    expect(result.exitCode).toBe(1)
    expect(said(result)).toContain('mode: plan uses credentials, and the change is from a fork')
    expectUntouched(world)
  })
})

it('a pull request of the repository itself is planned', async () => {
  const world = await startWorld({ tenant: { projects: 2, issues: 3 } })
  const result = await world.run({}, { event: 'pull_request', env, payload: pullRequest(REPOSITORY) })
  expect(result.exitCode).toBe(0)
  expect(result.log).toContain('Mode plan: ')
  expect(world.port.writes).toMatchObject({ created: 0, updated: 0, deleted: 0 })
})

describe('an event file', () => {
  it('that is missing is no reason to fail a sync', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 3 } })
    const result = await world.run({}, { env: { ...env, GITHUB_EVENT_PATH: '/nowhere/event.json' } })
    expect(result.exitCode).toBe(0)
  })

  it.each(['', '{"pull_request": ', '\ufeff<html>'])(
    'that is no JSON (%j) is told, and nothing is asked',
    async text => {
      const world = await startWorld()
      const path = join(mkdtempSync(join(tmpdir(), 'wiz-to-port-event-')), 'event.json')
      writeFileSync(path, text)
      const result = await world.run({}, { event: 'pull_request', env: { ...env, GITHUB_EVENT_PATH: path } })
      expect(result.exitCode).toBe(1)
      expect(said(result)).toContain(`GITHUB_EVENT_PATH: the event in ${path} cannot be read`)
      expect(result.summary).toContain('cannot be read')
      expectUntouched(world)
    },
  )

  it('with an issue among megabytes of other things is read for its id alone', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 3 } })
    await world.fill()
    const [issue] = world.tenant.openIssues()
    const client_payload = { issue: { id: issue?.id, noise: 'x'.repeat(2_000_000) } }
    const result = await world.run({}, { event: 'repository_dispatch', env, payload: { client_payload } })
    expect(result.exitCode).toBe(0)
    expect(result.report?.event?.ids).toEqual([issue?.id])
    expect(result.log.length).toBeLessThan(10_000)
  })
})
