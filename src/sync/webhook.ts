/** Sets up the alternative to a sync: a webhook of Port that Wiz posts issues to. */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, StoppedError } from '../errors.ts'
import { createBlueprints, readBlueprints } from '../port/blueprints.ts'
import type { PortClient } from '../port/client.ts'
import type { Blueprint } from '../port/model.ts'
import { createWebhook, readWebhook, updateWebhook, type Webhook } from '../port/webhooks.ts'
import type { Log } from '../report/log.ts'
import type { Recorder } from '../report/recorder.ts'
import { connect } from './connect.ts'
import type { SyncContext } from './sync.ts'

/** Wiz does not sign what it sends; it sends headers of its own, and Port compares one with the secret. */
const SECRET_HEADER = 'x-wiz-to-port-secret'
/** The header holds the secret itself. */
const SECRET_COMPARISON = 'plain'
const SECRET_BYTES = 32

export interface WebhookOutputs {
  url: string
  /** Empty when Port keeps the one that it has to itself. */
  secret: string
}

/**
 * Creates or updates the webhook, and its blueprint where Port has none.
 *
 * @returns where Wiz has to post to and with which secret; both are masked already
 * @throws {ConfigError} when Port has the blueprint of a sync, which the webhook's data does not fit
 */
export async function setUpWebhook(context: SyncContext): Promise<WebhookOutputs> {
  const { inputs, actionRoot, log, recorder, mask } = context
  log.group('Set up the webhook')
  const over = new AbortController()
  const until = (signal: AbortSignal) => AbortSignal.any([signal, over.signal])
  const connections = connect(inputs, log, { mask, stop: until(context.stop), abort: until(context.abort) })
  try {
    await prepareBlueprint(connections.port, readShipped<Blueprint>(actionRoot, 'wiz-issue.json'), context)
    const definition = readShipped<Webhook>(actionRoot, 'wiz-mapper.json')
    const known = await readWebhook(connections.port, definition.identifier)
    const { secret, security } = secure(known)
    if (secret !== '') mask(secret)
    const kept =
      known === undefined
        ? await createWebhook(connections.port, { ...definition, ...security })
        : await updateWebhook(connections.port, { ...definition, ...security })
    const url = kept?.url ?? known?.url ?? ''
    if (url !== '') mask(url)
    explain(known !== undefined, secret !== '', log, recorder)
    return { url, secret }
  } finally {
    over.abort(new StoppedError('The run is over'))
    recorder.report.port = connections.portTraffic.counts
    await connections.close()
  }
}

/**
 * The secret stays what it is where there is one for our header: Wiz knows it already. Everything else is mended, because
 * anybody may post to a webhook whose secret is empty, or compared with something else.
 *
 * @returns nothing to change where Port keeps a secret to itself: what is sent replaces all of it
 */
function secure(known: Webhook | undefined): { secret: string; security: Pick<Webhook, 'security'> } {
  const { secret, signatureHeaderName, signatureAlgorithm } = known?.security ?? {}
  const ours = signatureHeaderName === SECRET_HEADER
  if (ours && secret === undefined && signatureAlgorithm === SECRET_COMPARISON) return { secret: '', security: {} }
  const kept = ours && secret ? secret : randomBytes(SECRET_BYTES).toString('hex')
  const security = { secret: kept, signatureHeaderName: SECRET_HEADER, signatureAlgorithm: SECRET_COMPARISON }
  return { secret: kept, security: { security } }
}

async function prepareBlueprint(
  port: PortClient,
  shipped: Blueprint,
  { inputs, recorder, log }: Pick<SyncContext, 'inputs' | 'recorder' | 'log'>,
): Promise<void> {
  const present = (await readBlueprints(port)).get(shipped.identifier)
  if (present !== undefined) return refuseMisfit(present, shipped)
  if (inputs.blueprints === 'none') {
    throw new ConfigError(
      `Port has no blueprint "${shipped.identifier}", and blueprints is "none"; create it in Port, or set blueprints: create-missing.`,
    )
  }
  await createBlueprints(port, [shipped])
  recorder.report.createdBlueprints = [shipped.identifier]
  log.info(`Port: created the blueprint ${shipped.identifier}`)
}

/** Two blueprints go by the name of wizIssue: the webhook's has the control as a text, the sync's as a relation. */
function refuseMisfit({ identifier, schema, relations = {} }: Blueprint, shipped: Blueprint): void {
  if (Object.hasOwn(relations, 'control') && !Object.hasOwn(schema.properties, 'control')) {
    throw new ConfigError(
      `setup-webhook: blueprint "${identifier}" in Port is the one that a sync writes to, where "control" is a relation. The webhook writes it as a text, and nothing of what it writes would belong to the sync. Use live events instead (docs/live-events.md), which keep to the sync's blueprint, or set the webhook up in an organisation without a sync.`,
    )
  }
  const lacking = Object.entries(shipped.schema.properties).filter(
    ([name, { type }]) => schema.properties[name]?.type !== type,
  )
  if (lacking.length === 0) return
  const json = JSON.stringify(Object.fromEntries(lacking))
  throw new ConfigError(
    `setup-webhook: blueprint "${identifier}" in Port lacks what the webhook writes. Add this to its schema.properties, or remove what has these names in another type: ${json}`,
  )
}

function explain(existed: boolean, secretKnown: boolean, log: Log, recorder: Recorder): void {
  const secret = secretKnown
    ? 'its value is the output webhook-secret'
    : 'its value is the one that Wiz has already: Port does not tell it again'
  const steps = [
    `The webhook wiz_mapper was ${existed ? 'updated' : 'created'} in Port.`,
    'In Wiz, under Settings > Integrations, add a webhook: its URL is the output webhook-url (also in Port, under Data sources > Wiz Mapper).',
    `Give it the header ${SECRET_HEADER}; ${secret}. Port refuses what comes without it.`,
    'In Wiz, under Policies > Automation Rules, add a rule on issues whose action calls that webhook with the default body.',
  ]
  for (const step of steps) log.info(step)
  recorder.note(steps.join(' '))
}

function readShipped<T>(actionRoot: string, file: string): T {
  return JSON.parse(readFileSync(join(actionRoot, 'mappings', 'webhook', file), 'utf8'))
}
