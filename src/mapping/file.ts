/** Reads a mapping file: YAML, then its shape, then what the kinds allow. All problems of the file are told at once. */
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { CORE_SCHEMA, load, mergeTag, YAMLException } from 'js-yaml'
import { ConfigError, type Problem } from '../errors.ts'
import type { MappingFile } from './model.ts'
import { locate, type Path } from './positions.ts'
import { locateProblems, type ShapeProblem, shapeMessage, shapeProblems } from './problems.ts'
import { ResourceReader } from './resource.ts'
import { mappingSchema } from './schema.ts'

/** Mapping files are written by people; anything beyond this size or depth is a mistake or an attack. */
const MAX_BYTES = 256 * 1024
/** More than a file of that size can have without aliases. */
const MAX_VALUES = 250_000
const YAML_LIMITS = { maxDepth: 50, maxAliases: 100, maxTotalMergeKeys: 1000 }
/** With merge keys (`<<`), which people share properties between mappings with. */
const SCHEMA = CORE_SCHEMA.withTags(mergeTag)

export interface ReadMapping {
  /** What could be read of the file. */
  mapping: MappingFile
  /** SHA-256 of the text, in hex. */
  hash: string
  /** The document as it is in the file. */
  document: Record<string, unknown>
  /** What has to be mended, in the order of the file. With any of them, `mapping` is not the whole file. */
  problems: readonly Problem[]
}

/**
 * @param path the file
 * @param name how messages call it
 * @throws {ConfigError} when there is no document to read
 */
export function readMapping(path: string, name: string): ReadMapping {
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
export function parseMapping(source: string, name: string): ReadMapping {
  if (Buffer.byteLength(source) > MAX_BYTES) {
    const message = `larger than ${MAX_BYTES / 1024} KiB; a mapping file is expected to be smaller.`
    throw new ConfigError([{ message, place: { file: name, line: 1, column: 1 } }])
  }
  const document = parseYaml(source, name)
  if (sizeOf(document) > MAX_VALUES) {
    const message = `its aliases stand for more than ${MAX_VALUES.toLocaleString('en-US')} values; a mapping file is expected to have fewer.`
    throw new ConfigError([{ message, place: { file: name, line: 1, column: 1 } }])
  }
  const positions = locate(source, name)
  const problems: ShapeProblem[] = prototypeKeys(document, [])
  const parsed = mappingSchema.safeParse(document, { error: shapeMessage })
  if (!parsed.success) problems.push(...shapeProblems(parsed.error.issues))
  const options = parsed.data ?? mappingSchema.parse({ resources: [undefined] })
  const reader = new ResourceReader(positions)
  const mapping: MappingFile = {
    file: name,
    createMissingRelatedEntities: options.createMissingRelatedEntities,
    enableMergeEntity: options.enableMergeEntity,
    entityDeletionThreshold: options.entityDeletionThreshold,
    resources: listOf(document).flatMap((resource, index) => reader.read(resource, index) ?? []),
    warnings: locateProblems(reader.warnings, name, positions),
  }
  problems.push(...reader.problems)
  if (problems.length === 0 && mapping.resources.length === 0) {
    problems.push({ path: ['resources'], message: 'resources: none of them has a kind that wiz-to-port fetches' })
  }
  const hash = createHash('sha256').update(source).digest('hex')
  const whole = document !== null && typeof document === 'object' ? { ...document } : {}
  return { mapping, hash, document: whole, problems: locateProblems(problems, name, positions) }
}

function parseYaml(source: string, name: string): unknown {
  try {
    return load(source, { filename: name, schema: SCHEMA, ...YAML_LIMITS })
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error
    const { line = 0, column = 0 } = error.mark ?? {}
    const place = { file: name, line: line + 1, column: column + 1 }
    throw new ConfigError([{ message: `not valid YAML: ${error.reason}.`, place }], { cause: error })
  }
}

/** How many values a document has once its aliases are written out: each level of them may multiply the one below. */
function sizeOf(value: unknown, known = new Map<object, number>()): number {
  if (value === null || typeof value !== 'object') return 1
  const before = known.get(value)
  if (before !== undefined) return before
  // An alias inside of what it stands for has no end.
  known.set(value, Number.POSITIVE_INFINITY)
  const size = Object.values(value).reduce((sum: number, child) => sum + sizeOf(child, known), 1)
  known.set(value, size)
  return size
}

/** The entries of `resources`, if there is such a list. */
function listOf(document: unknown): unknown[] {
  const { resources } = (document ?? {}) as { resources?: unknown }
  return Array.isArray(resources) ? resources : []
}

/** JavaScript has a use of its own for this name, and whatever stood under it would be lost. */
function prototypeKeys(value: unknown, path: Path): ShapeProblem[] {
  if (value === null || typeof value !== 'object') return []
  return Object.entries(value).flatMap(([key, child]) => {
    const place = [...path, Array.isArray(value) ? Number(key) : key]
    if (key === '__proto__') return [{ path: place, message: '__proto__: not a name that can be mapped' }]
    return prototypeKeys(child, place)
  })
}
