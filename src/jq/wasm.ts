/** jq 1.8 as WebAssembly, in a worker of its own: without environment, ended from outside when it does not answer. */
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import pLimit from 'p-limit'
import { assertOutput, DEFAULT_LIMITS, failureFrom, type JqEngine, JqFailure, NEVER, timeout } from './engine.ts'
import type { JqAnswer, JqRequest } from './wasm-worker.ts'

export interface WasmEngineOptions {
  /** The worker's script; in the bundle it lies beside the main script. */
  workerUrl?: URL
  /** Ends what is being evaluated. */
  stop?: AbortSignal
}

/** For texts on their way in and out; jq's own memory is limited in the worker. */
const HEAP_LIMIT_MB = 512

/** Out of memory, out of stack, and whatever else WebAssembly breaks off with: all of it comes from going too far. */
const EXHAUSTED = 'jq ran out of memory or recursed too deeply; an expression builds too much'

export function createWasmEngine(options: WasmEngineOptions = {}): JqEngine {
  const { stop = NEVER } = options
  // Not written as `new Worker(new URL(...))`: the bundler would copy the unbundled file for that form.
  const script = fileURLToPath(options.workerUrl ?? new URL(['jq-worker', 'index.js'].join('/'), import.meta.url))
  // One at a time, so that nobody's wall time is spent on waiting for others, and nobody is lost with another's worker.
  const turn = pLimit(1)
  let worker: Worker | undefined
  let lastId = 0

  /** Resolves when jq is loaded: its start is nobody's wall time. */
  async function start(): Promise<Worker> {
    const started = new Worker(script, {
      env: {},
      resourceLimits: { maxOldGenerationSizeMb: HEAP_LIMIT_MB },
      // What jq's runtime prints when it breaks off would stand in the log; it is told as a failure.
      stdout: true,
      stderr: true,
    })
    await once(started, 'message')
    // An idle engine must not keep the process alive.
    started.unref()
    return started
  }

  async function ask(program: string, inputs: string, timeoutMs: number, onTimeout: () => JqFailure): Promise<string> {
    worker ??= await start()
    stop.throwIfAborted()
    const current = worker
    const request: JqRequest = { id: ++lastId, program, inputs }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => replace(onTimeout()), timeoutMs)
      current.on('message', take)
      current.on('error', fail)
      stop.addEventListener('abort', end)
      current.postMessage(request)

      function take(answer: JqAnswer): void {
        if (answer.id !== request.id) return
        release()
        if ('output' in answer) resolve(answer.output)
        else reject(failureFrom(answer.error))
      }

      function fail(error: Error): void {
        replace(new JqFailure(EXHAUSTED, { cause: error }))
      }

      function end(): void {
        replace(stop.reason)
      }

      /** Ends the worker, whatever state the expression left it in; the next run starts a fresh one. */
      function replace(reason: unknown): void {
        release()
        worker = undefined
        // A late error of a worker that is being ended is nobody's.
        current.on('error', () => {})
        void current.terminate().then(() => reject(reason))
      }

      function release(): void {
        clearTimeout(timer)
        current.off('message', take)
        current.off('error', fail)
        stop.removeEventListener('abort', end)
      }
    })
  }

  return {
    run: (program, inputs, asked) =>
      turn(async () => {
        stop.throwIfAborted()
        const limits = { ...DEFAULT_LIMITS, ...asked }
        return assertOutput(await ask(program, inputs, limits.timeoutMs, () => timeout(limits)), limits)
      }),
    async close() {
      await worker?.terminate()
      worker = undefined
    },
  }
}
