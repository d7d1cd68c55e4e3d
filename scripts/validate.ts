/** Checks a mapping file as the action's mode `validate` does, without a runner: `npm run validate -- <mapping file>`. */
import { dirname, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { checkOffline } from '../src/check/check.ts'
import { sayProblem } from '../src/errors.ts'
import { createWasmEngine } from '../src/jq/wasm.ts'

const actionRoot = join(dirname(fileURLToPath(import.meta.url)), '..')
// npm runs scripts in the package's folder, and says where it was called.
const workspace = process.env.INIT_CWD ?? process.cwd()
const [name] = process.argv.slice(2)
if (name === undefined) {
  console.error('Which mapping file? npm run validate -- <mapping file>')
  process.exit(2)
}

const engine = createWasmEngine({ workerUrl: new URL('../dist/jq-worker/index.js', import.meta.url) })
const { findings, examples } = await checkOffline({
  path: resolve(workspace, name),
  name,
  workspace,
  actionRoot,
  engine,
})
await engine.close()

for (const finding of findings) console.log(`${finding.level}: ${sayProblem(finding)}`)
for (const { kind, resource, objects, shown, expressions } of examples) {
  console.log(`\n${kind} (resource ${resource + 1}), tried on ${objects} example objects:`)
  if (shown !== undefined)
    console.log(`${shown.source} becomes ${shown.blueprint} ${JSON.stringify(shown.entity, null, 2)}`)
  for (const { blueprint, field, objects: tried, empty, failed } of expressions) {
    if (empty + failed > 0) console.log(`  ${blueprint} ${field}: null on ${empty}, failed on ${failed} of ${tried}`)
  }
}
const errors = findings.filter(({ level }) => level === 'error').length
console.log(`\n${name}: ${errors === 0 ? 'valid' : `${errors} errors`}, ${findings.length - errors} warnings and notes`)
process.exitCode = errors === 0 ? 0 : 1
