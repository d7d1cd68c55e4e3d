/** One step of a live run: from one look at Wiz to what follows for Port. */
import type { Resource } from '../../mapping/model.ts'
import { kinds } from '../../wiz/kinds.ts'
import type { Look } from '../../wiz/look.ts'
import type { WizObject } from '../../wiz/pages.ts'
import { identitiesOf, takesAny } from './identify.ts'
import { each, type Identities, union, without } from './identities.ts'
import { eventResources, type Live } from './live.ts'
import { type Carried, type OwnedEntities, readOwned } from './owned.ts'
import { type Part, removeOwn } from './unwanted.ts'
import { type Written, write } from './write.ts'

/** What the event's objects stand for in Port. */
export interface Subject {
  /** Entities that are the objects themselves, and nobody else's. */
  own: Identities
  /** Entities of what the objects carry, such as rules and tickets; other objects may carry the same. */
  parts: Identities
  /** Resources of what objects carry. */
  carried: readonly Resource[]
}

export interface Step {
  /** The blueprints that were written to, or deleted from. */
  changed: ReadonlySet<string>
  /** What the objects carried and the mapping does not want for them any more; other objects may want it. */
  parts: readonly Part[]
  known: Known
}

/** What is known of Wiz and Port when something is deleted. */
export interface Known {
  /** When Wiz was looked at, by Port's clock. */
  since: number
  /** Whether Wiz shows anything of this source at all. */
  visible: boolean
  isWanted: Written['isWanted']
  uncertain: Written['uncertain']
}

/** @param moment of `performance.now()`, when Wiz was looked at */
export async function takeStep(live: Live, look: Look, moment: number): Promise<Step> {
  const { connections, inputs } = live.context
  const resources = await eventResources(live)
  const whole = resources.filter(({ kind }) => !kinds[kind].repeats)
  const carried = resources.filter(({ kind }) => kinds[kind].repeats)
  const objects = [...look.objects.values()]
  const gone = live.event.ids.filter(id => !look.objects.has(id)).map(id => ({ id }))

  const { identities: all } = await identitiesOf(whole, [...objects, ...gone], live)
  const { identities: parts } = await identitiesOf(carried, objects, live)
  const along = carriedBy(all, gone, carried)
  const owned = await readOwned(connections.port, union(all, parts), inputs.installationId, along)
  const written = await writeSelected(live, look, resources, owned)

  const shared = await identitiesOf(whole, [...objects, ...gone].map(asAnother), live)
  const own = shared.broken ? new Map() : without(all, shared.identities)
  const known: Known = {
    // Port's time is known by now: it has answered.
    since: connections.portClock.at(moment),
    visible: look.visible,
    isWanted: written?.isWanted ?? (() => false),
    uncertain: written?.uncertain ?? new Map(),
  }
  const removed = await removeOwn(live, { own, parts, carried }, owned, known)
  return { changed: new Set([...(written?.blueprints ?? []), ...removed.emptied]), parts: removed.parts, known }
}

/** Writes nothing, and does not even ask for Port's blueprints, where the mapping wants none of the objects. */
async function writeSelected(
  live: Live,
  { objects, passing }: Look,
  resources: readonly Resource[],
  owned: OwnedEntities | undefined,
): Promise<Written | undefined> {
  const crawled = live.crawls.map((crawl, at) => ({
    crawl,
    objects: [...objects.values()].filter(({ id }) => passing[at]?.has(id)),
  }))
  const selected = await Promise.all(
    crawled.map(one => {
      const mine = resources.filter(({ index }) => one.crawl.resources.includes(index))
      return takesAny(mine, one.objects, live)
    }),
  )
  return selected.includes(true) ? write(live, crawled, owned ?? new Map()) : undefined
}

/** What objects carried that are gone is only known to Port. */
function carriedBy(all: Identities, gone: readonly WizObject[], carried: readonly Resource[]): Carried {
  const ids = new Set(gone.map(({ id }) => id))
  const by = new Map<string, string[]>()
  for (const [blueprint, identifier, of] of each(all)) {
    if ([...of].some(id => ids.has(id))) by.set(blueprint, [...(by.get(blueprint) ?? []), identifier])
  }
  return { by, blueprints: [...new Set(carried.flatMap(({ mappings }) => mappings.map(one => one.blueprint)))] }
}

/** An object with another id: an identifier that stays the same for it does not stand for this object alone. */
function asAnother(object: WizObject): WizObject {
  return { ...object, id: `not-${object.id}` }
}
