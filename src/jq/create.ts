/** Chooses the engine. */
import type { JqEngine } from './engine.ts'
import { createNativeEngine } from './native.ts'
import { createWasmEngine } from './wasm.ts'

/**
 * @param jqPath a jq executable; undefined for the bundled jq 1.8
 * @param stop ends what is being evaluated
 * @throws {ConfigError} when there is no executable at `jqPath`
 */
export function createEngine(jqPath: string | undefined, stop: AbortSignal): JqEngine {
  return jqPath === undefined ? createWasmEngine({ stop }) : createNativeEngine(jqPath, stop)
}
