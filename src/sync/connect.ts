/** Builds the two clients. They share one dispatcher and nothing else. */
import { setMaxListeners } from 'node:events'
import { Agent, EnvHttpProxyAgent } from 'undici'
import { ServiceClock } from '../http/clock.ts'
import { createExchange } from '../http/exchange.ts'
import { createPacer } from '../http/pacer.ts'
import { Traffic } from '../http/traffic.ts'
import type { Inputs } from '../inputs.ts'
import { createPortClient, type PortClient } from '../port/client.ts'
import { userAgent } from '../port/datasource.ts'
import type { Log } from '../report/log.ts'
import { VERSION } from '../version.ts'
import { createWizClient, type WizClient } from '../wiz/client.ts'

export interface Connections {
  wiz: WizClient
  port: PortClient
  wizTraffic: Traffic
  portTraffic: Traffic
  wizClock: ServiceClock
  portClock: ServiceClock
  close(): Promise<void>
}

/** Wiz's gateway gives up after about two minutes; waiting longer is pointless. */
const HEADERS_TIMEOUT_MS = 120_000
const BODY_TIMEOUT_MS = 120_000
const CONNECT_TIMEOUT_MS = 15_000

/**
 * @param stop aborts what only reads
 * @param abort aborts everything: writes in flight get more time than reads
 * @param mask told every token before it is used
 */
export function connect(
  inputs: Inputs,
  log: Log,
  { stop, abort, mask }: { stop: AbortSignal; abort: AbortSignal; mask: (secret: string) => void },
): Connections {
  // Every request in flight listens to them.
  setMaxListeners(0, stop, abort)
  const options = {
    connect: { timeout: CONNECT_TIMEOUT_MS },
    headersTimeout: HEADERS_TIMEOUT_MS,
    bodyTimeout: BODY_TIMEOUT_MS,
  }
  const dispatcher =
    inputs.proxy === undefined ? new Agent(options) : new EnvHttpProxyAgent({ ...options, ...inputs.proxy })
  const wizTraffic = new Traffic()
  const portTraffic = new Traffic()
  const wizClock = new ServiceClock()
  const portClock = new ServiceClock()
  const wiz = createWizClient({
    apiUrl: inputs.wiz.apiUrl,
    credentials: inputs.wiz,
    // Wiz asks partners for a GUID in front of this; without one, a plain product and version is the honest form.
    userAgent: `wiz-to-port/${VERSION}`,
    exchange: createExchange({ dispatcher, signal: stop, clock: wizClock }),
    pacer: createPacer(inputs.wiz.requestsPerSecond),
    traffic: wizTraffic,
    signal: stop,
    onToken: mask,
    onWait: message => log.info(`Wiz: ${message}`),
  })
  const port = createPortClient({
    baseUrl: inputs.port.baseUrl,
    clientId: inputs.port.clientId,
    clientSecret: inputs.port.clientSecret,
    userAgent: userAgent(VERSION, inputs.installationId),
    exchange: createExchange({ dispatcher, signal: abort, clock: portClock }),
    traffic: portTraffic,
    signal: abort,
    onToken: mask,
    onWait: message => log.info(`Port: ${message}`),
  })
  return { wiz, port, wizTraffic, portTraffic, wizClock, portClock, close: () => dispatcher.destroy() }
}
