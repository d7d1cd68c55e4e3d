/** The worker's side of the bundled engine: loads jq once and answers one request after another. */
import { type MessagePort, parentPort } from 'node:worker_threads'
import { loadJq } from 'jq-wasm/inline'

export interface JqRequest {
  id: number
  program: string
  inputs: string
}

export type JqAnswer = { id: number; output: string } | { id: number; error: string }

async function serve(port: MessagePort): Promise<void> {
  const jq = await loadJq()
  port.on('message', ({ id, program, inputs }: JqRequest) => {
    const { stdout, stderr, exitCode } = jq.raw(inputs, program, ['-c'])
    const answer: JqAnswer = exitCode === 0 ? { id, output: stdout } : { id, error: stderr || `exit code ${exitCode}` }
    port.postMessage(answer)
  })
}

// An error here ends the worker; the engine reports it to whoever waits for an answer.
if (parentPort) await serve(parentPort)
