/** The mapping of the base branch, with which a plan is compared. */
import { join, relative, sep } from 'node:path'
import { checkRead } from '../check/check.ts'
import { DEFAULT_MAPPING } from '../environment.ts'
import { ConfigError, ServiceError, sayProblem } from '../errors.ts'
import { createGithubClient, permissionHint } from '../github/client.ts'
import type { Inputs } from '../inputs.ts'
import { parseMapping, type ReadMapping, readMapping } from '../mapping/file.ts'
import type { MappingFile } from '../mapping/model.ts'
import type { SyncContext } from './sync.ts'

/**
 * Without one it is the action's own: that is what the base branch runs with.
 *
 * @returns undefined where there is nothing to compare with; if there should be, a warning says why
 */
export async function readBase(context: SyncContext): Promise<MappingFile | undefined> {
  const { inputs, engine } = context
  if (inputs.github === undefined) return undefined
  try {
    const read = await fetchBase(context, inputs.github)
    const errors = (await checkRead(read, engine)).filter(({ level }) => level === 'error')
    if (errors.length > 0) throw new ConfigError(errors)
    return read.mapping
  } catch (error) {
    if (!(error instanceof ServiceError || error instanceof ConfigError)) throw error
    warn(context, error)
    return undefined
  }
}

async function fetchBase(
  { inputs, actionRoot, log, stop }: SyncContext,
  github: NonNullable<Inputs['github']>,
): Promise<ReadMapping> {
  const name = baseName(inputs)
  const text = await createGithubClient({ ...github, signal: stop }).readBase(name)
  log.info(`The mapping of the base branch is ${text === undefined ? "the action's own" : name}`)
  return text === undefined
    ? readMapping(join(actionRoot, 'mappings', 'wiz.yml'), 'mappings/wiz.yml')
    : parseMapping(text, `${name} of the base branch`)
}

/** As GitHub calls the file. A pull request that deletes it has only the action's own left, and the base still has it. */
function baseName({ mapping, workspace }: Inputs): string {
  return mapping.bundled ? DEFAULT_MAPPING : relative(workspace, mapping.path).split(sep).join('/')
}

function warn({ recorder }: SyncContext, error: ServiceError | ConfigError): void {
  const said = 'so the plan does not say what the change of the mapping causes'
  if (error instanceof ServiceError) {
    const hint = permissionHint(error, 'contents: read')
    recorder.warn(`The mapping of the base branch cannot be read, ${said}: ${error.message}.${hint}`)
    return
  }
  const [first, ...more] = error.problems
  const problem = first === undefined ? '' : sayProblem(first)
  const rest = more.length === 0 ? '' : ` There are ${more.length} more problems.`
  recorder.warn(`The mapping of the base branch has errors, ${said}: ${problem}${rest}`)
}
