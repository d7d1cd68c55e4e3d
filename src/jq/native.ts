/** A jq executable of the user's choice, through node-jq, which runs it with an empty environment. */

// Has to be evaluated before node-jq.
import './jq-path.ts'

import type { ChildProcess } from 'node:child_process'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import { once } from 'node:events'
import { accessSync, constants, mkdtempSync, rmSync, statSync, symlinkSync } from 'node:fs'
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
  type RunLimits,
  timeout,
} from './engine.ts'
import { JQ_LINK } from './jq-path.ts'

/**
 * @param path the executable
 * @throws {ConfigError} when there is no executable at `path`: node-jq would end the process with an unhandled event
 */
export function createNativeEngine(path: string): JqEngine {
  assertExecutable(path)
  // jq looks for modules and for a `.jq` file where it runs: there is nothing but the link.
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-jq-'))
  symlinkSync(path, join(folder, JQ_LINK))

  async function evaluate(program: string, inputs: string, limits: Required<RunLimits>): Promise<string> {
    const options = { input: 'string', output: 'compact' } as const
    const { child, result } = withChild(() => run(program, inputs, options, folder))
    let stderr = ''
    child?.stderr?.on('data', chunk => {
      stderr += chunk
    })
    const closed = child === undefined ? undefined : once(child, 'close')
    let ended = false
    const timer = setTimeout(() => {
      ended = true
      child?.kill('SIGKILL')
    }, limits.timeoutMs)
    try {
      return assertOutput(String(await result), limits)
    } catch (error) {
      if (error instanceof JqFailure) throw error
      // When jq ends before it has read its input, node-jq knows of a broken pipe only; jq itself says why.
      await closed
      throw ended ? timeout(limits) : failureFrom(stderr || messageOf(error), { cause: error })
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    run: (program, inputs, limits) => evaluate(program, inputs, { ...DEFAULT_LIMITS, ...limits }),
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
