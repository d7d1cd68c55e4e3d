/** TLS in front of a sandbox service, with a certificate that nobody has signed but itself. */
import { generateKeyPairSync, sign } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { type AddressInfo, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type TLSSocket } from 'node:tls'

export interface TlsSandbox {
  /** `https://127.0.0.1:<port>` */
  url: string
  /** A file with the certificate, for who is to trust it: the same one for all servers of a process. */
  certificateFile: string
  stop(): Promise<void>
}

let known: { key: string; certificate: string } | undefined

/** @param target URL of the service behind it, which speaks plain HTTP */
export async function startTls(target: string): Promise<TlsSandbox> {
  const { hostname, port } = new URL(target)
  known ??= selfSigned()
  const { key, certificate } = known
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-tls-'))
  const certificateFile = join(folder, 'certificate.pem')
  writeFileSync(certificateFile, certificate)
  const open = new Set<TLSSocket>()
  const server = createServer({ key, cert: certificate }, client => {
    const upstream = connect(Number(port), hostname)
    open.add(client)
    client.on('close', () => open.delete(client))
    for (const socket of [client, upstream]) socket.on('error', () => [client, upstream].map(one => one.destroy()))
    client.pipe(upstream).pipe(client)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    certificateFile,
    stop: () =>
      new Promise(resolve => {
        rmSync(folder, { recursive: true })
        server.close(() => resolve())
        for (const client of open) client.destroy()
      }),
  }
}

const DAY_MS = 86_400_000

/** A certificate for 127.0.0.1 that is valid today, as PEM: Node reads certificates, but makes none. */
function selfSigned(): { key: string; certificate: string } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const algorithm = der(0x30, oid('2a8648ce3d040302'))
  const name = der(0x30, der(0x31, der(0x30, oid('550403'), der(0x0c, Buffer.from('wiz-to-port sandbox')))))
  const extensions = der(
    0x30,
    // It is its own authority, and stands for an address.
    der(0x30, oid('551d13'), der(0x01, Buffer.of(0xff)), der(0x04, der(0x30, der(0x01, Buffer.of(0xff))))),
    der(0x30, oid('551d11'), der(0x04, der(0x30, der(0x87, Buffer.of(127, 0, 0, 1))))),
  )
  const signed = der(
    0x30,
    der(0xa0, der(0x02, Buffer.of(2))),
    der(0x02, Buffer.of(1)),
    algorithm,
    name,
    der(0x30, time(Date.now() - DAY_MS), time(Date.now() + DAY_MS)),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, extensions),
  )
  const signature = Buffer.concat([Buffer.of(0), sign('sha256', signed, privateKey)])
  const bytes = der(0x30, signed, algorithm, der(0x03, signature))
  return {
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    certificate: `-----BEGIN CERTIFICATE-----\n${bytes.toString('base64').replaceAll(/.{64}/g, '$&\n')}\n-----END CERTIFICATE-----\n`,
  }
}

/** A value in ASN.1's distinguished encoding: tag, length, content. */
function der(tag: number, ...contents: Buffer[]): Buffer {
  const content = Buffer.concat(contents)
  const { length } = content
  const size = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.concat([Buffer.of(tag, ...size), content])
}

function oid(hex: string): Buffer {
  return der(0x06, Buffer.from(hex, 'hex'))
}

/** UTCTime: two digits of the year, and so on to the second. */
function time(milliseconds: number): Buffer {
  const digits = new Date(milliseconds).toISOString().slice(2, 19).replaceAll(/\D/g, '')
  return der(0x17, Buffer.from(`${digits}Z`))
}
