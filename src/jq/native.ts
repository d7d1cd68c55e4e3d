/** A jq executable of the user's choice, through node-jq, which runs it with an empty environment. */
import { accessSync, constants, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { ConfigError, messageOf } from '../errors.ts'
import { type JqEngine, JqFailure, shapeJqError } from './engine.ts'

/**
 * @param path the executable
 * @throws {ConfigError} when there is no executable at `path`: node-jq would end the process with an unhandled event
 */
export async function createNativeEngine(path: string): Promise<JqEngine> {
  assertExecutable(path)
  // node-jq reads this variable once, when it is loaded, and would look beside itself without it.
  process.env.JQ_PATH = path
  const nodeJq = await import('node-jq')
  return {
    async run(program, inputs) {
      const evaluate = async (text: string) =>
        String(await nodeJq.run(program, text, { input: 'string', output: 'compact' }, tmpdir()))
      try {
        return await evaluate(inputs).catch(error => {
          // jq ended before it had read its input, and the broken pipe hides why: without input it can say it.
          if (/EPIPE/.test(messageOf(error))) return evaluate('null')
          throw error
        })
      } catch (error) {
        throw new JqFailure(shapeJqError(messageOf(error)), { cause: error })
      }
    },
    close: () => Promise.resolve(),
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
