/** Reads recorded Wiz objects, to try a mapping on: `examples/<kind>/*.json`, an object or a list of them each. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { messageOf } from '../errors.ts'
import { parseJson } from '../json.ts'
import { isWithin, LEADS_OUT } from '../within.ts'
import { type KindName, kinds } from '../wiz/kinds.ts'
import { shapeIssue } from '../wiz/shape.ts'
import { type Finding, findingAt } from './finding.ts'

export interface Example {
  /** As messages name the file. */
  source: string
  /** Recorded by the mapping's author, who has such objects. */
  own: boolean
  object: Record<string, unknown>
}

export interface Examples {
  byKind: Map<KindName, Example[]>
  /** Files that hold no objects. */
  findings: Finding[]
}

/** More would make every pull request wait, and say nothing new. */
const MAX_EXAMPLES = 200
const MAX_BYTES = 5 * 1024 * 1024

export interface ExampleFolder {
  /** One that does not exist holds nothing. */
  path: string
  /** How messages call it. */
  name: string
  /** What its files must not lead out of. */
  root: string
  own: boolean
}

/** What all folders have together, the first ones first. */
export function readExamples(folders: readonly ExampleFolder[]): Examples {
  const examples: Examples = { byKind: new Map(), findings: [] }
  for (const kind of Object.keys(kinds) as KindName[]) {
    const found = folders.flatMap(folder => readKind(folder, kind, examples.findings))
    examples.byKind.set(kind, found.slice(0, MAX_EXAMPLES))
  }
  return examples
}

function readKind({ path, name, root, own }: ExampleFolder, kind: KindName, findings: Finding[]): Example[] {
  const folder = join(path, kind)
  if (!existsSync(folder)) return []
  const files = readdirSync(folder).filter(file => file.endsWith('.json'))
  return files
    .sort()
    .slice(0, MAX_EXAMPLES)
    .flatMap(file => {
      const source = join(name, kind, file)
      const objects = isWithin(join(folder, file), root) ? readObjects(join(folder, file)) : LEADS_OUT
      if (typeof objects !== 'string') return objects.map(object => ({ source, own, object: shape(kind, object) }))
      findings.push(findingAt('error', source, { line: 1, column: 1 }, objects))
      return []
    })
}

/** The objects of a file, or a sentence about what is wrong with it. */
function readObjects(path: string): Record<string, unknown>[] | string {
  const { size } = statSync(path)
  if (size > MAX_BYTES) return `larger than ${MAX_BYTES / 1024 / 1024} MiB; an example is expected to be smaller.`
  let value: unknown
  try {
    value = parseJson(readFileSync(path, 'utf8'))
  } catch (error) {
    return `not JSON: ${messageOf(error)}.`
  }
  const list = Array.isArray(value) ? value : [value]
  const objects = list.filter(item => item !== null && typeof item === 'object' && !Array.isArray(item))
  return objects.length === list.length ? objects : 'not an example; expected one Wiz object, or a list of them.'
}

/** An issue recorded from Wiz's API lacks what is derived from it; one recorded from Port's integration has it. */
function shape(kind: KindName, object: Record<string, unknown>): Record<string, unknown> {
  return kind === 'issue' && Array.isArray(object.sourceRules) ? shapeIssue(object) : object
}
