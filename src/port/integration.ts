/**
 * The record by which Port shows an installation among its data sources: its version, the mapping in force, and whether
 * it is running. Port's contract for these routes is not published; it is read from Ocean's client.
 */
import { ServiceError } from '../errors.ts'
import { PortError } from './answer.ts'
import type { PortClient } from './client.ts'

export interface Integration {
  /** The installation. */
  identifier: string
  version: string
  /** The mapping, as it is in its file. */
  config: Record<string, unknown>
}

/** What Port calls the state of a resync. */
export type ResyncStatus = 'running' | 'completed' | 'failed' | 'aborted'

export interface ResyncState {
  status: ResyncStatus
  lastResyncStart: string
  lastResyncEnd: string | null
}

/** Tells our records from those of Ocean, whose mapping must not be overwritten. */
const APP_TYPE = 'wiz-to-port'

/** The record is another integration's. */
export class ForeignIntegrationError extends ServiceError {}

/**
 * Creates the record, or brings it up to date.
 *
 * @throws {PortError} when Port refuses
 * @throws {ForeignIntegrationError} when the record is not ours
 */
export async function keepIntegration(port: PortClient, { identifier, version, config }: Integration): Promise<void> {
  const path = integrationPath(identifier)
  const known = (await readIntegration(port, path)) ?? (await createIntegration(port, { identifier, version, config }))
  if (known === undefined) return
  const { installationAppType: type } = known
  if (type !== APP_TYPE) {
    throw new ForeignIntegrationError(
      `Port has an integration "${identifier}" of the type ${JSON.stringify(type)} already`,
      409,
    )
  }
  // A PATCH without a body would ask for a resync.
  if (known.version !== version) await port.call({ method: 'PATCH', path, body: JSON.stringify({ version }) })
  if (JSON.stringify(known.config) !== JSON.stringify(config)) {
    const headers = { 'x-skip-resync': 'true' }
    await port.call({ method: 'PATCH', path: `${path}/config`, headers, body: JSON.stringify({ config }) })
  }
}

/** @returns the record when it is there by now, because another run has created it, or an answer was lost */
async function createIntegration(port: PortClient, { identifier, version, config }: Integration) {
  const body = {
    installationId: identifier,
    installationAppType: APP_TYPE,
    title: `Wiz (${identifier})`,
    version,
    changelogDestination: {},
    config,
  }
  try {
    await port.call({ method: 'POST', path: '/v1/integration', body: JSON.stringify(body) })
    return undefined
  } catch (error) {
    if (error instanceof PortError && error.status === 409) return readIntegration(port, integrationPath(identifier))
    throw error
  }
}

async function readIntegration(port: PortClient, path: string): Promise<Record<string, unknown> | undefined> {
  try {
    const { integration } = await port.call({ method: 'GET', path, query: { byField: 'installationId' } })
    return integration !== null && typeof integration === 'object' ? { ...integration } : undefined
  } catch (error) {
    if (error instanceof PortError && error.status === 404) return undefined
    throw error
  }
}

/** @throws {PortError} when Port refuses */
export async function setResyncState(port: PortClient, identifier: string, state: ResyncState): Promise<void> {
  const path = `${integrationPath(identifier)}/resync-state`
  await port.call({ method: 'PATCH', path, body: JSON.stringify(state) })
}

/**
 * @param examples raw objects of a kind, with nothing secret in them
 * @throws {PortError} when Port refuses
 */
export async function sendExamples(
  port: PortClient,
  identifier: string,
  kind: string,
  examples: readonly unknown[],
): Promise<void> {
  const path = `${integrationPath(identifier)}/kinds/${encodeURIComponent(kind)}/examples`
  await port.call({ method: 'POST', path, body: JSON.stringify({ examples }) })
}

function integrationPath(identifier: string): string {
  return `/v1/integration/${encodeURIComponent(identifier)}`
}
