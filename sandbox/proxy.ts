/** A forward proxy on loopback that tunnels with CONNECT, as proxies of companies do. */
import { createServer } from 'node:http'
import { type AddressInfo, connect } from 'node:net'

export interface ProxySandbox {
  url: string
  /** `host:port` of every tunnel that was asked for. */
  tunnels: string[]
  stop(): Promise<void>
}

/** @param credentials what `Proxy-Authorization` has to say, as `user:password`; undefined where it is open */
export async function startProxy(credentials?: string): Promise<ProxySandbox> {
  const tunnels: string[] = []
  const server = createServer((_, response) => response.writeHead(405).end())
  server.on('connect', (request, client, head) => {
    const expected = credentials && `Basic ${Buffer.from(credentials).toString('base64')}`
    if (expected !== undefined && request.headers['proxy-authorization'] !== expected) {
      client.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
      return
    }
    tunnels.push(String(request.url))
    const { hostname, port } = new URL(`http://${request.url}`)
    const upstream = connect(Number(port), hostname, () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      upstream.write(head)
      upstream.pipe(client)
      client.pipe(upstream)
    })
    for (const socket of [upstream, client]) socket.on('error', () => [upstream, client].map(one => one.destroy()))
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://${credentials === undefined ? '' : `${credentials}@`}127.0.0.1:${(server.address() as AddressInfo).port}`,
    tunnels,
    stop: () =>
      new Promise(resolve => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
