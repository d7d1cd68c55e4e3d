/**
 * `npm run demo`: the bundled action, in a process of its own, against a Wiz and a Port on loopback. Three runs, and
 * after each the action's numbers are held against what really changed in Port.
 */
import { createClock } from './clock.ts'
import { shippedOracle } from './oracle.ts'
import { startPort } from './port/index.ts'
import { type RunResult, runAction, sandboxInputs } from './runner.ts'
import { createTenant, startWiz } from './wiz/index.ts'

const clock = createClock()
const tenant = createTenant({ clock, seed: 2026, projects: 40, issues: 2000 })
const wiz = await startWiz({ tenant })
const port = await startPort({ clock })
let failures = 0

function check(what: string, actual: unknown, expected: unknown): void {
  const equal = JSON.stringify(actual) === JSON.stringify(expected)
  if (!equal) failures += 1
  console.log(
    `  ${equal ? '✔' : '✘'} ${what}: ${JSON.stringify(actual)}${equal ? '' : `, expected ${JSON.stringify(expected)}`}`,
  )
}

/** Runs the action, shows what it said, and checks its numbers against Port's books. */
async function run(title: string): Promise<RunResult> {
  console.log(`\n━━━ ${title} ━━━\n`)
  const before = { ...port.writes }
  clock.advance(60_000)
  const bare = shippedOracle.bareProjects(port)
  const result = await runAction({ inputs: sandboxInputs(wiz, port) })
  console.log(result.log.trim())
  console.log(`\nThe job summary:\n\n${result.summary.trim()}\n\nChecked against the sandbox's own books:`)
  // A target that is missing is created by Port itself, bare: the books have it, the action did not send it.
  const bareNow = shippedOracle.bareProjects(port)
  check('exit code', result.exitCode, 0)
  check('conclusion', result.outputs.conclusion, 'success')
  check('created', Number(result.outputs.created), port.writes.created - before.created - (bareNow - bare))
  check('updated', Number(result.outputs.updated), port.writes.updated - before.updated)
  check('deleted', Number(result.outputs.deleted), port.writes.deleted - before.deleted)
  const wanted = shippedOracle.wanted(tenant)
  for (const [blueprint, identifiers] of Object.entries(wanted)) {
    const held = port.entities(blueprint).map(({ identifier }) => identifier)
    check(`${blueprint} of Wiz that Port lacks`, identifiers.filter(identifier => !held.includes(identifier)).length, 0)
    const surplus = held.filter(identifier => !identifiers.includes(identifier)).length
    check(`${blueprint} in Port that Wiz does not list`, surplus, blueprint === 'wizProject' ? bareNow : 0)
  }
  return result
}

const first = await run('First run: an empty Port')
check('updated', first.outputs.updated, '0')

const second = await run('Second run: nothing has changed')
check('nothing was written', second.outputs['has-changes'], 'false')

const open = [...tenant.openIssues()]
for (const issue of open.slice(0, 50)) tenant.resolve(issue.id)
for (const issue of open.slice(50, 80))
  tenant.editIssue(issue.id, { severity: 'CRITICAL', updatedAt: '2026-11-23T00:00:00Z' })
for (const issue of open.slice(80, 100)) tenant.deleteIssue(issue.id)
tenant.addIssues(60)
tenant.addProjects(2)
console.log('\nThen in Wiz: 50 issues resolved, 30 edited, 20 gone, 60 and 2 projects new.')
const third = await run('Third run: the tenant has changed')
check('issues deleted', third.report?.blueprints.wizIssue?.deleted, 70)
check('issues updated', third.report?.blueprints.wizIssue?.updated, 30)

await Promise.all([wiz.stop(), port.stop()])
console.log(failures === 0 ? '\nAll numbers agree.' : `\n${failures} numbers do not agree.`)
process.exitCode = failures === 0 ? 0 : 1
