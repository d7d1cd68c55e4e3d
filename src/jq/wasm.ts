/** jq 1.8 as WebAssembly, in a worker of its own: without environment, ended from outside when it does not answer. */
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { type JqEngine, JqFailure, shapeJqError } from './engine.ts'
import type { JqAnswer, JqRequest } from './wasm-worker.ts'

export interface WasmEngineOptions {
  /** The worker's script; in the bundle it lies beside the main script. */
  workerUrl?: URL
  /** How long one run may take, in milliseconds. */
  timeoutMs?: number
}

const TIMEOUT_MS = 60_000
/** Enough for a page of 500 large objects, and an end to expressions that build without bounds. */
const MEMORY_LIMIT_MB = 512

interface Waiting {
  resolve: (output: string) => void
  reject: (error: Error) => void
  timer: NodeJS.Timeout
}

export function createWasmEngine(options: WasmEngineOptions = {}): JqEngine {
  // Not written as `new Worker(new URL(...))`: the bundler would copy the unbundled file for that form.
  const script = fileURLToPath(options.workerUrl ?? new URL(['jq-worker', 'index.js'].join('/'), import.meta.url))
  const timeoutMs = options.timeoutMs ?? TIMEOUT_MS
  const waiting = new Map<number, Waiting>()
  let worker: Worker | undefined
  let lastId = 0

  function start(): Worker {
    const started = new Worker(script, { env: {}, resourceLimits: { maxOldGenerationSizeMb: MEMORY_LIMIT_MB } })
    started.on('message', (answer: JqAnswer) => settle(answer))
    started.on('error', error => replace(new JqFailure(`the jq engine ended: ${error.message}`, { cause: error })))
    // An idle engine must not keep the process alive.
    started.unref()
    return started
  }

  function settle(answer: JqAnswer): void {
    const run = waiting.get(answer.id)
    if (run === undefined) return
    waiting.delete(answer.id)
    clearTimeout(run.timer)
    if ('output' in answer) run.resolve(answer.output)
    else run.reject(new JqFailure(shapeJqError(answer.error)))
  }

  /** Ends the engine, and with it everything that it was asked; the next run starts a fresh one. */
  function replace(reason: JqFailure): void {
    const ended = worker
    worker = undefined
    for (const run of waiting.values()) {
      clearTimeout(run.timer)
      run.reject(reason)
    }
    waiting.clear()
    void ended?.terminate()
  }

  return {
    run(program, inputs) {
      worker ??= start()
      const request: JqRequest = { id: ++lastId, program, inputs }
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          replace(new JqFailure(`no result after ${timeoutMs / 1000} s; an expression may never end`))
        }, timeoutMs)
        waiting.set(request.id, { resolve, reject, timer })
        worker?.postMessage(request)
      })
    },
    async close() {
      await worker?.terminate()
      worker = undefined
    },
  }
}
