/**
 * `npm run mutate`: brings known defects into a scratch copy, one at a time, and sees a test fail with each. Prints
 * `caught n of n`; anything less is a failure, and so are a patch that does not apply, a copy that does not build, and a
 * test that is not there or fails without any patch.
 */
import { execFile } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { build } from 'esbuild'
import pLimit from 'p-limit'
import { type Mutant, mutants } from './mutants.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const COPIED = ['src', 'sandbox', '__tests__', 'mappings', 'docs', 'action.yml', 'package.json', 'vitest.config.ts']
/** Tests are processes of their own; more at once would only wait for each other. */
const AT_ONCE = 2

interface TestReport {
  numTotalTests: number
  numPassedTests: number
  numFailedTests: number
  testResults: { assertionResults: { fullName: string; status: string }[] }[]
}

const scratch = mkdtempSync(join(tmpdir(), 'wiz-to-port-mutants-'))
const turn = pLimit(AT_ONCE)
try {
  const control = await turn(() => examineControl())
  const outcomes = await Promise.all(mutants.map((mutant, index) => turn(() => examine(mutant, `mutant-${index}`))))
  const caught = outcomes.filter(Boolean).length
  console.log(`\ncaught ${caught} of ${mutants.length}`)
  process.exitCode = control && caught === mutants.length ? 0 : 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Without a patch every test has to pass, or its failure with one would say nothing. */
async function examineControl(): Promise<boolean> {
  const copy = await prepare('control', [])
  const tests = [...new Set(mutants.flatMap(mutant => mutant.tests))]
  const named = mutants.flatMap(mutant => mutant.named)
  const report = await runTests(copy, tests, named)
  const names = report?.testResults.flatMap(file => file.assertionResults.map(one => one.fullName)) ?? []
  const unknown = named.filter(name => !names.some(full => full.includes(name)))
  for (const name of unknown) console.log(`✘ there is no test named "${name}"`)
  const sound = report !== undefined && report.numFailedTests === 0 && unknown.length === 0
  console.log(`${sound ? '✔' : '✘'} without a patch ${report?.numPassedTests ?? 0} tests pass`)
  return sound
}

async function examine({ name, edits, tests, named }: Mutant, folder: string): Promise<boolean> {
  try {
    const report = await runTests(await prepare(folder, edits), tests, named)
    const caught = report !== undefined && report.numFailedTests > 0
    console.log(`${caught ? '✔ caught' : '✘ NOT caught'}: ${name}`)
    return caught
  } catch (error) {
    console.log(`✘ ${name}: ${error instanceof Error ? error.message : String(error)}`)
    return false
  }
}

/** A copy with its own bundle. It is not the one that is released: this one takes half a second. */
async function prepare(name: string, edits: Mutant['edits']): Promise<string> {
  const copy = join(scratch, name)
  mkdirSync(copy)
  for (const path of COPIED) cpSync(join(ROOT, path), join(copy, path), { recursive: true })
  cpSync(join(ROOT, 'dist', 'jq-worker'), join(copy, 'dist', 'jq-worker'), { recursive: true })
  symlinkSync(join(ROOT, 'node_modules'), join(copy, 'node_modules'))
  for (const { file, find, replace } of edits) {
    const parts = readFileSync(join(copy, file), 'utf8').split(find)
    if (parts.length !== 2) throw new Error(`its patch does not apply to ${file}`)
    writeFileSync(join(copy, file), parts.join(replace))
  }
  await build({
    entryPoints: [join(copy, 'src', 'index.ts')],
    outfile: join(copy, 'dist', 'index.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    logLevel: 'error',
    // What is bundled asks for Node's modules with require.
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
  })
  writeFileSync(join(copy, 'dist', 'package.json'), '{"type":"module"}')
  return copy
}

/** @returns undefined when the tests could not be run at all */
async function runTests(
  copy: string,
  tests: readonly string[],
  named: readonly string[],
): Promise<TestReport | undefined> {
  const file = join(copy, 'result.json')
  const vitest = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs')
  const pattern = named.map(name => name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')
  const args = [vitest, 'run', ...tests, '-t', pattern, '--reporter=json', `--outputFile=${file}`]
  await new Promise<void>(done => {
    // Its exit code says no more than its report.
    execFile(process.execPath, args, { cwd: copy, maxBuffer: 64 * 1024 * 1024 }, () => done())
  })
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestReport
  } catch {
    return undefined
  }
}
