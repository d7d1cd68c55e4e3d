/** Reads a mapping file: YAML, then its shape, then what the kinds allow. All problems of the file are told at once. */
import { readFileSync } from 'node:fs'
import { load, YAMLException } from 'js-yaml'
import { ConfigError } from '../errors.ts'
import { isKindName, kinds } from '../wiz/kinds.ts'
import type { EntityMapping, Expression, Mapping, Resource } from './model.ts'
import { locate, type Path, type Positions } from './positions.ts'
import { renderProblems, type ShapeProblem, shapeMessage, shapeProblems } from './problems.ts'
import { type MappingDocument, mappingSchema } from './schema.ts'
import { selectorProblems } from './selector.ts'

/** Mapping files are written by people; anything beyond this size or depth is a mistake or an attack. */
const MAX_BYTES = 256 * 1024
const YAML_LIMITS = { maxDepth: 50, maxAliases: 100, maxTotalMergeKeys: 1000 }

type Problem = (path: Path, message: string) => void
type ResourceDocument = MappingDocument['resources'][number]
type EntityDocument = Exclude<ResourceDocument['port']['entity']['mappings'], unknown[]>

/**
 * @param path the file
 * @param name how messages call it
 * @throws {ConfigError} with every problem that the file has, each with line and column
 */
export function readMapping(path: string, name: string): Mapping {
  let source: string
  try {
    source = readFileSync(path, 'utf8')
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unreadable'
    throw new ConfigError(
      `mapping: ${name} cannot be read (${code}); expected a mapping file at this path of the repository. Is actions/checkout a step before this one?`,
      { cause: error },
    )
  }
  return parseMapping(source, name)
}

/** As {@link readMapping}, for a text. */
export function parseMapping(source: string, name: string): Mapping {
  if (Buffer.byteLength(source) > MAX_BYTES) {
    throw new ConfigError(`${name}: larger than ${MAX_BYTES / 1024} KiB; a mapping file is expected to be smaller.`)
  }
  const document = parseYaml(source, name)
  const positions = locate(source, name)
  const problems: ShapeProblem[] = []
  const problem: Problem = (path, message) => problems.push({ path, message })

  const parsed = mappingSchema.safeParse(document, { error: shapeMessage })
  let mapping: Mapping | undefined
  if (parsed.success) mapping = toMapping(parsed.data, name, positions, problem)
  else problems.push(...shapeProblems(parsed.error.issues))

  if (mapping === undefined || problems.length > 0) throw new ConfigError(renderProblems(problems, name, positions))
  return mapping
}

function parseYaml(source: string, name: string): unknown {
  try {
    return load(source, { filename: name, ...YAML_LIMITS })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const where = error.mark ? `${name}:${error.mark.line + 1}:${error.mark.column + 1}` : name
    throw new ConfigError(`${where} not valid YAML: ${error.reason}.`, { cause: error })
  }
}

function toMapping(document: MappingDocument, file: string, positions: Positions, problem: Problem): Mapping {
  const { resources, createMissingRelatedEntities, enableMergeEntity, entityDeletionThreshold } = document
  return {
    file,
    createMissingRelatedEntities,
    enableMergeEntity,
    entityDeletionThreshold,
    resources: resources.flatMap((resource, index) => toResource(resource, index, positions, problem) ?? []),
  }
}

function toResource(
  document: ResourceDocument,
  index: number,
  positions: Positions,
  problem: Problem,
): Resource | undefined {
  const path: Path = ['resources', index]
  const { kind } = document
  const { query, ...selector } = document.selector
  if (!isKindName(kind)) {
    const known = Object.keys(kinds).join(', ')
    problem([...path, 'kind'], `kind: "${kind}" is not a kind that wiz-to-port fetches; expected one of ${known}`)
    return undefined
  }
  for (const [option, message] of selectorProblems(kind, selector)) {
    problem([...path, 'selector', option], `selector.${option}: ${message}`)
  }
  const { mappings } = document.port.entity
  const mappingsPath: Path = [...path, 'port', 'entity', 'mappings']
  // One mapping may stand there without a list around it; then no index is part of its path.
  const entries: [EntityDocument, Path][] = Array.isArray(mappings)
    ? mappings.map((mapping, at) => [mapping, [...mappingsPath, at]])
    : [[mappings, mappingsPath]]
  return {
    index,
    kind,
    selector,
    query: { text: query, at: positions([...path, 'selector', 'query']) },
    mappings: entries.flatMap(([mapping, at]) => toEntityMapping(mapping, at, positions, problem) ?? []),
    at: positions(path),
  }
}

function toEntityMapping(
  document: EntityDocument,
  path: Path,
  positions: Positions,
  problem: Problem,
): EntityMapping | undefined {
  const expression = (text: string, ...rest: string[]): Expression => ({ text, at: positions([...path, ...rest]) })
  const blueprint = constantString(document.blueprint)
  if (blueprint === undefined) {
    problem(
      [...path, 'blueprint'],
      `blueprint: ${document.blueprint} is not a constant; expected a quoted name such as '"wizIssue"' (a blueprint that depends on the object is not supported yet)`,
    )
    return undefined
  }
  const located = (group: 'properties' | 'relations') =>
    Object.fromEntries(
      Object.entries(document[group] ?? {}).map(([name, text]) => [name, expression(text, group, name)]),
    )
  return {
    blueprint,
    identifier: expression(document.identifier, 'identifier'),
    ...(document.title === undefined ? {} : { title: expression(document.title, 'title') }),
    ...(document.icon === undefined ? {} : { icon: expression(document.icon, 'icon') }),
    ...(document.team === undefined ? {} : { team: expression(document.team, 'team') }),
    properties: located('properties'),
    relations: located('relations'),
    at: positions(path),
  }
}

/** The value of a jq expression that is a string literal, such as `"wizIssue"`. */
function constantString(expression: string): string | undefined {
  try {
    const value: unknown = JSON.parse(expression)
    return typeof value === 'string' && value !== '' ? value : undefined
  } catch {
    return undefined
  }
}
