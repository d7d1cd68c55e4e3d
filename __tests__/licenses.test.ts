/** Everything that dist/ has code of is there with its licence. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const read = (path: string) => readFileSync(path, 'utf8')
/** Builds and checkouts may break lines otherwise. */
const plain = (text: string) => text.replaceAll(/\s+/g, ' ').trim()

const licenses = plain(read('dist/licenses.txt') + read('dist/jq-worker/licenses.txt'))
const bundled = new Set((read('dist/index.js') + read('dist/jq-worker/index.js')).split('\n').map(plain))

interface LockedPackage {
  dev?: boolean
  devOptional?: boolean
}

/** Packages that come with the production dependencies, each installed copy by itself, with the code that only they have. */
const packages = distinctive(
  Object.entries((JSON.parse(read('package-lock.json')) as { packages: Record<string, LockedPackage> }).packages)
    .filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true)
    .map(([path]) => path),
)

/** A line that others happen to have written as well. */
const COINCIDENCES = new Map([['tar', ["const isWindows = platform === 'win32';"]]])

/** Their packages have no text; it stands in licenses/. */
const WITHOUT_TEXT = new Map([['@cfworker/json-schema', 'licenses/cfworker-json-schema.txt']])

const inBundle = packages.filter(({ name, lines }) =>
  lines.some(line => bundled.has(line) && !COINCIDENCES.get(name)?.includes(line)),
)

it('finds what is bundled', () => {
  expect(inBundle.length).toBeGreaterThan(30)
  expect(inBundle.map(({ name }) => name)).toEqual(expect.arrayContaining(['undici', 'zod', 'jq-wasm', 'is-extglob']))
})

describe.each(inBundle)('$path', ({ name, path }) => {
  it('is named, with its text', () => {
    expect(` ${licenses} `).toContain(` ${name} `)
    const own = readdirSync(path).filter(file => /^(licen[cs]e|copying|notice)/i.test(file))
    const texts = own.length > 0 ? own.map(file => join(path, file)) : [WITHOUT_TEXT.get(name) ?? '']
    for (const text of texts) expect(licenses.includes(plain(read(text))), text).toBe(true)
  })
})

it("names those whose code is in the binary of jq-wasm's package", () => {
  for (const file of ['jq.txt', 'oniguruma.txt', 'musl.txt', 'emscripten.txt'])
    expect(licenses.includes(plain(read(`licenses/${file}`))), file).toBe(true)
  for (const holder of ['Stephen Dolan', 'K.Kosako', 'International Business Machines', 'Kungliga', 'Lucent'])
    expect(licenses).toContain(holder)
})

it('nothing is bundled under a licence that asks for more than a notice', () => {
  expect(licenses).not.toMatch(/\b(A?GPL|LGPL|GNU|MPL|SSPL|BUSL)\b/)
})

function distinctive(paths: readonly string[]): { name: string; path: string; lines: string[] }[] {
  const all = paths.map(path => ({ path, name: path.split('node_modules/').at(-1) ?? path, lines: codeOf(path) }))
  const owners = new Map<string, Set<string>>()
  for (const { name, lines } of all)
    for (const line of lines) owners.set(line, (owners.get(line) ?? new Set()).add(name))
  return all.map(({ lines, ...rest }) => ({ ...rest, lines: lines.filter(line => owners.get(line)?.size === 1) }))
}

/** Lines of code that are long enough to say who wrote them; the bundler rewrites imports and exports. */
function codeOf(path: string): string[] {
  const lines = scriptsIn(path).flatMap(file => read(file).split('\n').map(plain))
  return [...new Set(lines)].filter(
    line => line.length >= 24 && /[=({]/.test(line) && !/^(\*|\/\/|\/\*|import |export )|require\(/.test(line),
  )
}

function scriptsIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap(entry => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : scriptsIn(path)
    return /\.[cm]?js$/.test(entry.name) ? [path] : []
  })
}
