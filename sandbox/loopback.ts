/**
 * A loopback HTTP server that both sandbox services are built on: it reads bodies, adds latency, records every
 * request and applies faults, so that a service is only a function from request to answer.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Clock, createClock } from './clock.ts'
import { type Fault, type FaultAction, type RecordedRequest, takeFault } from './faults.ts'

export interface ServiceRequest {
  method: string
  path: string
  query: URLSearchParams
  headers: IncomingMessage['headers']
  body: string
  /** Size of the body on the wire, in bytes. */
  bodyBytes: number
}

export interface ServiceResponse {
  status: number
  headers?: Record<string, string>
  /** An object is sent as JSON; a string is sent as is, with the content type of `headers`. */
  body: unknown
}

export type Service = (request: ServiceRequest) => ServiceResponse | Promise<ServiceResponse>

export interface LoopbackServer {
  /** `http://127.0.0.1:<port>` */
  url: string
  faults: Fault[]
  requests: RecordedRequest[]
  /** The most requests that were under way at once. */
  peakConcurrency(): number
  stop(): Promise<void>
}

export interface LoopbackOptions {
  latencyMs?: number
  /** What the `Date` header of every answer says. */
  clock?: Clock
  /** Keep request bodies in the record; a benchmark with many large requests turns this off. Default true. */
  recordBodies?: boolean
}

/** Starts the service on a free port of 127.0.0.1. */
export async function startLoopback(service: Service, options: LoopbackOptions = {}): Promise<LoopbackServer> {
  const faults: Fault[] = []
  const requests: RecordedRequest[] = []
  const startedAt = performance.now()
  const clock = options.clock ?? createClock()

  let underWay = 0
  let peak = 0
  const server = createServer((incoming, outgoing) => {
    underWay += 1
    peak = Math.max(peak, underWay)
    outgoing.on('close', () => {
      underWay -= 1
    })
    handle(incoming, outgoing).catch(error => {
      outgoing.writeHead(500, { 'content-type': 'text/plain' })
      outgoing.end(`sandbox defect: ${error instanceof Error ? error.stack : String(error)}`)
    })
  })

  async function handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const request = await read(incoming)
    const record: RecordedRequest = {
      at: performance.now() - startedAt,
      method: request.method,
      path: request.path,
      query: request.query,
      headers: request.headers,
      body: options.recordBodies === false ? '' : request.body,
      status: 0,
    }
    requests.push(record)
    const fault = takeFault(faults, request)
    if (options.latencyMs) await sleep(options.latencyMs)
    if (fault?.kind === 'delay') await sleep(fault.milliseconds)
    if (fault?.kind === 'hold') await fault.until()
    if (fault?.kind === 'reset') return void incoming.socket.destroy()
    const response: ServiceResponse =
      fault?.kind === 'respond'
        ? { status: fault.status, body: fault.body ?? '', ...(fault.headers ? { headers: fault.headers } : {}) }
        : await service(request)
    if (fault?.kind === 'lose-answer') return void incoming.socket.destroy()
    outgoing.setHeader('date', new Date(clock.now()).toUTCString())
    record.status = send(incoming, outgoing, response, fault)
  }

  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    faults,
    requests,
    peakConcurrency: () => peak,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function read(incoming: IncomingMessage): Promise<ServiceRequest> {
  const chunks: Buffer[] = []
  for await (const chunk of incoming) chunks.push(chunk as Buffer)
  const buffer = Buffer.concat(chunks)
  const url = new URL(incoming.url ?? '/', 'http://sandbox')
  return {
    method: incoming.method ?? 'GET',
    path: url.pathname,
    query: url.searchParams,
    headers: incoming.headers,
    body: buffer.toString('utf8'),
    bodyBytes: buffer.length,
  }
}

/** Sends the answer as the fault wants it, and returns the status for the record. */
function send(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  response: ServiceResponse,
  fault: FaultAction | undefined,
): number {
  const status = fault?.kind === 'rewrite' ? (fault.status ?? response.status) : response.status
  const body = fault?.kind === 'rewrite' ? fault.rewrite(structuredClone(response.body)) : response.body
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const contentType = typeof body === 'string' ? 'text/html; charset=utf-8' : 'application/json; charset=utf-8'
  const bytes = Buffer.from(text)
  const changed = fault?.kind === 'rewrite' ? fault.headers : {}
  const headers = { 'content-type': contentType, 'content-length': bytes.length, ...response.headers, ...changed }
  outgoing.writeHead(status, headers)
  if (fault?.kind === 'stall') {
    outgoing.write(bytes.subarray(0, fault.afterBytes))
    return status
  }
  if (fault?.kind === 'trickle') {
    trickle(outgoing, bytes, fault.everyMs)
    return status
  }
  if (fault?.kind === 'cut-body') {
    outgoing.write(bytes.subarray(0, fault.afterBytes), () => incoming.socket.destroy())
    return 0
  }
  outgoing.end(bytes)
  return status
}

function trickle(outgoing: ServerResponse, bytes: Buffer, everyMs: number): void {
  let sent = 0
  const timer = setInterval(() => {
    if (sent === bytes.length || outgoing.destroyed) {
      clearInterval(timer)
      outgoing.end()
    } else outgoing.write(bytes.subarray(sent, ++sent))
  }, everyMs)
}
