// Compiles src/ and bundles its two entries into dist/: the action, and the worker that jq runs in.
// The worker is an entry of its own because a bundler copies the script of a worker without bundling it.
import { execFileSync } from 'node:child_process'
import { appendFileSync, readFileSync, rmSync } from 'node:fs'

const run = (command, ...args) =>
  execFileSync('npx', ['--no-install', command, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })

/** What the bundler finds no text for: a package that leaves it out, and what jq's WebAssembly is made of. */
const FURTHER_LICENSES = [
  ['dist', '@cfworker/json-schema', 'MIT', 'cfworker-json-schema.txt'],
  ['dist/jq-worker', 'jq', 'MIT', 'jq.txt'],
  ['dist/jq-worker', 'oniguruma', 'BSD-2-Clause', 'oniguruma.txt'],
  ['dist/jq-worker', 'musl', 'MIT', 'musl.txt'],
  ['dist/jq-worker', 'emscripten', 'MIT', 'emscripten.txt'],
]

rmSync('build', { recursive: true, force: true })
run('tsc', '-p', 'tsconfig.build.json')
// What does not compile must not cost the bundle that is there.
rmSync('dist', { recursive: true, force: true })
run('ncc', 'build', 'build/index.js', '--out', 'dist', '--quiet', '--license', 'licenses.txt')
run('ncc', 'build', 'build/jq/wasm-worker.js', '--out', 'dist/jq-worker', '--quiet', '--license', 'licenses.txt')
rmSync('build', { recursive: true, force: true })
for (const [folder, name, license, file] of FURTHER_LICENSES) {
  appendFileSync(`${folder}/licenses.txt`, `\n\n${name}\n${license}\n${readFileSync(`licenses/${file}`, 'utf8')}`)
}
