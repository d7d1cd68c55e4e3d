/** Two runs at once end where one would have, whatever the moment of the one at which the other comes. */
import { describe, expect, it } from 'vitest'
import { type Report, totals } from '../../src/report/model.ts'
import { holdOnce, startWorld, UNLIMITED, type World } from '../e2e/harness.ts'

const ISSUE = '11111111-2222-4333-8444-555555555555'
const BLUEPRINTS = ['wizProject', 'wizControl', 'wizServiceTicket', 'wizIssue'] as const
/** Of every issue, what changes each time it is reopened. */
const TIMES = ['updatedAt', 'statusChangedAt', 'resolvedAt']
/** The two of them are at work on an issue, its rule and its ticket: one run asks less than this of a service. */
const MOST_REQUESTS = 60

type Run = () => Promise<Report>

const sync = (world: World) => () => world.session()
const follow =
  (world: World, source: 'issues' | 'projects', ...ids: string[]) =>
  () =>
    world.session({ inputs: { mode: 'event', event: { source, ids } } })
const event = (world: World) => follow(world, 'issues', ISSUE)

function startSmall(): Promise<World> {
  return startWorld({ ...UNLIMITED, tenant: { projects: 3, issues: 20 } })
}

/** A small world with an issue that has a rule and a ticket of its own, and what Port holds with and without it. */
async function start() {
  const world = await startSmall()
  await world.session()
  const without = picture(world)
  world.tenant.addIssue({
    id: ISSUE,
    status: 'OPEN',
    createdAt: '2026-01-01T00:00:00Z',
    sourceRules: [{ __typename: 'Control', id: 'own-rule', name: 'Its own rule', description: 'Text' }],
    serviceTickets: [{ externalId: 'TICKET-1', name: 'Its ticket', url: 'https://tickets.example/1' }],
  })
  await world.session()
  return { world, without, with: picture(world) }
}

/** All that Port holds, but for times. */
function picture({ port }: World) {
  return BLUEPRINTS.flatMap(blueprint =>
    port.entities(blueprint).map(({ identifier, title, properties, relations, datasource }) => ({
      identifier,
      title,
      properties: Object.fromEntries(Object.entries(properties).filter(([name]) => !TIMES.includes(name))),
      relations,
      datasource,
    })),
  )
}

/**
 * Stops the first run at one of its requests, lets Wiz change and the second run go from its beginning to its end, and
 * lets the first one go on.
 *
 * @returns undefined when the first run has no such request
 */
async function interleave(
  world: World,
  at: { service: 'wiz' | 'port'; request: number },
  [first, second]: [Run, Run],
  change: () => void,
): Promise<Report[] | undefined> {
  const { arrival, go, remove } = holdOnce(world[at.service], { skip: at.request })
  const running = first()
  const held = await Promise.race([arrival.then(() => true), running.then(() => false)])
  remove()
  if (!held) {
    await running
    return undefined
  }
  change()
  const other = await second()
  go()
  return [await running, other]
}

const pairs: [string, (world: World) => [Run, Run]][] = [
  ['a sync, and an event meanwhile', world => [sync(world), event(world)]],
  ['an event, and a sync meanwhile', world => [event(world), sync(world)]],
  ['an event, and another one meanwhile', world => [event(world), event(world)]],
  ['a sync, and another one meanwhile', world => [sync(world), sync(world)]],
]

describe.each(pairs)('%s, ends where one run would have', (_, runs) => {
  it.each(['wiz', 'port'] as const)('whichever request to %s it is', { timeout: 300_000 }, async service => {
    const { world, ...pictures } = await start()
    let request = 0
    for (; request < MOST_REQUESTS; request += 1) {
      const resolved = await interleave(world, { service, request }, runs(world), () => world.tenant.resolve(ISSUE))
      if (resolved === undefined) break
      expect(
        resolved.map(({ conclusion }) => conclusion),
        `resolved at request ${request}`,
      ).toEqual(['success', 'success'])
      expect(picture(world), `resolved at request ${request}`).toEqual(pictures.without)

      await interleave(world, { service, request }, runs(world), () => world.tenant.reopen(ISSUE))
      // An event that has nothing to do may have fewer requests than this one; then nothing was held.
      if (world.tenant.issueAt(world.tenant.indexOfIssue(ISSUE))?.status !== 'OPEN') {
        world.tenant.reopen(ISSUE)
        await event(world)()
      }
      expect(picture(world), `reopened at request ${request}`).toEqual(pictures.with)
    }
    expect(request).toBeGreaterThan(1)
  })
})

const EDITED = '22222222-2222-4333-8444-555555555555'
const BRIEF = '33333333-2222-4333-8444-555555555555'
const events = (world: World) => async () => {
  await follow(world, 'projects', projectOf(world))()
  return follow(world, 'issues', EDITED, BRIEF)()
}

function projectOf({ tenant }: World): string {
  return tenant.projects()[1]?.id ?? ''
}

function add({ tenant }: World, id: string): void {
  tenant.addIssue({
    id,
    status: 'OPEN',
    createdAt: '2026-01-01T00:00:00Z',
    sourceRules: [{ __typename: 'Control', id: `rule-${id}`, name: 'Its own rule', description: 'Text' }],
    serviceTickets: [{ externalId: `TICKET-${id}`, name: 'Its ticket', url: 'https://tickets.example/1' }],
  })
}

/** Neither moves the status of an issue, so nothing in Wiz says that it happened. */
const edits: [string, (world: World) => [Run, Run]][] = [
  ['a sync, and events meanwhile', world => [sync(world), events(world)]],
  ['an event, and a sync meanwhile', world => [follow(world, 'issues', EDITED, BRIEF), sync(world)]],
]

describe.each(edits)('%s, lose no edit of an issue or a project, and keep nothing that was deleted', (_, runs) => {
  it.each(['wiz', 'port'] as const)('whichever request to %s it is', { timeout: 300_000 }, async service => {
    const world = await startSmall()
    const project = projectOf(world)
    add(world, EDITED)
    await world.session()
    let request = 0
    for (; request < MOST_REQUESTS; request += 1) {
      // There is something to write, and it is old by the time it is written.
      add(world, BRIEF)
      world.tenant.editIssue(EDITED, { severity: 'LOW' })
      world.tenant.editProject(project, { description: `Edited at ${request}` })
      const ended = await interleave(world, { service, request }, runs(world), () => {
        world.tenant.deleteIssue(BRIEF)
        world.tenant.editIssue(EDITED, { severity: 'CRITICAL' })
        world.tenant.editProject(project, { description: `Edited again at ${request}` })
      })
      if (ended === undefined) break
      expect(
        ended.map(({ conclusion }) => conclusion),
        `request ${request}`,
      ).toEqual(['success', 'success'])
      expect(world.port.entity('wizIssue', EDITED)?.properties.severity, `request ${request}`).toBe('CRITICAL')
      expect(world.port.entity('wizIssue', BRIEF), `request ${request}`).toBeUndefined()
      expect(totals(await world.session()), `request ${request}`).toMatchObject({ created: 0, updated: 0, deleted: 0 })
    }
    expect(request).toBeGreaterThan(1)
  })
})
