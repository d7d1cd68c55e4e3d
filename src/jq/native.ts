/** A jq executable of the user's choice, through node-jq, which runs it with an empty environment. */

// Has to be evaluated before node-jq.
import './jq-path.ts'

import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { accessSync, constants, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run } from 'node-jq'
import { ConfigError, messageOf } from '../errors.ts'
import {
  assertOutput,
  DEFAULT_LIMITS,
  failureFrom,
  type JqEngine,
  JqFailure,
  NEVER,
  type RunLimits,
  timeout,
} from './engine.ts'
import { JQ_LINK } from './jq-path.ts'

/**
 * Systems limit how long an argument may be: Windows to some 32,000 characters for all of them, Linux to 128 KiB for
 * one. A longer program goes into a file.
 */
const MAX_ARGUMENT_BYTES = 24_000

/**
 * @param path the executable
 * @param stop ends what is being evaluated
 * @throws {ConfigError} when there is no executable at `path`: node-jq would end the process with an unhandled event
 */
export function createNativeEngine(path: string, stop: AbortSignal = NEVER): JqEngine {
  assertExecutable(path)
  // jq looks for modules and for a `.jq` file where it runs: there is nothing but the link, and our long programs.
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-jq-'))
  symlinkSync(path, join(folder, JQ_LINK))
  let programs = 0

  /** What jq is given as its program, for as long as `use` takes. */
  async function withArgument<T>(program: string, use: (argument: string) => Promise<T>): Promise<T> {
    if (Buffer.byteLength(program) <= MAX_ARGUMENT_BYTES) return use(program)
    programs += 1
    const name = `program${programs}`
    const file = join(folder, `${name}.jq`)
    writeFileSync(file, `def __program: ${program}\n;`)
    try {
      return await use(`include "${name}" {search: "./"}; __program`)
    } finally {
      rmSync(file, { force: true })
    }
  }

  async function evaluate(program: string, inputs: string, limits: Required<RunLimits>): Promise<string> {
    stop.throwIfAborted()
    const { child, result } = withChild(() => run(program, inputs, { input: 'string', output: 'compact' }, folder))
    let stderr = ''
    child?.stderr?.on('data', chunk => {
      stderr += chunk
    })
    // Node throws an error that nobody listens to, and node-jq does not.
    let broken: Error | undefined
    child?.on('error', error => {
      broken = error
    })
    const closed = new Promise(resolve => child?.on('close', resolve))
    let late = false
    const kill = () => child?.kill('SIGKILL')
    stop.addEventListener('abort', kill)
    const timer = setTimeout(() => {
      late = true
      kill()
    }, limits.timeoutMs)
    try {
      return assertOutput(String(await result), limits)
    } catch (error) {
      if (stop.aborted) throw stop.reason
      if (error instanceof JqFailure) throw error
      if (child?.pid === undefined)
        throw new JqFailure(`jq cannot be run: ${messageOf(broken ?? error)}`, { cause: error })
      // When jq ends before it has read its input, node-jq knows of a broken pipe only; jq itself says why.
      await closed
      throw late ? timeout(limits) : failureFrom(stderr || messageOf(error), { cause: error })
    } finally {
      clearTimeout(timer)
      stop.removeEventListener('abort', kill)
    }
  }

  return {
    run: (program, inputs, limits) =>
      withArgument(program, argument => evaluate(argument, inputs, { ...DEFAULT_LIMITS, ...limits })),
    close() {
      rmSync(folder, { recursive: true, force: true })
      return Promise.resolve()
    },
  }
}

/** node-jq keeps its child process to itself; Node tells of each one at the moment of its start. */
function withChild<T>(start: () => T): { child: ChildProcess | undefined; result: T } {
  let child: ChildProcess | undefined
  const take = (message: unknown) => {
    child = (message as { process: ChildProcess }).process
  }
  subscribe('child_process', take)
  try {
    const result = start()
    return { child, result }
  } finally {
    unsubscribe('child_process', take)
  }
}

function assertExecutable(path: string): void {
  try {
    if (!statSync(path).isFile()) throw new Error('not a file')
    accessSync(path, constants.X_OK)
  } catch (error) {
    throw new ConfigError(
      `jq-path: ${path} is not an executable file; expected the path of a jq executable, or nothing for the bundled jq 1.8.`,
      { cause: error },
    )
  }
}
