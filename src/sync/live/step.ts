/** One step of a live run: from one look at Wiz to what follows for Port. */
import { kinds } from '../../wiz/kinds.ts'
import type { Look } from '../../wiz/look.ts'
import type { WizObject } from '../../wiz/pages.ts'
import { add, type Identities, identify, identitiesOf, without } from './identify.ts'
import { eventResources, type Live } from './live.ts'
import { type OwnedEntities, readOwned } from './owned.ts'
import { removeUnwanted } from './unwanted.ts'
import { write } from './write.ts'

/** What the event's objects stand for in Port. */
export interface Subject {
  /** Entities that are the objects themselves, and nobody else's. */
  own: Identities
  /** Entities of what the objects carry, such as rules and tickets; other objects may carry the same. */
  parts: Identities
  /** Whether some of the objects are gone, so that what they carried is only known to Port. */
  gone: boolean
  /** Blueprints of what objects carry. */
  partBlueprints: readonly string[]
}

/**
 * @param moment of `performance.now()`, when Wiz was looked at
 * @returns the blueprints that were written to
 */
export async function takeStep(live: Live, look: Look, moment: number): Promise<ReadonlySet<string>> {
  const { connections, inputs } = live.context
  const resources = await eventResources(live)
  const whole = resources.filter(({ kind }) => !kinds[kind].repeats)
  const carried = resources.filter(({ kind }) => kinds[kind].repeats)
  const objects = [...look.objects.values()]
  const gone = live.event.ids.filter(id => !look.objects.has(id)).map(id => ({ id }))

  const all = await identitiesOf(whole, [...objects, ...gone], live)
  const parts = await identitiesOf(carried, objects, live)
  const owned = await readOwned(connections.port, union(all, parts), inputs.installationId)

  const crawled = live.crawls.map((crawl, at) => ({
    crawl,
    objects: objects.filter(({ id }) => look.passing[at]?.has(id)),
  }))
  const selected = await Promise.all(
    crawled.map(async one => {
      const mine = resources.filter(({ index }) => one.crawl.resources.includes(index))
      return (await identify(mine, one.objects, live)).some(({ status }) => status !== 'skipped')
    }),
  )
  const nothing: OwnedEntities = new Map()
  const written = selected.includes(true) ? await write(live, crawled, owned ?? nothing) : undefined

  const shared = await identitiesOf(whole, [...objects, ...gone].map(asAnother), live)
  const subject: Subject = {
    own: without(all, shared),
    parts,
    gone: gone.length > 0,
    partBlueprints: [...new Set(carried.flatMap(({ mappings }) => mappings.map(({ blueprint }) => blueprint)))],
  }
  // Port's time is known by now: it has answered.
  const since = connections.portClock.at(moment)
  const isWanted = written?.isWanted ?? (() => false)
  const deleted = await removeUnwanted(live, { subject, owned, since, visible: look.visible, isWanted })
  return new Set([...(written?.blueprints ?? []), ...deleted])
}

/** An object with another id: an identifier that stays the same for it does not stand for this object alone. */
function asAnother(object: WizObject): WizObject {
  return { ...object, id: `not-${object.id}` }
}

function union(...all: readonly Identities[]): Identities {
  const together: Identities = new Map()
  for (const identities of all) {
    for (const [blueprint, identifiers] of identities)
      for (const identifier of identifiers) add(together, blueprint, identifier)
  }
  return together
}
