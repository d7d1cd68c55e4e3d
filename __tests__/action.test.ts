/** What the repository says about itself holds: action.yml, the README's workflow, the version, the build's layout. */
import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { VERSION } from '../src/version.ts'
import { action, problemsOf } from './language-service.ts'

const read = (path: string) => readFileSync(path, 'utf8')

/** Fenced YAML blocks of the documentation that are whole workflows. */
const workflows = ['README.md', 'docs/mapping.md', 'docs/live-events.md', 'docs/webhook.md']
  .flatMap(path => [...read(path).matchAll(/```yaml\n([\s\S]*?)```/g)])
  .map(([, text = '']) => text)
  .filter(text => text.includes('\njobs:'))

describe('action.yml', () => {
  it('is valid', async () => {
    expect(await problemsOf('file:///action.yml', read('action.yml'))).toEqual([])
    expect(action.runs).toEqual({ using: 'node24', main: 'dist/index.js' })
  })

  it('describes every input and output', () => {
    for (const { description } of [...Object.values(action.inputs), ...Object.values(action.outputs)]) {
      expect(description).toMatch(/^\w.{15,}\.$/s)
    }
  })

  it('declares exactly the inputs that are read', () => {
    const source = read('src/inputs.ts') + read('src/environment.ts')
    const names = Object.keys(action.inputs)
    for (const name of names) expect(source).toContain(`'${name}'`)
    const used = [...source.matchAll(/'((?:wiz|port)-[a-z-]+|[a-z]+-[a-z-]+)'/g)].map(([, name]) => name)
    const others = ['create-missing', 'wiz-to-port']
    expect(used.filter(name => !names.includes(name ?? '') && !others.includes(name ?? ''))).toEqual([])
  })

  it('declares exactly the outputs that are set', () => {
    const set = [
      'created',
      'updated',
      'unchanged',
      'deleted',
      'skipped',
      'failed',
      'has-changes',
      'plan-id',
      'conclusion',
      'webhook-url',
      'webhook-secret',
      'report-path',
    ]
    expect(Object.keys(action.outputs)).toEqual(set)
  })
})

describe('the README', () => {
  it('has workflows that GitHub would take', async () => {
    expect(workflows).toHaveLength(5)
    for (const [index, text] of workflows.entries())
      expect(await problemsOf(`file:///readme-${index}.yml`, text)).toEqual([])
  })

  it('starts with what it is and the two commands', () => {
    const [first = '', second = ''] = [...read('README.md').matchAll(/```sh\n([\s\S]*?)```/g)].map(([, text = '']) =>
      text.trim(),
    )
    expect([first, second]).toEqual(['npm ci && npm run demo', 'npm ci && npm test'])
  })

  it('names only scripts that exist', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
    for (const [, name = ''] of read('README.md').matchAll(/npm run ([\w:]+)/g))
      expect(Object.keys(scripts)).toContain(name)
  })
})

it('the version is the one of package.json', () => {
  expect(VERSION).toBe(JSON.parse(read('package.json')).version)
})

it('dist/ holds the two bundles, their licences, and nothing else', () => {
  const files = readdirSync('dist', { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  const names = files.map(({ parentPath, name }) => `${parentPath}/${name}`)
  const expected = [
    'dist/index.js',
    'dist/jq-worker/index.js',
    'dist/jq-worker/licenses.txt',
    'dist/jq-worker/package.json',
    'dist/licenses.txt',
    'dist/package.json',
  ]
  expect(names.filter(name => !/^dist\/\d+\.index\.js$/.test(name)).sort()).toEqual(expected)
})
