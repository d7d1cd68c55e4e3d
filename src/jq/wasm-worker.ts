/** The worker's side of the bundled engine: loads jq once and answers one request after another. */
import { type MessagePort, parentPort } from 'node:worker_threads'
import { loadJq } from 'jq-wasm/inline'

/** Node's types leave WebAssembly to the browser's. */
declare const WebAssembly: { Memory: { prototype: Memory } }
interface Memory {
  buffer: ArrayBuffer
  grow(pages: number): number
}

export interface JqRequest {
  id: number
  program: string
  inputs: string
}

export type JqAnswer = { id: number; output: string } | { id: number; error: string }

/** In pages of 64 KiB: 768 MiB, enough for a page of 500 large objects, and an end to expressions without bounds. */
const MAX_MEMORY_PAGES = 12_288

/**
 * The limit of a worker's heap does not count the memory of WebAssembly, which may take 4 GiB of a runner that other
 * steps share. Growing beyond the limit fails as it does when the machine has no more.
 */
function limitMemory(): void {
  const { prototype } = WebAssembly.Memory
  const grow = prototype.grow
  prototype.grow = function (this: Memory, pages: number): number {
    if (this.buffer.byteLength / 65_536 + pages > MAX_MEMORY_PAGES) throw new RangeError('jq may not have more memory')
    return grow.call(this, pages)
  }
}

async function serve(port: MessagePort): Promise<void> {
  limitMemory()
  const jq = await loadJq()
  port.on('message', ({ id, program, inputs }: JqRequest) => {
    const { stdout, stderr, exitCode } = jq.raw(inputs, program, ['-c'])
    const answer: JqAnswer = exitCode === 0 ? { id, output: stdout } : { id, error: stderr || `exit code ${exitCode}` }
    port.postMessage(answer)
  })
  port.postMessage('ready')
}

// An error here ends the worker; the engine reports it to whoever waits for an answer.
if (parentPort) await serve(parentPort)
