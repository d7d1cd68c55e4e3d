// Compiles src/ and bundles its two entries into dist/: the action, and the worker that jq runs in.
// The worker is an entry of its own because a bundler copies the script of a worker without bundling it.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'

const run = (command, ...args) =>
  execFileSync('npx', ['--no-install', command, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })

rmSync('build', { recursive: true, force: true })
rmSync('dist', { recursive: true, force: true })
run('tsc', '-p', 'tsconfig.build.json')
run('ncc', 'build', 'build/index.js', '--out', 'dist', '--quiet', '--license', 'licenses.txt')
run('ncc', 'build', 'build/jq/wasm-worker.js', '--out', 'dist/jq-worker', '--quiet', '--license', 'licenses.txt')
rmSync('build', { recursive: true, force: true })
