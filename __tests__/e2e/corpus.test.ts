/** Every hostile text in every field of every kind, in the mapping, and in what services say: nothing of it acts anywhere. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { toUSVString } from 'node:util'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { FaultAction } from '../../sandbox/faults.ts'
import { GITHUB_BASE_SHA, startGithub } from '../../sandbox/github/index.ts'
import { HOSTILE } from '../../sandbox/hostile.ts'
import type { RunResult } from '../../sandbox/runner.ts'
import { CHROMIUM } from '../chromium.ts'
import { expectInertMarkdown, expectQuietLog } from '../inert.ts'
import { mappingOf, startWorld, type World } from './harness.ts'

const OUTPUTS = [
  'conclusion',
  'created',
  'deleted',
  'failed',
  'has-changes',
  'plan-id',
  'report-path',
  'skipped',
  'unchanged',
  'updated',
]
const OURS = 'wiz-to-port/0.0.1 (installation/wiz)'

let browser: Browser | undefined
beforeAll(async () => {
  if (CHROMIUM !== undefined) browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
})
afterAll(() => browser?.close())

/** Two issues of each text, one of which Port takes; with rules, tickets, notes and tags that say it too. */
async function hostileWorld(): Promise<World> {
  const world = await startWorld({ tenant: { projects: 0, issues: 0 } })
  for (const [index, text] of HOSTILE.entries()) {
    world.tenant.addProject({ id: `p-${index}`, name: text, slug: text, description: text, businessUnit: text })
    world.tenant.addProject({ id: `${text}|`, name: text, slug: text, description: text, businessUnit: text })
    for (const id of [`i-${index}`, `|${text}`]) {
      // Port takes nothing but URLs for these.
      const url = id.startsWith('i') ? `https://x.example/?${encodeURIComponent(toUSVString(text))}` : text
      world.tenant.addIssue({
        id,
        status: 'OPEN',
        severity: 'HIGH',
        url,
        description: text,
        sourceRules: [
          {
            __typename: 'Control',
            id: id.startsWith('i') ? `r-${index}` : `${text}%`,
            name: text,
            description: text,
            resolutionRecommendation: text,
            securitySubCategories: [{ title: text, category: { name: text, framework: { name: text } } }],
          },
        ],
        serviceTickets: [{ id: `t-${index}`, externalId: `${index}${text.slice(0, 200)}`, name: text, url }],
        notes: [
          {
            id: 'n',
            text,
            createdAt: '2026-01-01T00:00:00Z',
            updatedAt: '2026-01-01T00:00:00Z',
            user: { name: text, email: text },
          },
        ],
        entitySnapshot: {
          id: text,
          type: text,
          nativeType: text,
          name: text,
          cloudProviderURL: url,
          providerId: text,
          externalId: text,
          region: text,
          subscriptionName: text,
          subscriptionExternalId: text,
          resourceGroupExternalId: text,
          subscriptionTags: { [text]: text },
          tags: { [text]: text },
        },
      })
    }
  }
  return world
}

/** Nothing that a run has told acts, wherever it is shown. */
async function expectInert(result: RunResult): Promise<void> {
  expectQuietLog(result, HOSTILE)
  expectInertMarkdown(result.summary)
  expect(Object.keys(result.outputs).filter(name => !OUTPUTS.includes(name))).toEqual([])
  expect(result.outputs.created).not.toBe('9999')
  for (const { message } of result.annotations) expect(message).not.toMatch(/[\r\n]|##\[/)
  await expectInertPage(result.page)
}

async function expectInertPage(html: string | undefined): Promise<void> {
  if (html === undefined || browser === undefined) return
  const file = join(mkdtempSync(join(tmpdir(), 'wiz-to-port-corpus-')), 'report.html')
  writeFileSync(file, html)
  const page = await browser.newPage()
  const happened: string[] = []
  page.on('console', message => happened.push(message.text()))
  page.on('pageerror', error => happened.push(error.message))
  page.on('dialog', dialog => happened.push(dialog.message()))
  page.on('request', request => happened.push(request.url()))
  await page.goto(pathToFileURL(file).href)
  for (let more = page.locator('#more'); await more.isVisible(); ) await more.click()
  await page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
  expect(happened).toEqual([pathToFileURL(file).href])
  expect(await page.title()).toMatch(/^Wiz to Port: \w+, \w+$/)
  const foreign =
    "document.querySelectorAll('img, a, iframe, object, embed, link, base, svg [onload], [onerror]').length"
  expect(await page.evaluate(foreign)).toBe(0)
  expect(await page.evaluate("document.querySelectorAll('script').length")).toBe(2)
  await page.close()
}

it('texts from Wiz, in a sync, a plan with a comment, and deletions', { timeout: 120_000 }, async () => {
  const world = await hostileWorld()
  const first = await world.run({}, { env: { RUNNER_DEBUG: '1' } })
  await expectInert(first)
  expect(Number(first.outputs.created)).toBeGreaterThan(HOSTILE.length * 3)
  // Identifiers that Port does not take are failures, and named.
  expect(Number(first.outputs.failed)).toBeGreaterThan(HOSTILE.length)
  for (const [index, text] of HOSTILE.entries()) {
    const { properties } = world.port.entity('wizIssue', `i-${index}`) ?? {}
    expect(properties?.resourceName).toBe(toUSVString(text))
  }

  // Everything is to be said: what changes, from what to what, who wrote it before, what goes, and why not.
  for (const [index, text] of HOSTILE.entries()) {
    const { relations: _, ...entity } = world.port.entity('wizIssue', `i-${index}`) ?? {}
    if (index % 3 === 0) world.tenant.deleteIssue(`i-${index}`)
    if (index % 3 === 1) world.tenant.editIssue(`i-${index}`, { description: `${HOSTILE.at(-index)}` })
    if (index % 3 === 2) world.port.putEntity('wizIssue', { ...entity, title: text }, text)
    world.port.putEntity('wizProject', { identifier: `stale-${index}`, title: text }, OURS)
  }
  const github = await startGithub({ files: { [`${GITHUB_BASE_SHA}:.github/wiz-to-port.yml`]: 'resources: []' } })
  const inputs = { 'github-token': github.token, 'allow-mass-delete': 'true', 'show-values': 'true' }
  const plan = await world.run(inputs, { event: 'pull_request', payload: github.event, env: github.env })
  await expectInert(plan)
  for (const { body } of github.comments) expectInertMarkdown(body)
  expect(github.comments).toHaveLength(1)
  await github.stop()

  const apply = await world.run({ 'allow-mass-delete': 'true' })
  await expectInert(apply)
  expect(Number(apply.outputs.deleted)).toBeGreaterThan(HOSTILE.length)
})

it('texts that expressions give: as errors, as collisions, as identifiers and blueprints', async () => {
  const world = await hostileWorld()
  const files = mappingOf(
    'issue',
    `identifier: if .id | startswith("i") then .severity else .entitySnapshot.name end
blueprint: '"wizIssue"'
title: .entitySnapshot.name
properties:
  wizIssueID: error(.entitySnapshot.name)
  severity: .entitySnapshot.name | tonumber
  resourceName: .entitySnapshot.name
relations:
  control: .entitySnapshot.name`,
  )
  const mapped = await world.run({}, { files })
  await expectInert(mapped)
  expect(mapped.report?.fieldErrors.length).toBeGreaterThan(1)
  const query = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIssue"\'', 'query: .entitySnapshot.name')
  await expectInert(await world.run({}, { files: query }))
  const chosen = mappingOf(
    'issue',
    'identifier: .id\nblueprint: \'if .severity == "HIGH" then .entitySnapshot.name else "wizIssue" end\'',
  )
  await expectInert(await world.run({}, { files: chosen }))
})

describe('the mapping file', () => {
  // YAML has no way to say half of a character.
  const texts = HOSTILE.filter(text => text === toUSVString(text))
  const entry = (text: string, kind: string, fields: string) =>
    `  - kind: ${kind}\n    selector: {query: ${JSON.stringify(`. == ${JSON.stringify(text)}`)}}\n    port: {entity: {mappings: {identifier: .id, ${fields}}}}\n`
  const cases: [string, (text: string) => string][] = [
    [
      'constants',
      text =>
        entry(
          text,
          'issue',
          `blueprint: '"wizIssue"', title: ${JSON.stringify(JSON.stringify(text))}, properties: {severity: ${JSON.stringify(JSON.stringify(text))}}`,
        ),
    ],
    ['expressions', text => entry(text, 'issue', `blueprint: '"wizIssue"', title: ${JSON.stringify(text)}`)],
    [
      'names of properties',
      text =>
        entry(
          text,
          'issue',
          `blueprint: '"wizIssue"', properties: {${JSON.stringify(text)}: .id}, relations: {${JSON.stringify(text)}: .id}`,
        ),
    ],
    ['blueprints', text => entry(text, 'issue', `blueprint: ${JSON.stringify(JSON.stringify(text))}`)],
    ['kinds', text => entry(text, JSON.stringify(text), `blueprint: '"wizIssue"'`)],
    ['keys', text => `  - ${JSON.stringify(text)}: 1\n`],
  ]
  it.each(cases)('%s', async (_, resource) => {
    const world = await startWorld({ tenant: { projects: 1, issues: 2 } })
    const files = { '.github/wiz-to-port.yml': `resources:\n${texts.map(resource).join('')}` }
    await expectInert(await world.run({ mode: 'validate' }, { files }))
    await expectInert(await world.run({}, { files }))
  })

  it('and its name', async () => {
    const world = await startWorld({ tenant: { projects: 1, issues: 2 } })
    for (const text of ['::error::x.yml', '<img src=x>.yml', '@org ##[error].yml', '[a](javascript:x).yml'])
      await expectInert(await world.run({ mapping: text }))
  })
})

describe('what services say', () => {
  const respond = (status: number, body: unknown): FaultAction => ({ kind: 'respond', status, body })
  const ALWAYS = Number.POSITIVE_INFINITY
  const all = HOSTILE.join(' ')

  it('Wiz, in an error', async () => {
    const world = await startWorld({ tenant: { projects: 1, issues: 2 } })
    const errors = [{ message: all, extensions: { code: all } }]
    world.wiz.faults.push({ match: { body: /issuesV2/ }, times: ALWAYS, fault: respond(200, { data: null, errors }) })
    await expectInert(await world.run({}, { env: { RUNNER_DEBUG: '1' } }))
  })

  it('Port, in refusals of entities and of all else', async () => {
    const world = await startWorld({ tenant: { projects: 1, issues: 2 } })
    world.port.faults.push({
      match: { path: /entities\/bulk$/ },
      times: ALWAYS,
      fault: respond(403, { ok: false, error: all, message: all }),
    })
    world.port.faults.push({
      match: { path: /integration/ },
      times: ALWAYS,
      fault: respond(403, { ok: false, error: all, message: all }),
    })
    await expectInert(await world.run({}, { env: { RUNNER_DEBUG: '1' } }))
  })
})
