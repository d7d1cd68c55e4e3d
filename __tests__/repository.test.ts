/** The repository's own workflows: valid, with the least permissions, and with nothing in them that somebody else can move. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { load } from 'js-yaml'
import { describe, expect, it } from 'vitest'
import { action, problemsOf } from './language-service.ts'

interface Step {
  uses?: string
  run?: string
  with?: Record<string, unknown>
}
type Permissions = string | Record<string, string>
interface Job {
  permissions?: Permissions
  steps?: Step[]
}
interface Workflow {
  on: string | string[] | Record<string, unknown>
  permissions?: Permissions
  jobs: Record<string, Job>
}

const FOLDER = '.github/workflows'
const files = readdirSync(FOLDER).sort()

/** What jobs may do beyond reading the repository; every other one reads at most. */
const WRITES: Readonly<Record<string, Record<string, string>>> = {
  'codeql.yml analyze': { 'security-events': 'write' },
  'release.yml attest': { 'id-token': 'write', attestations: 'write' },
  'release.yml publish': { contents: 'write' },
}

it('there are the workflows that the documentation speaks of', () => {
  expect(files).toEqual(['ci.yml', 'codeql.yml', 'release.yml'])
})

describe.each(files)('%s', file => {
  const text = readFileSync(`${FOLDER}/${file}`, 'utf8')
  const workflow = load(text) as Workflow
  const jobs = Object.entries(workflow.jobs)
  const steps = jobs.flatMap(([, { steps = [] }]) => steps)

  it('is valid', async () => {
    expect(await problemsOf(`file:///${FOLDER}/${file}`, text)).toEqual([])
  })

  it('pins every action to a commit, and says which version that is', () => {
    const used = text.split('\n').filter(line => /^\s*(-\s+)?uses:/.test(line))
    expect(used).toHaveLength(steps.filter(({ uses }) => uses !== undefined).length)
    for (const line of used) expect(line).toMatch(/uses: [\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  it('gives nothing by default, and each job the least', () => {
    expect(workflow.permissions).toEqual({})
    for (const [name, { permissions }] of jobs) {
      expect(permissions, name).toEqual({ contents: 'read', ...WRITES[`${file} ${name}`] })
    }
  })

  it('does not run on events that give the secrets to code from a fork', () => {
    const events =
      typeof workflow.on === 'string' || Array.isArray(workflow.on) ? [workflow.on].flat() : Object.keys(workflow.on)
    expect(events).not.toEqual([])
    for (const event of ['pull_request_target', 'workflow_run', 'issue_comment', 'repository_dispatch'])
      expect(events).not.toContain(event)
    expect(text).not.toContain('secrets.')
  })

  it('puts nothing together into a script', () => {
    for (const { run = '' } of steps) expect(run).not.toMatch(/\$\{\{/)
  })

  it('leaves no token in the checkout', () => {
    for (const { uses = '', with: inputs } of steps) {
      if (uses.startsWith('actions/checkout@')) expect(inputs?.['persist-credentials']).toBe(false)
    }
  })
})

it('one action is pinned to one commit everywhere', () => {
  const pins = files.flatMap(file => [...readFileSync(`${FOLDER}/${file}`, 'utf8').matchAll(/uses: (\S+)@(\S+)/g)])
  const commits = new Map<string, Set<string>>()
  for (const [, used = '', commit = ''] of pins) {
    // The parts of CodeQL are one repository.
    const name = used.split('/').slice(0, 2).join('/')
    commits.set(name, (commits.get(name) ?? new Set()).add(commit))
  }
  for (const [name, found] of commits) expect(found.size, name).toBe(1)
})

it('Dependabot looks after all that is pinned', () => {
  const { updates } = load(readFileSync('.github/dependabot.yml', 'utf8')) as { updates: Record<string, unknown>[] }
  expect(updates.map(update => update['package-ecosystem'])).toEqual(['npm', 'github-actions'])
  for (const update of updates)
    expect(update).toMatchObject({ schedule: { interval: 'weekly' }, cooldown: { 'default-days': 7 } })
})

it('SECURITY.md names files and inputs that exist', () => {
  const text = readFileSync('SECURITY.md', 'utf8')
  const named = [...text.matchAll(/(?:src|__tests__|dist)\/[\w./-]+\.\w+|\.github\/workflows\/[\w-]+\.yml/g)].map(
    String,
  )
  expect(named.length).toBeGreaterThan(15)
  expect(named.filter(path => !existsSync(path))).toEqual([])
  const inputs = Object.keys(action.inputs)
  for (const [, name = ''] of text.matchAll(/`([a-z]+(?:-[a-z]+)+)(?:: \w+)?`/g)) expect(inputs).toContain(name)
})
