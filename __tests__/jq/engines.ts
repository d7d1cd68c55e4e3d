/** The engines that the suite runs against: the bundled one, and the machine's own jq where there is one. */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import type { JqEngine } from '../../src/jq/engine.ts'
import { createNativeEngine } from '../../src/jq/native.ts'
import { createWasmEngine, type WasmEngineOptions } from '../../src/jq/wasm.ts'

const WORKER = new URL('../../dist/jq-worker/index.js', import.meta.url)
const NATIVE = ['/usr/bin/jq', '/usr/local/bin/jq', '/opt/homebrew/bin/jq'].find(path => existsSync(path))

export function wasmEngine(options: WasmEngineOptions = {}): JqEngine {
  return createWasmEngine({ workerUrl: WORKER, ...options })
}

export interface EngineUnderTest {
  name: string
  /** Such as 1.6. */
  version: number
  isNative: boolean
  create: (stop?: AbortSignal) => Promise<JqEngine>
}

export const engines: EngineUnderTest[] = [
  { name: 'bundled jq 1.8', version: 1.8, isNative: false, create: async stop => wasmEngine(stop && { stop }) },
  ...(NATIVE === undefined
    ? []
    : [
        {
          name: `native ${versionOf(NATIVE)}`,
          version: numberOf(NATIVE),
          isNative: true,
          create: async (stop?: AbortSignal) => createNativeEngine(NATIVE, stop),
        },
      ]),
]

if (NATIVE === undefined) console.warn('no jq on this machine: the native engine is not tested')

function versionOf(path: string): string {
  return execFileSync(path, ['--version'], { encoding: 'utf8' }).trim()
}

function numberOf(path: string): number {
  return Number(/(\d+\.\d+)/.exec(versionOf(path))?.[1] ?? 0)
}
