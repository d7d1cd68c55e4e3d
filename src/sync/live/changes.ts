/** What has changed in Wiz while a sync was reading it: its objects are looked at once more, as a live event would. */
import { messageOf, ServiceError } from '../../errors.ts'
import type { LiveEvent } from '../../live-event.ts'
import { MAX_EVENT_IDS } from '../../live-event.ts'
import { Recorder } from '../../report/recorder.ts'
import { kinds, type SourceName, sources } from '../../wiz/kinds.ts'
import { crawl } from '../../wiz/pages.ts'
import { idsDocument } from '../../wiz/queries.ts'
import type { RunContext, Seen } from '../context.ts'
import { guardLimits } from '../guard.ts'
import { MAX_ORIGINS, type Origins } from '../origins.ts'
import { follow } from './follow.ts'
import type { Before } from './live.ts'
import { createShare, deletedOf } from './share.ts'

/** More than this is for the next sync: a look costs several requests for each hundred. */
const MAX_CHANGED = 1_000

/**
 * A page was read before the last write: what Wiz changed in between, and a live event has dealt with, the sync may have
 * undone. So it looks once more at what it wrote itself, when that is not too much, and at the issues whose status has
 * changed, of which Wiz can be asked: those it may have deleted.
 *
 * @param origins what this run has written
 */
export async function followChanges(context: RunContext, seen: Seen, origins: Origins): Promise<void> {
  const { log, recorder, stop } = context
  if (origins.areMany) {
    log.info(
      `This run wrote more than ${MAX_ORIGINS} objects: of those, what has changed in Wiz meanwhile is left to the next sync`,
    )
  }
  const before = beforeOf(context, seen)
  for (const source of Object.keys(sources) as SourceName[]) {
    if (!context.resources.some(({ kind }) => kinds[kind].source === source)) continue
    const changed = source === 'issues' ? await changedIssues(context) : []
    if (changed.length > 0) log.info(`${changed.length} issues have changed in Wiz during this run`)
    const ids = [...new Set([...changed, ...origins.idsOf(source)])]
    if (ids.length > 0) log.info(`${ids.length} ${source} are looked at once more`)
    for (let start = 0; start < ids.length && !stop.aborted; start += MAX_EVENT_IDS) {
      const event: LiveEvent = { source, ids: ids.slice(start, start + MAX_EVENT_IDS) }
      const apart = new Recorder()
      apart.showValues = recorder.showValues
      try {
        await follow({ ...context, recorder: apart }, event, before)
      } catch (error) {
        // What the sync itself did is done; only what changed meanwhile is not known.
        if (!(error instanceof ServiceError)) throw error
        apart.warn(
          `What changed during this run is not all known: ${messageOf(error).replace(/\.$/, '')}. The next sync goes on.`,
        )
      } finally {
        recorder.absorb(apart)
      }
    }
  }
}

/** What the sync knows already of Port, and has done. */
function beforeOf({ inputs, recorder }: RunContext, { mapping, blueprints, actuals }: Seen): Before {
  const deleted = new Map([...actuals.keys()].map(blueprint => [blueprint, deletedOf(recorder, blueprint)]))
  const stays = new Set(recorder.report.deletions.flatMap(one => (one.status === 'delete' ? [] : [one.blueprint])))
  const owned = (blueprint: string) =>
    (actuals.get(blueprint)?.state.ownedCount ?? 0) + (recorder.report.blueprints[blueprint]?.created ?? 0)
  return {
    prepared: { mapping, blueprints, missing: [], findings: [] },
    wrote(blueprint, identifier) {
      const state = actuals.get(blueprint)?.state
      // What Port lacked of an entity's targets, it has created with the entity.
      return state !== undefined && (state.hasWritten(identifier) || state.referenced.has(identifier))
    },
    isShared: (blueprint, identifier) => actuals.get(blueprint)?.state.isShared(identifier) === true,
    // One by one, what the guard has blocked or a crawl left open would go all the same.
    mayDelete: blueprint => !stays.has(blueprint),
    share: createShare({
      limits: guardLimits(inputs, mapping.entityDeletionThreshold),
      before: blueprint => deleted.get(blueprint) ?? 0,
      countOwned: blueprint => Promise.resolve(owned(blueprint)),
    }),
  }
}

/** Issues whose status has changed since this run began. */
async function changedIssues({ connections, recorder, startedAt }: RunContext): Promise<string[]> {
  const { connection, pageSize } = sources.issues
  const since = new Date(connections.wizClock.at(startedAt)).toISOString()
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
