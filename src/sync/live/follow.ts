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
import { type Before, createLive, type Live } from './live.ts'
import { type Question, questionsAbout, removeParts } from './parts.ts'
import { type Step, takeStep } from './step.ts'

/** An object that keeps changing is left to the next event. */
const MAX_STEPS = 5
/** With as many blueprints to write or delete from for one object, the requests are used up that an event may take. */
const MANY_BLUEPRINTS = 3
/** So long nobody but the event that brought it is expected to deal with a new object. */
const NEW_MS = 10 * 60_000

/**
 * At most eight requests for one issue: two tokens, Wiz, the blueprints, what Port has of it, what is to be written, and
 * Wiz once more. An issue that is new, with a rule and tickets that are new, has three blueprints to write; Wiz is not
 * asked once more then. One that goes, with a rule and tickets that only it carried, is deleted from three: Wiz is asked
 * once more between the issue and what it carried, and tells whether anything else carries that.
 *
 * @param before what an earlier part of this run knows
 * @throws {ServiceError} when Wiz gives no whole answer; then nothing is written or deleted
 * @throws {ConfigError} when the mapping does not fit Port's blueprints
 */
export async function follow(context: RunContext, event: LiveEvent, before?: Before): Promise<void> {
  const { log, recorder, connections, stop } = context
  const resources = context.resources.filter(({ kind }) => kinds[kind].source === event.source)
  if (resources.length === 0) {
    recorder.warn(`The mapping has no resource for ${event.source}: nothing is done about them.`)
    return
  }
  const crawls = groupCrawls(resources)
  const filters = crawls.map(({ query }) => query.filterBy)
  const live = await createLive(context, event, crawls, before)
  const look = async (lists: readonly Question[] = []): Promise<Look> => {
    const seen = await lookAt(connections.wiz, event.source, { ids: event.ids, filters, lists })
    log.info(`Wiz: ${seen.objects.size} of ${event.ids.length} ${event.source} are there`)
    return seen
  }

  let moment = performance.now()
  let seen = await look()
  for (let steps = 1; ; steps += 1) {
    const step = await takeStep(live, seen, moment)
    stop.throwIfAborted()
    if (isDone(live, step, seen, moment)) return
    moment = performance.now()
    const questions = await questionsAbout(live, step.parts)
    let now = await look(questions)
    if (textOf(now) === textOf(seen)) {
      const emptied = await removeParts(live, step, questions, now.lists)
      stop.throwIfAborted()
      if (isEnd(live, new Set([...step.changed, ...emptied]), seen) || emptied.size === 0) return
      moment = performance.now()
      now = await look()
      if (textOf(now) === textOf(seen)) return
    }
    if (steps === MAX_STEPS) {
      recorder.warn(`Wiz changed the ${event.source} ${steps} times meanwhile: the next event or sync goes on.`)
      return
    }
    log.info('Wiz has changed meanwhile: once more')
    seen = now
  }
}

/** Whether nothing is left to delete, and nothing to look at once more. */
function isDone(live: Live, { changed, parts }: Step, seen: Look, moment: number): boolean {
  if (parts.length > 0) return false
  const newSince = live.context.connections.wizClock.at(moment) - NEW_MS
  const isNew = [...seen.objects.values()].every(({ createdAt }) => Date.parse(String(createdAt)) > newSince)
  return changed.size === 0 || (isNew && isEnd(live, changed, seen))
}

/** Whether Wiz need not, or cannot, be asked once more. */
function isEnd({ event }: Live, changed: ReadonlySet<string>, seen: Look): boolean {
  // What is gone from Wiz does not come back under its id.
  return seen.objects.size === 0 || (event.ids.length === 1 && changed.size >= MANY_BLUEPRINTS)
}

function textOf({ objects, passing }: Look): string | undefined {
  return stringify([[...objects].toSorted(byId), passing.map(ids => [...ids].sort())])
}

function byId([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1
}
