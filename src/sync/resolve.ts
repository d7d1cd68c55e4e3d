/** Asks Port for what a mapping looks up instead of knowing it: identifiers, teams and relation targets. */
import stringify from 'safe-stable-stringify'
import { messageOf } from '../errors.ts'
import type { Search } from '../mapping/search.ts'
import { assignField, type Lookup, type Mapped } from '../mapping/transform.ts'
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { searchEntities } from '../port/entities.ts'
import type { RelationDefinition } from '../port/model.ts'

export interface ResolverOptions {
  port: PortClient
  /** The relations of a blueprint. */
  relationsOf: (blueprint: string) => Readonly<Record<string, RelationDefinition>>
  /** Blueprints that this run writes to: what is not there now may be there later. */
  written: ReadonlySet<string>
  /** Blueprints that are only planned: there is nothing in them. */
  absent: ReadonlySet<string>
  /** Resolves when everything that was handed to Port so far is there. */
  settled: () => Promise<void>
}

type MappedEntity = Extract<Mapped, { status: 'mapped' }>
type Found = string[] | { error: string }

/** From Port's documentation: the search of a relation finds at most this many. */
const MAX_FOUND = 100
/** Where teams are entities. */
export const TEAMS = '_team'
/** Answers that are kept; the oldest go first. */
const MAX_KEPT = 50_000

export class Resolver {
  readonly #options: ResolverOptions
  readonly #found = new Map<string, Found>()
  /** Answers that hold for one page only. */
  #passing: string[] = []

  constructor(options: ResolverOptions) {
    this.#options = options
  }

  /** Asks for all that a page of outcomes looks up, each search once. */
  async ask(outcomes: Iterable<Mapped>): Promise<void> {
    for (const key of this.#passing) this.#found.delete(key)
    this.#passing = []
    const asked = new Map<string, { blueprint: string; search: Search }>()
    for (const outcome of outcomes) {
      if (outcome.status !== 'mapped') continue
      for (const lookup of outcome.lookups) {
        const blueprint = this.#searched(outcome.blueprint, lookup)
        const key = keyOf(blueprint, lookup.search)
        if (!this.#found.has(key)) asked.set(key, { blueprint, search: lookup.search })
      }
    }
    if (asked.size === 0) return
    const { written, settled } = this.#options
    if ([...asked.values()].some(({ blueprint }) => written.has(blueprint))) await settled()
    await Promise.all(
      [...asked].map(async ([key, { blueprint, search }]) => {
        const found = await this.#search(blueprint, search)
        this.#found.set(key, found)
        if (written.has(blueprint) && Array.isArray(found) && found.length === 0) this.#passing.push(key)
      }),
    )
    for (const key of this.#found.keys()) {
      if (this.#found.size <= MAX_KEPT) break
      this.#found.delete(key)
    }
  }

  /** Puts what {@link ask} found into an entity. An identifier that is not found skips it: Port creates nothing then. */
  resolve(mapped: MappedEntity): Mapped {
    const { blueprint, entity } = mapped
    const fieldErrors = [...mapped.fieldErrors]
    for (const { field, search } of mapped.lookups) {
      const found = this.#found.get(keyOf(this.#searched(blueprint, { field }), search)) ?? []
      if (field === 'identifier') {
        const problem = Array.isArray(found) ? undefined : found.error
        if (problem !== undefined) return { status: 'failed', blueprint, field, reason: problem }
        const [identifier, ...others] = Array.isArray(found) ? found : []
        if (identifier === undefined) return { status: 'skipped', blueprint }
        if (others.length > 0) {
          const reason = `its search finds ${others.length + 1} ${blueprint}; expected one`
          return { status: 'failed', blueprint, field, reason }
        }
        entity.identifier = identifier
      } else {
        const value = this.#valueOf(blueprint, field, found)
        if (typeof value === 'object' && value !== null && 'error' in value) {
          fieldErrors.push({ field, message: value.error })
        } else assignField(entity, field, value)
      }
    }
    return { ...mapped, fieldErrors }
  }

  #valueOf(blueprint: string, field: string, found: Found): Found | string | null {
    if (!Array.isArray(found)) return found
    if (field === 'team') return found
    if (this.#relation(blueprint, field)?.many === true) return found
    if (found.length > 1) return { error: `its search finds ${found.length} entities; the relation takes one` }
    return found[0] ?? null
  }

  async #search(blueprint: string, search: Search): Promise<Found> {
    const found: string[] = []
    if (this.#options.absent.has(blueprint)) return found
    try {
      for await (const page of searchEntities(this.#options.port, blueprint, [{ ...search }], ['$identifier'])) {
        for (const { identifier } of page) found.push(identifier)
        if (found.length > MAX_FOUND) return { error: `its search finds more than ${MAX_FOUND} ${blueprint}` }
      }
    } catch (error) {
      // Without Port's trace, so that the same refusal reads the same for every object.
      if (error instanceof PortError) {
        return { error: `Port refuses its search: ${messageOf(error).replace(/ \(trace [^)]*\)/, '')}` }
      }
      throw error
    }
    return found.sort()
  }

  /** The blueprint among whose entities a field is looked up. */
  #searched(blueprint: string, { field }: Pick<Lookup, 'field'>): string {
    if (field === 'identifier') return blueprint
    return field === 'team' ? TEAMS : (this.#relation(blueprint, field)?.target ?? '')
  }

  #relation(blueprint: string, field: string): RelationDefinition | undefined {
    return this.#options.relationsOf(blueprint)[field.slice('relations.'.length)]
  }
}

function keyOf(blueprint: string, search: Search): string {
  return stringify([blueprint, search]) ?? ''
}
