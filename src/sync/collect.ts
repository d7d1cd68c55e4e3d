/**
 * Reads Wiz and maps what comes: resources that ask Wiz for the same thing share one crawl, every page goes through jq
 * as one batch for each resource, and pages come out in the order in which they were read.
 */
import stringify from 'safe-stable-stringify'
import { messageOf } from '../errors.ts'
import { type JqEngine, JqFailure } from '../jq/engine.ts'
import { type Line, parseLine } from '../jq/program.ts'
import { stringifyJson } from '../json.ts'
import type { CompiledResource } from '../mapping/compile.ts'
import { Evaluator, type Trip } from '../mapping/evaluate.ts'
import type { MappedFields, Resource } from '../mapping/model.ts'
import { type Mapped, transform } from '../mapping/transform.ts'
import type { WizClient } from '../wiz/client.ts'
import { connectionQuery, kinds, type SourceName } from '../wiz/kinds.ts'
import { type ConnectionQuery, type CrawlEnd, crawl, type Page } from '../wiz/pages.ts'
import type { Examples } from './examples.ts'
import type { Fingerprint, Fingerprinter, Ranker } from './fingerprint.ts'

/** A crawl, and the resources that live on it. */
export interface Crawl {
  /** The same for resources that ask Wiz for the same thing. */
  key: string
  source: SourceName
  query: ConnectionQuery
  /** Their positions in the mapping. */
  resources: readonly number[]
}

export interface MappedObject {
  /** How messages call the object. */
  label: string
  /** What Wiz calls it. */
  id: string
  /** Where it stands among objects that become the same entity: the highest one overrules the others. */
  rank: number
  outcomes: Mapped[]
}

export interface MappedPage {
  /** Objects of the connection on this page. */
  fetched: number
  totalCount: number
  /** Parsed when they are needed: while they wait, rows are kept as the text that jq printed. */
  resources: { compiled: CompiledResource; objects: () => Iterable<MappedObject> }[]
}

/** What did not get through jq: whole resources, whose crawl goes on for the others, and single expressions. */
export interface MappingFailures {
  resources: Map<CompiledResource, string>
  trips: Map<CompiledResource, readonly Trip[]>
}

/** Groups resources by what they ask Wiz; groups and their resources keep the order that they come in. */
export function groupCrawls(resources: readonly Resource<MappedFields>[]): Crawl[] {
  const groups = new Map<string, Crawl & { resources: number[] }>()
  for (const resource of resources) {
    const { source } = kinds[resource.kind]
    const query = connectionQuery(resource.kind, resource.selector)
    const key = crawlKey(resource)
    const group = groups.get(key) ?? { key, source, query, resources: [] }
    group.resources.push(resource.index)
    groups.set(key, group)
  }
  return [...groups.values()]
}

/** Names what a resource asks Wiz for. */
export function crawlKey({ kind, selector }: Resource<MappedFields>): string {
  const { filterBy, maxObjects = null } = connectionQuery(kind, selector)
  return stringify([kinds[kind].source, filterBy, maxObjects]) ?? ''
}

/** A crawl whose first page was asked for. */
export interface OpenedCrawl {
  crawl: Crawl
  first: IteratorResult<Page, CrawlEnd>
  rest: AsyncGenerator<Page, CrawlEnd>
}

/**
 * Asks for the first page of every crawl, before anything is written: wrong credentials, URLs and scopes show here.
 */
export function openCrawls(client: WizClient, crawls: readonly Crawl[]): Promise<OpenedCrawl[]> {
  return Promise.all(crawls.map(one => openCrawl(client, one)))
}

export async function openCrawl(client: WizClient, one: Crawl): Promise<OpenedCrawl> {
  const rest = crawl(client, one.query)
  return { crawl: one, first: await rest.next(), rest }
}

export interface MapOptions {
  /** The crawl's resources, in the order in which their entities are to be written. */
  resources: readonly CompiledResource[]
  engine: JqEngine
  fingerprint: Fingerprinter
  rank: Ranker
  /** Takes in what jq gave up on. */
  failures: MappingFailures
  /** Takes in raw objects for Port to show. */
  examples?: Examples | undefined
}

/**
 * Maps the pages of a crawl.
 *
 * @returns how the crawl ended
 */
export async function* mapPages(
  opened: Pick<OpenedCrawl, 'first' | 'rest'>,
  options: MapOptions,
): AsyncGenerator<MappedPage, CrawlEnd> {
  const seen = new Map(options.resources.map(compiled => [compiled, new Set<Fingerprint>()]))
  const isNew = (compiled: CompiledResource, text: string) => {
    const known = seen.get(compiled)
    const before = known?.size
    return known?.add(options.fingerprint('', text)).size !== before
  }
  const evaluators = new Map(
    options.resources.map(compiled => [compiled, new Evaluator(compiled, options.engine)] as const),
  )
  for (const [compiled, { trips }] of evaluators) options.failures.trips.set(compiled, trips)
  let result = opened.first
  while (!result.done) {
    const { objects, totalCount } = result.value
    const resources: MappedPage['resources'] = []
    for (const [compiled, evaluator] of evaluators) {
      if (options.failures.resources.has(compiled)) continue
      const extracted = extract(compiled, objects, text => isNew(compiled, text))
      const texts = extracted.flatMap(({ text }) => text ?? [])
      for (const text of texts) options.examples?.take(compiled.resource.kind, text)
      const lines = await evaluate(compiled, evaluator, texts, options)
      if (lines !== undefined && extracted.length > 0) {
        resources.push({ compiled, objects: () => readObjects(compiled, extracted, lines, options.rank) })
      }
    }
    yield { fetched: objects.length, totalCount, resources }
    result = await opened.rest.next()
  }
  return result.value
}

interface Extracted {
  label: string
  text?: string
}

/**
 * The objects of a kind on a page, as JSON texts. Many issues carry the same rule: an object that was mapped already is
 * left out, and one that differs from it under the same identity is not.
 */
function extract(
  { resource }: CompiledResource,
  nodes: readonly Record<string, unknown>[],
  isNew: (text: string) => boolean,
) {
  const kind = kinds[resource.kind]
  return nodes.flatMap(kind.extract).flatMap((object): Extracted[] => {
    const label = kind.label(object)
    const text = textOf(object)
    if (text === undefined) return [{ label }]
    return kind.repeats && !isNew(text) ? [] : [{ label, text }]
  })
}

/** Undefined for an object that is nested too deeply to be written. */
function textOf(object: Record<string, unknown>): string | undefined {
  try {
    return stringifyJson(object)
  } catch (error) {
    if (error instanceof RangeError) return undefined
    throw error
  }
}

async function evaluate(
  compiled: CompiledResource,
  evaluator: Evaluator,
  texts: readonly string[],
  { failures }: MapOptions,
): Promise<string[] | undefined> {
  try {
    return texts.length === 0 ? [] : await evaluator.evaluate(texts)
  } catch (error) {
    if (!(error instanceof JqFailure)) throw error
    failures.resources.set(compiled, messageOf(error))
    return undefined
  }
}

const TOO_DEEP: Line = { error: 'is nested too deeply', field: 'the object' }

function* readObjects(
  compiled: CompiledResource,
  extracted: readonly Extracted[],
  lines: readonly string[],
  rank: Ranker,
): Generator<MappedObject> {
  const printed = lines.values()
  for (const { label, text } of extracted) {
    const line: string = text === undefined ? '' : (printed.next().value ?? '')
    const rows = transform(compiled, text === undefined ? TOO_DEEP : readLine(line))
    for (const [at, outcomes] of rows.entries()) {
      const name = compiled.resource.items === undefined ? label : `${label} (item ${at + 1})`
      yield { label: name, id: label, rank: rank(compiled.resource.index, name, line), outcomes }
    }
  }
}

/** What jq printed is JSON, but not all JSON can be read: it may be nested too deeply. */
function readLine(line: string): Line {
  try {
    return parseLine(line)
  } catch (error) {
    return { error: `its result cannot be read: ${messageOf(error)}`, field: 'the object' }
  }
}
