/** Chooses the engine. */
import type { JqEngine } from './engine.ts'
import { createNativeEngine } from './native.ts'
import { createWasmEngine } from './wasm.ts'

/**
 * @param jqPath a jq executable; undefined for the bundled jq 1.8
 * @throws {ConfigError} when there is no executable at `jqPath`
 */
export function createEngine(jqPath: string | undefined): JqEngine {
  return jqPath === undefined ? createWasmEngine() : createNativeEngine(jqPath)
}
