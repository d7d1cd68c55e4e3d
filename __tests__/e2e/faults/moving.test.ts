/** F8: what changes between two pages of a crawl. */
import { expect, it } from 'vitest'
import { shippedOracle } from '../../../sandbox/oracle.ts'
import { expectEqual, held, type World } from '../harness.ts'
import { start } from './frame.ts'

/** The first page and the one after it have been cut by now; `gone` were resolved before the run. */
type Change = (
  tenant: World['tenant'],
  page: { first: readonly string[]; second: readonly string[]; gone: readonly string[] },
) => void

it.each<[string, Change]>([
  ['one that was read is resolved', (tenant, { first }) => tenant.resolve(first[0] ?? '')],
  // Fewer than Wiz counted on its first page, and as many as it counts in the end.
  ['one that was not read yet is resolved', (tenant, { second }) => tenant.resolve(second[0] ?? '')],
  ['one that was read vanishes', (tenant, { first }) => tenant.deleteIssue(first[0] ?? '')],
  ['new ones come', tenant => void tenant.addIssues(3)],
  ['one is open again, where the crawl has been', (tenant, { gone }) => tenant.reopen(gone[0] ?? '')],
  [
    'one that was not read yet moves to where the crawl has been, and another one is new',
    (tenant, { second }) => {
      tenant.editIssue(second[0] ?? '', { status: 'RESOLVED' })
      tenant.addIssues(1)
      tenant.reopen(second[0] ?? '')
    },
  ],
])('F8 between two pages %s: what Wiz has stays, and the next run ends it', async (_, change) => {
  const { world, before, gone } = await start({ issues: 1200 })
  const open = [...world.tenant.openIssues()].map(({ id }) => id)
  const until = async () => change(world.tenant, { first: open.slice(0, 500), second: open.slice(500), gone })
  world.wiz.faults.push({ match: { body: /query Crawl\(.*"after":"/s }, times: 1, fault: { kind: 'hold', until } })
  const result = await world.run()
  expect([result.exitCode, result.log]).toEqual([0, result.log])
  const { wizIssue: wanted = [] } = shippedOracle.wanted(world.tenant)
  const left = held(world.port, 'wizIssue')
  expect(before.filter(id => wanted.includes(id) && !left.includes(id))).toEqual([])
  expect((await world.run()).exitCode).toBe(0)
  expectEqual(world)
})
