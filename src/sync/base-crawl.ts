/** Shows the base's mapping the objects that it would see: those of the run's own crawls, and what only it asks for. */
import { ConfigError, messageOf } from '../errors.ts'
import { chooseBlueprints } from '../mapping/choose.ts'
import { type CompiledResource, compileResource } from '../mapping/compile.ts'
import type { Resource } from '../mapping/model.ts'
import type { Blueprint } from '../port/model.ts'
import type { Recorder } from '../report/recorder.ts'
import type { WizClient } from '../wiz/client.ts'
import type { CrawlEnd } from '../wiz/pages.ts'
import { BaseView } from './base.ts'
import { type Crawl, crawlKey, groupCrawls, type MapOptions, type MappedPage, mapPages, openCrawl } from './collect.ts'
import type { RunContext } from './context.ts'
import type { Fingerprinter } from './fingerprint.ts'
import type { Resolver } from './resolve.ts'
import type { Targets } from './targets.ts'

export interface Base {
  view: BaseView
  /** Those of its resources that write to a blueprint of this run. */
  resources: readonly Resource[]
  /** All blueprints that it writes to. */
  blueprints: ReadonlySet<string>
}

/** The base's mapping over the blueprints that Port has now; undefined where there is none to compare with. */
export function createBase(
  { baseFile, inputs, recorder }: Pick<RunContext, 'baseFile' | 'inputs' | 'recorder'>,
  blueprints: ReadonlyMap<string, Blueprint>,
  { fields }: Targets,
  fingerprint: Fingerprinter,
): Base | undefined {
  if (baseFile === undefined) return undefined
  const { mapping, undecided } = chooseBlueprints(baseFile, blueprints)
  if (undecided.length > 0) {
    recorder.warn(
      'The mapping of the base branch has an entry that fits no blueprint of Port, so the plan does not say what the change of the mapping causes.',
    )
    return undefined
  }
  const named = mapping.resources.flatMap(({ mappings }) => mappings.map(({ blueprint }) => blueprint))
  const resources = mapping.resources.filter(
    ({ kind, mappings }) =>
      inputs.kinds?.includes(kind) !== false && mappings.some(({ blueprint }) => fields.has(blueprint)),
  )
  return { view: new BaseView(fields, fingerprint), resources, blueprints: new Set(named) }
}

export interface BaseOptions extends Omit<MapOptions, 'resources' | 'examples'> {
  resolver: Resolver
  recorder: Recorder
}

/** Takes in what a resource of the base makes of a page. */
export async function takeBase(
  { view }: Base,
  objects: MappedPage['resources'][number]['objects'],
  resolver: Resolver,
): Promise<void> {
  const mapped = [...objects()]
  await resolver.ask(mapped.flatMap(({ outcomes }) => outcomes))
  for (const { rank, outcomes } of mapped) {
    view.take(
      outcomes.map(outcome => (outcome.status === 'mapped' ? resolver.resolve(outcome) : outcome)),
      rank,
    )
  }
}

/** A cause is only known of a blueprint that the base was seen to fill to the end: a wrong one would be worse than none. */
export function endBase(
  { view }: Base,
  { resource }: CompiledResource,
  reason: string | undefined,
  recorder: Recorder,
): void {
  if (reason === undefined) return
  const names = [...new Set(resource.mappings.map(({ blueprint }) => blueprint))]
  for (const name of names) view.giveUp(name)
  recorder.warn(
    `Why ${names.join(', ')} changes is not known: with the mapping of the base branch, ${resource.kind} (resource ${resource.index + 1}) ${reason.replace(/\.$/, '')}.`,
  )
}

/** Why a resource of the base was not seen to its end; undefined when it was. */
export function baseProblem(
  compiled: CompiledResource,
  end: CrawlEnd,
  { failures }: Pick<MapOptions, 'failures'>,
): string | undefined {
  const failure = failures.resources.get(compiled)
  if (failure !== undefined) return `could not be mapped: ${failure}`
  const [trip] = failures.trips.get(compiled) ?? []
  if (trip !== undefined) return `lost ${trip.field}, which was given up: it ${trip.reason}`
  return end.complete ? undefined : `was not read to its end: ${end.reason}`
}

/** @param known the crawls of the run itself, which the base was shown already */
export async function crawlForBase(
  base: Base,
  known: ReadonlySet<string>,
  wiz: WizClient,
  blueprints: ReadonlyMap<string, Blueprint>,
  options: BaseOptions,
): Promise<void> {
  const unseen = base.resources.filter(resource => !known.has(crawlKey(resource)))
  for (const crawl of groupCrawls(unseen)) {
    const resources = unseen
      .filter(({ index }) => crawl.resources.includes(index))
      .map(resource => compileResource(resource, blueprints))
    const end = await readFor(base, wiz, crawl, resources, options)
    for (const compiled of resources) endBase(base, compiled, baseProblem(compiled, end, options), options.recorder)
  }
}

async function readFor(
  base: Base,
  wiz: WizClient,
  crawl: Crawl,
  resources: readonly CompiledResource[],
  options: BaseOptions,
): Promise<CrawlEnd> {
  try {
    const pages = mapPages(await openCrawl(wiz, crawl), { ...options, resources })
    let result = await pages.next()
    while (!result.done) {
      for (const { objects } of result.value.resources) await takeBase(base, objects, options.resolver)
      result = await pages.next()
    }
    return result.value
  } catch (error) {
    // The pull request may well be there to ask for no more than what the credentials may see.
    if (!(error instanceof ConfigError)) throw error
    return { complete: false, objects: 0, reason: messageOf(error) }
  }
}
