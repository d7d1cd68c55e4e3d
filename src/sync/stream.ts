/** The heart of a run: pages come from Wiz, become entities, are held against what Port has, and go to the writer. */
import { type CompiledResource, compileResource } from '../mapping/compile.ts'
import type { Resource } from '../mapping/model.ts'
import type { Blueprint } from '../port/model.ts'
import type { Log } from '../report/log.ts'
import type { Recorder } from '../report/recorder.ts'
import type { CrawlEnd } from '../wiz/pages.ts'
import { ahead } from './ahead.ts'
import { type Base, baseProblem, endBase, takeBase } from './base-crawl.ts'
import { crawlKey, type MapOptions, type MappedObject, type MappedPage, mapPages, type OpenedCrawl } from './collect.ts'
import type { Operation, Planner } from './plan.ts'
import type { Resolver } from './resolve.ts'
import type { Sink } from './sink.ts'
import type { Targets } from './targets.ts'

export interface StreamOptions extends Omit<MapOptions, 'resources'> {
  /** Resolves when the state of Port is known. */
  planning: Promise<Planner>
  /** Called with operations before they are written. */
  noteOwners: (operations: readonly Operation[]) => Promise<void>
  resolver: Resolver
  sink: Sink
  /** The base branch's mapping, in a plan: it is shown the same objects. */
  base?: Base | undefined
  recorder: Recorder
  log: Log
  /** The objects are a few that somebody named: that a field fails on all of them says nothing of its expression. */
  few?: boolean
}

/** What is known of a resource after its crawl. */
export interface ResourceEnd {
  compiled: CompiledResource
  /** Distinct objects that went through jq. */
  objects: number
  /** The crawl itself returned nothing at all. */
  empty: boolean
  /** Why the resource was not seen to its end; undefined when it was. */
  incomplete: string | undefined
}

interface Tally {
  objects: number
  /** Objects that failed before their identifier was known: they may be any of those in Port. */
  unidentified: number
  /** How often each field failed. */
  fieldErrors: Map<string, number>
  mapped: number
}

/** Mapped pages that may wait while Port is still being read. */
const PAGES_AHEAD = 24

/**
 * Runs one crawl after another, those that others point to first: Wiz is asked at one pace anyway.
 *
 * @param mapped the resources that the crawls are for
 * @returns how each resource ended, in the order of the mapping
 */
export async function streamAll(
  opened: readonly OpenedCrawl[],
  mapped: readonly Resource[],
  blueprints: ReadonlyMap<string, Blueprint>,
  { ranks }: Targets,
  options: StreamOptions,
): Promise<ResourceEnd[]> {
  const rank = (resource: Resource) => Math.min(...resource.mappings.map(({ blueprint }) => ranks.get(blueprint) ?? 0))
  const crawls = opened
    .map(one => ({
      one,
      resources: mapped
        .filter(({ index }) => one.crawl.resources.includes(index))
        .sort((a, b) => rank(a) - rank(b) || a.index - b.index),
    }))
    .sort((a, b) => Math.min(...a.resources.map(rank)) - Math.min(...b.resources.map(rank)))
  const ends: ResourceEnd[] = []
  for (const { one, resources } of crawls) {
    const compile = (resource: Resource) => compileResource(resource, blueprints)
    const base = options.base?.resources.filter(resource => crawlKey(resource) === one.crawl.key) ?? []
    ends.push(...(await streamCrawl(one, resources.map(compile), base.map(compile), options)))
  }
  ends.sort((a, b) => a.compiled.resource.index - b.compiled.resource.index)
  options.recorder.report.kinds = ends.map(({ compiled: { resource }, objects, incomplete }) => ({
    kind: resource.kind,
    resource: resource.index,
    objects,
    ...(incomplete === undefined ? {} : { incomplete }),
  }))
  return ends
}

async function streamCrawl(
  opened: OpenedCrawl,
  resources: readonly CompiledResource[],
  base: readonly CompiledResource[],
  options: StreamOptions,
): Promise<ResourceEnd[]> {
  const tallies = new Map(
    resources.map(compiled => [compiled, { objects: 0, unidentified: 0, mapped: 0, fieldErrors: new Map() } as Tally]),
  )
  const pages = ahead(mapPages(opened, { ...options, resources: [...base, ...resources] }), PAGES_AHEAD)
  const progress = createProgress(opened.crawl.source, options.log)
  let result = await pages.next()
  while (!result.done) {
    // Pages are read and mapped ahead while Port is still being read.
    await takePage(result.value, tallies, await options.planning, options)
    progress(result.value)
    result = await pages.next()
  }
  const end = result.value
  options.log.info(sayEnd(opened.crawl.source, end))
  if (options.base !== undefined) {
    for (const one of base) endBase(options.base, one, baseProblem(one, end, options), options.recorder)
  }
  return resources.map(compiled => endOf(compiled, end, tallies.get(compiled), options))
}

async function takePage(
  page: MappedPage,
  tallies: ReadonlyMap<CompiledResource, Tally>,
  planner: Planner,
  options: StreamOptions,
): Promise<void> {
  for (const { compiled, objects } of page.resources) {
    const tally = tallies.get(compiled)
    if (tally === undefined) {
      if (options.base !== undefined) await takeBase(options.base, objects, options.resolver)
      continue
    }
    const mapped = [...objects()]
    await options.resolver.ask(mapped.flatMap(({ outcomes }) => outcomes))
    for (const object of mapped) {
      tally.objects += 1
      await takeObject(compiled, object, tally, planner, options)
    }
  }
}

async function takeObject(
  { resource }: CompiledResource,
  { label, id, rank, outcomes }: MappedObject,
  tally: Tally,
  planner: Planner,
  { resolver, sink, recorder, noteOwners }: StreamOptions,
): Promise<void> {
  const { kind } = resource
  for (const mapped of outcomes) {
    const outcome = mapped.status === 'mapped' ? resolver.resolve(mapped) : mapped
    const { blueprint } = outcome
    if (outcome.status === 'skipped') {
      recorder.count(blueprint, 'skipped')
      continue
    }
    if (outcome.status === 'failed') {
      const { identifier, field, reason } = outcome
      recorder.failed({ blueprint, kind, identifier: identifier ?? label, field, reason })
      if (identifier === undefined) tally.unidentified += 1
      else planner.keep(blueprint, identifier)
      continue
    }
    tally.mapped += 1
    for (const { field, message } of outcome.fieldErrors) {
      recorder.fieldFailed(kind, field, message, outcome.entity.identifier)
      tally.fieldErrors.set(field, (tally.fieldErrors.get(field) ?? 0) + 1)
    }
    const found = outcome.lookups.some(({ field }) => field === 'identifier')
    const operations = planner.want(blueprint, outcome.entity, rank, {
      adopt: !found,
      partial: outcome.fieldErrors.length > 0,
      // What a search found is somebody else's: a second look would know nothing of it, and write it again.
      ...(found ? {} : { origin: { kind, id } }),
    })
    await noteOwners(operations)
    for (const operation of operations) await sink.add(operation)
  }
}

function endOf(
  compiled: CompiledResource,
  end: CrawlEnd,
  tally: Tally | undefined,
  { failures, recorder, few = false }: StreamOptions,
): ResourceEnd {
  const { kind, index } = compiled.resource
  const failure = failures.resources.get(compiled)
  const trips = failures.trips.get(compiled) ?? []
  for (const { field, reason } of trips) {
    recorder.problem(`${kind}: ${field} (resource ${index + 1} of the mapping) was given up: it ${reason}.`)
  }
  for (const [field, count] of tally?.fieldErrors ?? []) {
    if (few || count !== tally?.mapped || trips.some(trip => trip.field === field)) continue
    recorder.problem(
      `${kind}: ${field} (resource ${index + 1} of the mapping) failed on every object; see the field errors for its message.`,
    )
  }
  const objects = tally?.objects ?? 0
  if (failure !== undefined) recorder.problem(`${kind}: jq could not map resource ${index + 1}: ${failure}.`)
  else if (!end.complete) recorder.problem(`${kind} was not read to its end: ${end.reason}.`)
  return { compiled, objects, empty: end.complete && end.objects === 0, incomplete: incompleteness() }

  function incompleteness(): string | undefined {
    if (failure !== undefined) return `${kind} could not be mapped: ${failure}`
    if (!end.complete) return `${kind} was not read to its end: ${end.reason}`
    const lost = tally?.unidentified ?? 0
    return lost === 0 ? undefined : `${lost} ${kind} objects failed before their identifier was known`
  }
}

function createProgress(source: string, log: Log): (page: MappedPage) => void {
  const startedAt = performance.now()
  let pages = 0
  let objects = 0
  return page => {
    pages += 1
    objects += page.fetched
    log.progress(() => {
      const perSecond = objects / ((performance.now() - startedAt) / 1000)
      const left = page.totalCount - objects
      const known = page.totalCount > 0 ? ` of ${format(page.totalCount)}` : ''
      const time = left > 0 ? `, about ${Math.ceil(left / perSecond)} s left` : ''
      return `${source}: ${format(objects)}${known} read on ${pages} pages, ${Math.round(perSecond)} a second${time}`
    })
  }
}

function sayEnd(source: string, end: CrawlEnd): string {
  if (end.complete) return `${source}: all ${format(end.objects)} read`
  return `${source}: not complete after ${format(end.objects)}: ${end.reason}; nothing that depends on it will be deleted`
}

function format(count: number): string {
  return count.toLocaleString('en-US')
}
