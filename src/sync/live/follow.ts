/**
 * Brings what Port has of some objects of Wiz up to date, without a crawl: looks at them, writes what the mapping still
 * wants, deletes what it no longer does, and looks again, until nothing has changed meanwhile. Whoever writes last has
 * looked last: runs that overlap end where one of them alone would have.
 */
import stringify from 'safe-stable-stringify'
import type { LiveEvent } from '../../live-event.ts'
import { kinds } from '../../wiz/kinds.ts'
import { type Look, lookAt } from '../../wiz/look.ts'
import { groupCrawls } from '../collect.ts'
import type { RunContext } from '../context.ts'
import { createLive, type Live } from './live.ts'
import { takeStep } from './step.ts'

/** An object that keeps changing is left to the next event. */
const MAX_STEPS = 5
/** With as many blueprints to write for one object, the requests are used up that an event may take. */
const MANY_BLUEPRINTS = 3
/** So long nobody but the event that brought it is expected to deal with a new object. */
const NEW_MS = 10 * 60_000

/**
 * At most eight requests for one issue: two tokens, Wiz, the blueprints, what Port has of it, what is to be written, and
 * Wiz once more. An issue that is new, with a rule and tickets that are new, has three blueprints to write; Wiz is not
 * asked once more then.
 *
 * @param wroteBefore whether an earlier part of this run wrote an entity
 * @throws {ServiceError} when Wiz gives no whole answer; then nothing is written or deleted
 * @throws {ConfigError} when the mapping does not fit Port's blueprints
 */
export async function follow(
  context: RunContext,
  event: LiveEvent,
  wroteBefore: Live['isOurs'] = () => false,
): Promise<void> {
  const { log, recorder, connections, stop } = context
  const resources = context.resources.filter(({ kind }) => kinds[kind].source === event.source)
  if (resources.length === 0) {
    recorder.warn(`The mapping has no resource for ${event.source}: nothing is done about them.`)
    return
  }
  const crawls = groupCrawls(resources)
  const filters = crawls.map(({ query }) => query.filterBy)
  const live = await createLive(context, event, crawls, wroteBefore)
  const look = async (): Promise<Look> => {
    const seen = await lookAt(connections.wiz, event.source, event.ids, filters)
    log.info(`Wiz: ${seen.objects.size} of ${event.ids.length} ${event.source} are there`)
    return seen
  }

  let moment = performance.now()
  let seen = await look()
  for (let steps = 1; ; steps += 1) {
    const changed = await takeStep(live, seen, moment)
    stop.throwIfAborted()
    const newSince = connections.wizClock.at(moment) - NEW_MS
    const isNew = [...seen.objects.values()].every(({ createdAt }) => Date.parse(String(createdAt)) > newSince)
    const used = isNew && event.ids.length === 1 && changed.size >= MANY_BLUEPRINTS
    // What is gone from Wiz does not come back under its id.
    if (changed.size === 0 || used || seen.objects.size === 0) return
    moment = performance.now()
    const now = await look()
    if (textOf(now) === textOf(seen)) return
    if (steps === MAX_STEPS) {
      recorder.warn(`Wiz changed the ${event.source} ${steps} times meanwhile: the next event or sync goes on.`)
      return
    }
    log.info('Wiz has changed meanwhile: once more')
    seen = now
  }
}

function textOf({ objects, passing }: Look): string | undefined {
  return stringify([[...objects].toSorted(byId), passing.map(ids => [...ids].sort())])
}

function byId([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}
