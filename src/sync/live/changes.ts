/** What has changed in Wiz while a sync was reading it: its objects are looked at once more, as a live event would. */
import type { LiveEvent } from '../../live-event.ts'
import { MAX_EVENT_IDS } from '../../live-event.ts'
import { Recorder } from '../../report/recorder.ts'
import { kinds, sources } from '../../wiz/kinds.ts'
import { crawl } from '../../wiz/pages.ts'
import { idsDocument } from '../../wiz/queries.ts'
import type { RunContext, Seen } from '../context.ts'
import { follow } from './follow.ts'

/** More than this is for the next sync: a look costs several requests for each hundred. */
const MAX_CHANGED = 1_000

/**
 * A page was read before the last write: what Wiz changed in between, and a live event has dealt with, the sync may have
 * undone. Wiz says when an issue's status changed, so these few are asked for; other changes are for the next sync.
 */
export async function followChanges(context: RunContext, { actuals }: Seen): Promise<void> {
  const { connections, log, recorder, startedAt, stop } = context
  if (!context.resources.some(({ kind }) => kinds[kind].source === 'issues')) return
  const since = new Date(connections.wizClock.at(startedAt)).toISOString()
  const ids = await changedIssues(context, since)
  if (ids.length === 0) return
  log.info(`${ids.length} issues have changed in Wiz during this run: they are looked at once more`)
  const isOurs = (blueprint: string, identifier: string) => {
    const state = actuals.get(blueprint)?.state
    // What Port lacked of an entity's targets, it has created with the entity.
    return state !== undefined && (state.hasWritten(identifier) || state.referenced.has(identifier))
  }
  for (let start = 0; start < ids.length && !stop.aborted; start += MAX_EVENT_IDS) {
    const event: LiveEvent = { source: 'issues', ids: ids.slice(start, start + MAX_EVENT_IDS) }
    const apart = new Recorder()
    apart.showValues = recorder.showValues
    try {
      await follow({ ...context, recorder: apart }, event, isOurs)
    } finally {
      recorder.absorb(apart)
    }
  }
}

async function changedIssues({ connections, recorder }: RunContext, since: string): Promise<string[]> {
  const { connection, pageSize } = sources.issues
  const ids: string[] = []
  const pages = crawl(connections.wiz, {
    connection: connection.name,
    document: idsDocument(connection),
    filterBy: { statusChangedAt: { after: since } },
    pageSize,
    maxObjects: MAX_CHANGED,
  })
  let result = await pages.next()
  while (!result.done) {
    ids.push(...result.value.objects.map(({ id }) => id))
    result = await pages.next()
  }
  if (!result.value.complete) {
    recorder.warn(
      `Not all issues that changed during this run are known: ${result.value.reason}. The next sync goes on.`,
    )
  }
  return ids
}
