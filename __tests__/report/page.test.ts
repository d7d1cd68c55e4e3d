/** The report in a browser, opened from disk as a person would. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { renderPage } from '../../src/report/html/page.ts'
import type { OperationReport, Report } from '../../src/report/model.ts'
import { Recorder } from '../../src/report/recorder.ts'
import { CHROMIUM } from '../chromium.ts'

const HOSTILE = '</script><img src=x onerror="document.title=\'owned\'">\u2028<script>document.title="owned"</script>'
const ROWS = 10_000

function report() {
  const recorder = new Recorder()
  const actions = ['create', 'update', 'delete'] as const
  const causes = ['mapping', 'wiz', 'drift', 'unmapped'] as const
  const operations = Array.from({ length: ROWS }, (_, index): OperationReport => {
    const cause = causes[index % 4]
    return {
      action: actions[index % 3] ?? 'create',
      blueprint: index % 2 === 0 ? 'wizIssue' : 'wizControl',
      identifier: `id-${index}`,
      title: index === 1 ? HOSTILE : `Title ${index}`,
      fields: ['properties.severity', 'properties.status'],
      ...(cause === undefined ? {} : { cause }),
    }
  })
  const values = { before: HOSTILE, after: null }
  const fields = [{ field: 'properties.severity', values }]
  recorder.problem(`Something is wrong ${HOSTILE}`)
  recorder.report.changes = [{ blueprint: 'wizControl', identifier: 'id-1', fields }]
  for (const { blueprint } of operations) recorder.count(blueprint, 'unchanged')
  return {
    ...recorder.finish(),
    operations,
    mode: 'plan' as const,
    planId: '1-2-3-0123456789abcdef',
    installation: HOSTILE,
  }
}

/** A plan with something of everything, all of it hostile. */
function rich(): Report {
  const recorder = new Recorder()
  const { report } = recorder
  const text = HOSTILE
  Object.assign(report, { mode: 'plan', planId: '1-2-3-0123456789abcdef' })
  recorder.warn(`warned ${text}`)
  recorder.note(`noted ${text}`)
  for (let index = 0; index < 1_200; index += 1)
    recorder.failed({ blueprint: 'wizIssue', kind: 'issue', identifier: `failed-${index}`, reason: text })
  recorder.fieldFailed('issue', 'properties.severity', text, text)
  recorder.collided({ blueprint: text, identifier: 'collided', fields: [text] })
  recorder.tookOver(text, 'former owner')
  report.kinds.push({ kind: 'issue', resource: 0, objects: 5, incomplete: `incomplete ${text}` })
  report.createdBlueprints.push(`created ${text}`)
  const properties = { lacking: { type: 'string' as const, title: text } }
  report.drift.push({ blueprint: text, properties, relations: {}, guessed: ['guessed'] })
  const deletion = { blueprint: text, owned: 9, stale: 3, deleted: [], kept: ['kept one'], touched: ['touched one'] }
  report.deletions.push({ ...deletion, status: 'blocked', reason: `too many ${text}` })
  report.deletions.push({ ...deletion, status: 'skip', reason: `not complete ${text}` })
  report.deletions.push({ ...deletion, status: 'delete', deleted: [{ identifier: 'deleted one', title: text }] })
  report.forecast = { wizRequests: 12, portRequests: 34, minutes: 2.2 }
  return recorder.finish()
}

describe.skipIf(CHROMIUM === undefined)('in Chromium', () => {
  let browser: Browser
  const file = join(mkdtempSync(join(tmpdir(), 'wiz-to-port-page-')), 'report.html')
  beforeAll(async () => {
    writeFileSync(file, renderPage(report()))
    writeFileSync(richFile, renderPage(rich()))
    browser = await chromium.launch({ executablePath: CHROMIUM ?? '', args: ['--no-sandbox'] })
  })
  afterAll(() => browser.close())

  const richFile = join(dirname(file), 'rich.html')

  /** Opens the report; every complaint of the page and every request is kept. */
  async function open(
    options: Parameters<Browser['newPage']>[0] = {},
    path = file,
  ): Promise<{ page: Page; complaints: string[]; requests: string[] }> {
    const page = await browser.newPage(options)
    const complaints: string[] = []
    const requests: string[] = []
    page.on('console', message => complaints.push(message.text()))
    page.on('pageerror', error => complaints.push(error.message))
    page.on('request', request => requests.push(request.url()))
    await page.goto(pathToFileURL(path).href)
    return { page, complaints, requests }
  }

  const count = (page: Page) => page.locator('#count').innerText()

  it('opens from disk with all operations, without a complaint and without a request', async () => {
    const { page, complaints, requests } = await open()
    expect(await count(page)).toBe('10,000 of 10,000 operations, 200 shown')
    expect(await page.locator('#rows > tr').count()).toBe(200)
    await page.getByRole('button', { name: 'Show more' }).click()
    expect(await page.locator('#rows > tr').count()).toBe(400)
    expect(complaints).toEqual([])
    expect(requests).toEqual([pathToFileURL(file).href])
  })

  it('filters by words, blueprint, operation and cause, all together', async () => {
    const { page } = await open()
    await page.getByLabel('Search').fill('title 42')
    await page.getByLabel('Blueprint').selectOption('wizIssue')
    await page.getByLabel('Operation').selectOption('update')
    await page.getByLabel('Cause').selectOption('mapping')
    const expected = Array.from({ length: ROWS }, (_, index) => index).filter(
      index => String(index).includes('42') && index % 2 === 0 && index % 3 === 1 && index % 4 === 0,
    )
    expect(await count(page)).toContain(`${expected.length} of 10,000 operations`)
    expect(await page.locator('#rows code').allInnerTexts()).toEqual(expected.map(index => `id-${index}`))
    await page.getByLabel('Search').fill('nothing like that')
    expect(await count(page)).toContain('0 of 10,000')
  })

  it('injected markup stays text, also where values are shown', async () => {
    const { page, complaints } = await open()
    await page.getByLabel('Search').fill('id-1')
    await page.locator('#rows details summary').first().click()
    expect(await page.locator('#rows details td').nth(1).innerText()).toContain('<img src=x')
    expect(await page.title()).toBe('Wiz to Port: plan, failed')
    expect(await page.locator('img').count()).toBe(0)
    expect(complaints).toEqual([])
  })

  it('works by keyboard', async () => {
    const { page } = await open()
    // The folded parts come first, and open by Enter.
    const parts = await page.locator('details.section').count()
    expect(parts).toBeGreaterThan(0)
    for (let index = 0; index < parts; index += 1) {
      await page.keyboard.press('Tab')
      await page.keyboard.press('Enter')
    }
    expect(await page.locator('details.section[open]').count()).toBe(parts)
    await page.keyboard.press('Tab')
    expect(await page.evaluate('document.activeElement.id')).toBe('search')
    await page.keyboard.type('Title 77')
    const having77 = Array.from({ length: ROWS }, (_, index) => String(index)).filter(text =>
      text.includes('77'),
    ).length
    expect(await count(page)).toContain(`${having77} of 10,000`)
    const order: unknown[] = []
    for (let index = 0; index < 3; index += 1) {
      await page.keyboard.press('Tab')
      order.push(await page.evaluate('document.activeElement.id'))
    }
    expect(order).toEqual(['blueprint', 'action', 'cause'])
  })

  it('has what a summary has, folded but for failures, and all of it is text', async () => {
    const { page, complaints } = await open({}, richFile)
    const titles = await page.locator('details.section > summary').allInnerTexts()
    expect(titles).toEqual([
      'Failures (1,200)',
      'Field errors',
      'Blueprints in Port that lack fields',
      'Deletions',
      'Collisions',
      'To be taken over',
      'Read from Wiz',
      'Counts',
    ])
    expect(await page.locator('details.section[open] > summary').allInnerTexts()).toEqual(['Failures (1,200)'])
    expect(await page.locator('details.section[open] tr').count()).toBe(1_002)
    const all = (await page.locator('body').textContent()) ?? ''
    for (const said of ['warned', 'noted', 'too many', 'not complete', 'incomplete', 'created'])
      expect(all).toContain(`${said} </script><img src=x`)
    for (const said of ['kept one', 'touched one', 'deleted one', 'former owner', 'lacking', 'guessed', 'collided'])
      expect(all).toContain(said)
    expect(all).toContain('… and 200 more failures; the report file has all of them')
    expect(all).toContain('Apply would take about 3 minutes: 12 requests to Wiz and 34 to Port')
    expect(await page.locator('img').count()).toBe(0)
    expect(await page.title()).toBe('Wiz to Port: plan, failed')
    expect(complaints).toEqual([])
  })

  it.each(['light', 'dark'] as const)('with everything unfolded fits a phone, %s', async colorScheme => {
    const { page, complaints } = await open({ colorScheme, viewport: { width: 360, height: 740 } }, richFile)
    await page.evaluate('document.querySelectorAll("details").forEach(one => { one.open = true })')
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    expect(complaints).toEqual([])
  })

  it.each(['light', 'dark'] as const)('is readable on a phone, %s', async colorScheme => {
    const { page } = await open({ colorScheme, viewport: { width: 360, height: 740 } })
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(360)
    const colors = (await page.evaluate(
      '(({ color, backgroundColor }) => [color, backgroundColor])(getComputedStyle(document.body))',
    )) as string[]
    const [text = 0, background = 0] = colors.map(luminance)
    // The contrast that the accessibility guidelines ask for.
    expect((Math.max(text, background) + 0.05) / (Math.min(text, background) + 0.05)).toBeGreaterThan(7)
    expect(background > 0.5).toBe(colorScheme === 'light')
  })
})

/** Relative luminance of `rgb(r, g, b)`, as the accessibility guidelines define it. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/[\d.]+/g) ?? []).map(Number).map(value => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

it('carries its policy, and no text can end its data', () => {
  const page = renderPage(report())
  expect(page).toMatch(
    /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^']+'; style-src 'sha256-/,
  )
  expect(page.match(/<\/script>/g)).toHaveLength(2)
  expect(page).not.toMatch(/https?:\/\//)
})
