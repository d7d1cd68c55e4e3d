/**
 * What an object carried, such as a rule, goes with it only where no other object carries it. That nothing in Port points
 * to it does not say so, because a mapping need not relate everything that it writes: Wiz is asked.
 */
import type { Resource } from '../../mapping/model.ts'
import { type Carriers, kinds, sources } from '../../wiz/kinds.ts'
import type { List, ListQuery } from '../../wiz/look.ts'
import { identitiesOf } from './identify.ts'
import { union } from './identities.ts'
import { eventResources, type Live } from './live.ts'
import { removeFound } from './removal.ts'
import type { Step } from './step.ts'
import type { Part } from './unwanted.ts'

/** A list of Wiz on which everything stands that carries one of some parts, and that some resources want. */
export interface Question extends ListQuery {
  resources: readonly Resource[]
  /** Their positions in the mapping. */
  indexes: ReadonlySet<number>
  /** What Wiz calls the parts. */
  ids: ReadonlySet<string>
}

/** So many rules are asked for each by itself, beside the filter and the tickets, in one query of Wiz's eight root fields. */
const MAX_GROUPS = 4
/** Of several rules that are asked for together: if more objects carry them, the next sync decides. */
const GROUP_SIZE = 100

/** The questions whose answers decide about parts. */
export async function questionsAbout(live: Live, parts: readonly Part[]): Promise<Question[]> {
  if (parts.length === 0) return []
  const resources = await eventResources(live)
  return live.crawls.flatMap(({ query, resources: indexes }) =>
    Object.entries(kinds).flatMap(([name, { carriers }]) => {
      const its = resources.filter(({ index, kind }) => kind === name && indexes.includes(index))
      const ids = [...new Set(parts.filter(part => isWrittenBy(part, its)).flatMap(part => [...part.ids]))]
      if (carriers === undefined || ids.length === 0) return []
      return groupsOf(ids, carriers).map(group => ({
        resources: its,
        indexes: new Set(its.map(({ index }) => index)),
        ids: new Set(group),
        filterBy: { ...query.filterBy, ...carriers.filter(group) },
        node: carriers.node,
        first: firstOf(group, carriers, live),
      }))
    }),
  )
}

/** One object tells that a rule is still carried; of all others every one has to be seen. */
function firstOf(group: readonly string[], { byId }: Carriers, { event }: Live): number {
  if (!byId) return sources[event.source].pageSize
  return group.length === 1 ? 1 : GROUP_SIZE
}

function groupsOf(ids: readonly string[], { byId }: Carriers): string[][] {
  const count = byId ? Math.min(ids.length, MAX_GROUPS) : 1
  return Array.from({ length: count }, (_, group) => ids.filter((__, at) => at % count === group))
}

/**
 * Deletes the parts that no other object carries, as far as that is known.
 *
 * @param lists Wiz's answers to the questions
 * @returns the blueprints from which something was deleted
 */
export async function removeParts(
  live: Live,
  { parts, known }: Step,
  questions: readonly Question[],
  lists: readonly List[],
): Promise<ReadonlySet<string>> {
  const { log } = live.context
  const resources = await eventResources(live)
  const answers = await Promise.all(
    questions.map(async (question, at) => {
      const { nodes = [], complete = false } = lists[at] ?? {}
      const { identities, failed } = await identitiesOf(question.resources, nodes, live)
      return { question, identities, complete: complete && !failed }
    }),
  )
  const carried = union(...answers.map(({ identities }) => identities))
  const emptied = new Set<string>()
  for (const blueprint of new Set(parts.map(part => part.blueprint))) {
    const its = parts.filter(part => part.blueprint === blueprint)
    const left = its.filter(({ entity }) => !carried.get(blueprint)?.has(entity.identifier))
    const free = left.filter(isKnown)
    if (left.length < its.length) log.info(`${blueprint}: ${its.length - left.length} stay, other issues carry them`)
    if (free.length < left.length) {
      log.info(
        `${blueprint}: ${left.length - free.length} are left to the next sync: Wiz does not say in one answer whether other issues carry them`,
      )
    }
    const entities = free.map(({ entity }) => entity)
    const deleted = await removeFound(live, blueprint, entities, known, { arePeers: false })
    if (deleted.length > 0) emptied.add(blueprint)
  }
  return emptied

  /** Whether every resource that may want a part has been answered for, under every name that Wiz has for it. */
  function isKnown(part: Part): boolean {
    const writers = resources.filter(resource => isWrittenBy(part, [resource]))
    return (
      part.ids.size > 0 &&
      writers.every(writer =>
        [...part.ids].every(id =>
          answers.some(
            ({ question, complete }) => complete && question.indexes.has(writer.index) && question.ids.has(id),
          ),
        ),
      )
    )
  }
}

function isWrittenBy({ blueprint }: Part, resources: readonly Resource[]): boolean {
  return resources.some(({ mappings }) => mappings.some(one => one.blueprint === blueprint))
}
