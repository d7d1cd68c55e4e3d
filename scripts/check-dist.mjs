// Fails when dist/ is not what src/ builds to: changed, missing and untracked files in it all count.
import { execFileSync } from 'node:child_process'

execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' })
const changed = execFileSync('git', ['status', '--porcelain', '--', 'dist'], { encoding: 'utf8' })
if (changed !== '') {
  console.error(`dist/ does not match src/; run "npm run build" and commit dist/:\n${changed}`)
  process.exit(1)
}
console.log('dist/ matches src/')
