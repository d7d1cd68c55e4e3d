/** All checks of a mapping, in the order in which they can be made. */
import { dirname, join } from 'node:path'
import { ConfigError, type Problem } from '../errors.ts'
import type { JqEngine } from '../jq/engine.ts'
import { chooseBlueprints } from '../mapping/choose.ts'
import { type ReadMapping, readMapping } from '../mapping/file.ts'
import { allExpressions, type Mapping, type MappingFile } from '../mapping/model.ts'
import { readAllBlueprints } from '../port/blueprint-files.ts'
import type { Blueprint } from '../port/model.ts'
import type { ExampleReport } from '../report/model.ts'
import { checkBlueprints } from './blueprints.ts'
import { type ExampleFolder, readExamples } from './example-files.ts'
import { checkExamples } from './examples.ts'
import { type Finding, inOrder } from './finding.ts'
import { lint } from './lint.ts'
import { checkSyntax } from './syntax.ts'

export interface CheckOptions {
  /** The mapping file, and how messages call it. */
  path: string
  name: string
  /** Where the repository was checked out. */
  workspace: string
  /** The folder of the action, with its own blueprints and examples. */
  actionRoot: string
  engine: JqEngine
}

export interface CheckResult {
  mapping: MappingFile | undefined
  /** In the order of the file. */
  findings: Finding[]
  examples: ExampleReport[]
}

/** Checks a mapping with nothing but files: no network, no credentials. */
export async function checkOffline(options: CheckOptions): Promise<CheckResult> {
  const { path, name, engine } = options
  const read = readOrExplain(path, name)
  if (!('mapping' in read)) return { mapping: undefined, findings: read.problems.map(asError), examples: [] }
  const findings = await checkRead(read, engine)
  const { blueprints: known, problems } = readAllBlueprints({ ...options, mapping: { path, name } })
  findings.push(...problems.map(asError))

  const { mapping, undecided } = chooseBlueprints(read.mapping, known)
  findings.push(...undecided.map(problem => ({ ...problem, level: 'warning' as const })))
  findings.push(...checkBlueprints(mapping, { known, online: false, names: [...known.keys()] }))

  const examples = readExamples(exampleFolders(options))
  const check = await checkExamples(mapping, examples, known, engine, 'error')
  // What an expression gives says nothing more once it is refused.
  const refused = findings.filter(({ level }) => level === 'error').map(({ subject }) => subject)
  const unsaid = check.findings.filter(({ subject }) => subject === undefined || !refused.includes(subject))
  findings.push(...examples.findings, ...unsaid)
  return { mapping: read.mapping, findings: inOrder(findings), examples: check.reports }
}

/** What can be said of a mapping without knowing any blueprint. */
export async function checkRead({ mapping, problems }: ReadMapping, engine: JqEngine): Promise<Finding[]> {
  const expressions = mapping.resources.flatMap(allExpressions)
  return inOrder([
    ...problems.map(asError),
    ...mapping.warnings.map(problem => ({ ...problem, level: 'warning' as const })),
    ...expressions.flatMap(entry => lint(mapping.file, entry)),
    ...(await checkSyntax(mapping.file, expressions, engine)),
  ])
}

/** Tries a mapping on the repository's own examples, with the blueprints as Port has them. */
export async function checkRecorded(
  mapping: Mapping,
  recorded: Pick<CheckOptions, 'path' | 'name' | 'workspace'>,
  blueprints: ReadonlyMap<string, Blueprint>,
  engine: JqEngine,
): Promise<Finding[]> {
  const examples = readExamples([recordedExamples(recorded)])
  const { findings } = await checkExamples(mapping, examples, blueprints, engine, 'warning')
  // Examples are no part of a run: what is wrong with them stops nothing.
  return [...examples.findings, ...findings].map(finding => ({ ...finding, level: 'warning' }))
}

/** The recorded examples beside a mapping file. */
function recordedExamples({ path, name, workspace: root }: Pick<CheckOptions, 'path' | 'name' | 'workspace'>) {
  return { path: join(dirname(path), 'examples'), name: join(dirname(name), 'examples'), root, own: true }
}

function readOrExplain(path: string, name: string): ReadMapping | { problems: readonly Problem[] } {
  try {
    return readMapping(path, name)
  } catch (error) {
    if (error instanceof ConfigError) return { problems: error.problems }
    throw error
  }
}

function exampleFolders(options: CheckOptions): ExampleFolder[] {
  const { actionRoot: root } = options
  const recorded = recordedExamples(options)
  const shipped = { path: join(root, 'mappings', 'examples'), name: "the action's mappings/examples", root, own: false }
  return recorded.path === shipped.path ? [shipped] : [recorded, shipped]
}

function asError(problem: Problem): Finding {
  return { ...problem, level: 'error' }
}
