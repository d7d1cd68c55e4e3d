/** Reads the state of every blueprint of a run, all at once. */
import type { PortClient } from '../port/client.ts'
import type { Log } from '../report/log.ts'
import { type Actual, readActual } from './actual.ts'
import type { Fingerprinter } from './fingerprint.ts'
import { BlueprintState } from './state.ts'

export interface StatesOptions {
  port: PortClient
  /** The mapped fields of each blueprint. */
  fields: ReadonlyMap<string, readonly string[]>
  /** Blueprints that were created just now, and are empty. */
  fresh: ReadonlySet<string>
  installationId: string
  fingerprint: Fingerprinter
  log: Log
}

export async function readStates(options: StatesOptions): Promise<Map<string, Actual>> {
  const { log, fresh } = options
  const onPage = (blueprint: string, count: number) =>
    log.progress(() => `Port: ${count} entities of ${blueprint} read`)
  const read = async ([blueprint, fields]: [string, readonly string[]]): Promise<[string, Actual]> => {
    if (!fresh.has(blueprint)) return [blueprint, await readActual(blueprint, fields, { ...options, onPage })]
    return [blueprint, { state: new BlueprintState(blueprint, fields), ownershipKnown: true }]
  }
  return new Map(await Promise.all([...options.fields].map(read)))
}
