/** Deletes entities that a live run found unwanted, if nothing speaks against it. */
import { isSearch } from '../../mapping/model.ts'
import type { FoundEntity } from '../../port/entities.ts'
import { kinds } from '../../wiz/kinds.ts'
import { deleteFound } from '../deletion.ts'
import { note, noteOutcome, SEARCHED } from '../remove.ts'
import type { Live } from './live.ts'
import type { Evidence } from './share.ts'
import type { Known } from './step.ts'

/** @returns what was deleted */
export async function removeFound(
  live: Live,
  blueprint: string,
  found: readonly FoundEntity[],
  known: Known,
  { arePeers = true } = {},
): Promise<FoundEntity[]> {
  if (found.length === 0 || !live.mayDelete(blueprint)) return []
  const { connections, recorder, log, stop } = live.context
  const stale = found.map(({ identifier }) => identifier)
  const { verdict, owned } = await live.share.judge(blueprint, stale, evidence(live, blueprint, known))
  const report = note({ blueprint, owned, stale, verdict }, { recorder, log })
  if (verdict.status !== 'delete') return []
  const deleted = new Set<string>()
  await deleteFound(blueprint, found, {
    port: connections.port,
    stop,
    since: known.since,
    isOurs: live.isOurs,
    // An event for one issue has few requests; what others point to is theirs to delete.
    halve: arePeers || live.event.ids.length > 1,
    onOutcome(outcome) {
      if (outcome.status === 'deleted') deleted.add(outcome.identifier)
      // That something else needs the same rule is as it should be.
      if (outcome.status !== 'kept' || arePeers) noteOutcome(report, outcome, recorder)
    },
  })
  log.info(`${blueprint}: ${deleted.size} deleted`)
  return found.filter(({ identifier }) => deleted.has(identifier))
}

/** As in a sync, everything that writes to a blueprint has to be known before anything of it is unwanted. */
function evidence({ context, event, crawls }: Live, blueprint: string, { uncertain, visible }: Known): Evidence {
  const seen = new Set(crawls.flatMap(({ resources }) => resources))
  const writers = context.file.resources.flatMap(({ index, kind, mappings }) => {
    const its = mappings.filter(one => one.blueprint === undefined || one.blueprint === blueprint)
    return its.length === 0 ? [] : [{ index, kind, mappings: its }]
  })
  const incomplete: string[] = []
  const others = writers.filter(({ index }) => !seen.has(index)).map(({ kind }) => kind)
  if (others.length > 0) {
    incomplete.push(`${[...new Set(others)].join(', ')} may write the same entities; the next sync decides`)
  }
  if (writers.some(({ mappings }) => mappings.some(({ identifier }) => isSearch(identifier)))) incomplete.push(SEARCHED)
  const failed = uncertain.get(blueprint)
  if (failed !== undefined) incomplete.push(failed)
  const empty = Object.entries(kinds).flatMap(([kind, { source, repeats }]) =>
    visible || source !== event.source || repeats ? [] : [kind],
  )
  return { incomplete, empty }
}
