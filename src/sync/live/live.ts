/** What the steps of a live run share. */
import type { LiveEvent } from '../../live-event.ts'
import { chooseBlueprints } from '../../mapping/choose.ts'
import type { Resource } from '../../mapping/model.ts'
import type { Crawl } from '../collect.ts'
import type { RunContext } from '../context.ts'
import { createFingerprinter, createRanker } from '../fingerprint.ts'
import { createMissing, type PreparedBlueprints, prepareBlueprints } from '../prepare.ts'
import type { Jq } from './identify.ts'
import { createEventShare, type Share } from './share.ts'

export interface Live extends Jq {
  context: RunContext
  event: LiveEvent
  /** What a sync would ask Wiz for; a look asks the same about the event's objects. */
  crawls: readonly Crawl[]
  /** Reads Port's blueprints, creates those that are missing, and decides what the mapping left open; once. */
  prepare: () => Promise<PreparedBlueprints>
  /** Whether this run wrote an entity. */
  isOurs: (blueprint: string, identifier: string) => boolean
  wrote: (blueprint: string, identifier: string) => void
  /** Whether the objects of an event are known not to be the only ones that an entity is made of. */
  isShared: (blueprint: string, identifier: string) => boolean
  /** False where an earlier part of the run has decided that nothing of a blueprint goes. */
  mayDelete: (blueprint: string) => boolean
  share: Share
}

/** What an earlier part of the run knows. */
export interface Before {
  /** What {@link Live.prepare} would find. */
  prepared: PreparedBlueprints
  /** Whether it wrote an entity. */
  wrote: Live['isOurs']
  isShared: Live['isShared']
  mayDelete: Live['mayDelete']
  share: Share
}

export async function createLive(
  context: RunContext,
  event: LiveEvent,
  crawls: readonly Crawl[],
  before?: Before,
): Promise<Live> {
  const written = new Set<string>()
  let prepared = before === undefined ? undefined : Promise.resolve(before.prepared)
  return {
    context,
    event,
    crawls,
    engine: context.engine,
    fingerprint: await createFingerprinter(),
    rank: await createRanker(),
    prepare() {
      prepared ??= prepare(context)
      return prepared
    },
    isOurs: (blueprint, id) => written.has(key(blueprint, id)) || before?.wrote(blueprint, id) === true,
    wrote: (blueprint, identifier) => void written.add(key(blueprint, identifier)),
    isShared: before?.isShared ?? (() => false),
    mayDelete: before?.mayDelete ?? (() => true),
    share: before?.share ?? createEventShare(context),
  }
}

async function prepare(context: RunContext): Promise<PreparedBlueprints> {
  const prepared = await prepareBlueprints(context)
  for (const finding of prepared.findings) context.recorder.warn(finding)
  await createMissing(context, prepared.missing)
  return prepared
}

/** The resources that an event is about. Port is only asked for its blueprints where the mapping leaves one open. */
export async function eventResources(live: Live): Promise<Resource[]> {
  const { file } = live.context
  const open = file.resources.some(({ mappings }) => mappings.some(({ choice }) => choice !== undefined))
  const { mapping } = open ? await live.prepare() : chooseBlueprints(file, new Map())
  return ofEvent(live, mapping.resources)
}

export function ofEvent({ crawls }: Live, resources: readonly Resource[]): Resource[] {
  const indexes = new Set(crawls.flatMap(crawl => crawl.resources))
  return resources.filter(({ index }) => indexes.has(index))
}

function key(blueprint: string, identifier: string): string {
  return `${blueprint}\u0000${identifier}`
}
