/** Port's webhooks: endpoints that map what is posted to them. */
import { PortError } from './answer.ts'
import type { PortClient } from './client.ts'

/** A webhook as Port answers it; members that are not named here are carried along untouched. */
export interface Webhook {
  identifier: string
  /** Where to post to: whoever knows it may post. */
  url?: string
  security?: { secret?: string | null; signatureHeaderName?: string | null; signatureAlgorithm?: string | null }
  [other: string]: unknown
}

/** @returns undefined when there is none */
export async function readWebhook(port: PortClient, identifier: string): Promise<Webhook | undefined> {
  try {
    return webhookOf(await port.call({ method: 'GET', path: webhookPath(identifier) }))
  } catch (error) {
    if (error instanceof PortError && error.status === 404) return undefined
    throw error
  }
}

/** Where it is there by now, because the answer to the first attempt was lost, it is brought up to date. */
export async function createWebhook(port: PortClient, definition: Webhook): Promise<Webhook | undefined> {
  try {
    return webhookOf(await port.call({ method: 'POST', path: '/v1/webhooks', body: JSON.stringify(definition) }))
  } catch (error) {
    if (error instanceof PortError && error.status === 409) return updateWebhook(port, definition)
    throw error
  }
}

/** Members that are sent replace those that were. */
export async function updateWebhook(port: PortClient, definition: Webhook): Promise<Webhook | undefined> {
  const path = webhookPath(definition.identifier)
  return webhookOf(await port.call({ method: 'PATCH', path, body: JSON.stringify(definition) }))
}

/** Port's answer has the webhook under `integration` (its contract does not say; read from its Terraform provider). */
function webhookOf({ integration }: Record<string, unknown>): Webhook | undefined {
  return integration !== null && typeof integration === 'object' ? (integration as Webhook) : undefined
}

function webhookPath(identifier: string): string {
  return `/v1/webhooks/${encodeURIComponent(identifier)}`
}
