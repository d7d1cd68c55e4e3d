/** Paths of inputs, and links of the repository, stay in it: nothing outside is read or written by them. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { RunOptions, RunResult } from '../../sandbox/runner.ts'
import { mappingOf, startWorld, type World } from './harness.ts'

const SECRET = 'what-nobody-may-see'
const MAPPING = mappingOf('issue', 'identifier: .id\nblueprint: \'"wizIssue"\'')

/** A folder that is not the repository's, with what an attacker would like to have. */
function outside(): string {
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-outside-'))
  writeFileSync(join(folder, 'secret.json'), `{"identifier": "${SECRET}"`)
  mkdirSync(join(folder, 'issue'))
  writeFileSync(join(folder, 'issue', 'one.json'), `["${SECRET}"]`)
  writeFileSync(join(folder, 'mapping.yml'), MAPPING['.github/wiz-to-port.yml'] ?? '')
  writeFileSync(join(folder, 'report.json'), 'before')
  return folder
}

const said = ({ annotations }: RunResult) => annotations.map(({ message }) => message).join('\n')

function expectClosed(result: RunResult): void {
  expect(JSON.stringify([result.rawLog, result.summary, result.report, result.page ?? ''])).not.toContain(SECRET)
}

const refused: [
  what: string,
  inputs: (folder: string) => Record<string, string>,
  options: (folder: string) => Partial<RunOptions>,
  expected: string,
][] = [
  [
    'mapping, upwards',
    () => ({ mapping: '../mapping.yml' }),
    () => ({}),
    'mapping: "../mapping.yml" leads out of the repository',
  ],
  [
    'mapping, absolute',
    folder => ({ mapping: join(folder, 'mapping.yml') }),
    () => ({}),
    'leads out of the repository',
  ],
  [
    'mapping, by a link',
    () => ({ mapping: 'own.yml' }),
    folder => ({ links: { 'own.yml': join(folder, 'mapping.yml') } }),
    'mapping: "own.yml" leads out of the repository',
  ],
  ['mapping, by a link in its default place', () => ({}), folder => ({ links: { '.github': folder }, files: {} }), ''],
  [
    'mapping, by a folder that is a link',
    () => ({ mapping: 'own/mapping.yml' }),
    folder => ({ links: { own: folder } }),
    'leads out of the repository',
  ],
  [
    'report-path, upwards',
    () => ({ 'report-path': '../../report.json' }),
    () => ({}),
    'report-path: "../../report.json" leads out of the repository',
  ],
  [
    'report-path, by a link',
    () => ({ 'report-path': 'report.json' }),
    folder => ({ links: { 'report.json': join(folder, 'report.json') } }),
    'report-path: "report.json" leads out',
  ],
  [
    'report-path, by a link to nothing',
    () => ({ 'report-path': 'report.json' }),
    folder => ({ links: { 'report.json': join(folder, 'new.json') } }),
    'report-path: "report.json" leads out',
  ],
  [
    'report-path, by a link of the page beside it',
    () => ({ 'report-path': 'out/report.json' }),
    folder => ({ links: { 'out/report.html': join(folder, 'new.html') } }),
    'report-path: "out/report.json" leads out',
  ],
  ['jq-path, upwards', () => ({ 'jq-path': '../jq' }), () => ({}), 'jq-path: "../jq" leads out of the repository'],
  [
    'jq-path, by a link',
    () => ({ 'jq-path': 'bin/jq' }),
    () => ({ links: { 'bin/jq': '/bin/sh' } }),
    'jq-path: "bin/jq" leads out of the repository',
  ],
]

it.each(refused)('%s is refused', async (what, inputs, options, expected) => {
  const world = await startWorld({ tenant: { projects: 1, issues: 2 } })
  const folder = outside()
  const result = await world.run(inputs(folder), { files: MAPPING, ...options(folder) })
  // In its default place there is none then, and the action's own is used.
  if (!what.includes('default')) {
    expect(result.exitCode).toBe(1)
    expect(said(result)).toContain(expected)
    expect([...world.wiz.requests, ...world.port.requests]).toEqual([])
  }
  expectClosed(result)
  expect(readFileSync(join(folder, 'report.json'), 'utf8')).toBe('before')
  for (const name of ['new.json', 'new.html']) expect(existsSync(join(folder, name))).toBe(false)
})

const links: [what: string, links: (folder: string) => Record<string, string>][] = [
  ['a blueprint', folder => ({ '.github/blueprints/x.json': join(folder, 'secret.json') })],
  ['the folder of the blueprints', folder => ({ '.github/blueprints': folder })],
  ['the folder above the blueprints', folder => ({ mappings: folder })],
  ['an example', folder => ({ '.github/examples/issue/x.json': join(folder, 'secret.json') })],
  ['the folder of the examples', folder => ({ '.github/examples': folder })],
]

it.each(links)('%s that is a link out of the repository is not read', async (_, made) => {
  const folder = outside()
  mkdirSync(join(folder, 'blueprints'))
  writeFileSync(join(folder, 'blueprints', 'x.json'), `{"identifier": "${SECRET}"`)
  const world: World = await startWorld({ tenant: { projects: 1, issues: 2 } })
  for (const mode of ['validate', 'apply']) {
    expectClosed(await world.run({ mode }, { files: MAPPING, links: made(folder) }))
  }
})
