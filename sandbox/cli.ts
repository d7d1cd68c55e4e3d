/** `npm run sandbox`: a Wiz and a Port on loopback that keep running, for trying things by hand. */
import { parseArgs } from 'node:util'
import { startPort } from './port/index.ts'
import { createTenant, startWiz } from './wiz/index.ts'

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    projects: { type: 'string', default: '40' },
    issues: { type: 'string', default: '2000' },
    'wiz-latency': { type: 'string', default: '0' },
    'port-latency': { type: 'string', default: '0' },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
})

if (values.help) {
  console.log(`npm run sandbox -- [--seed 1] [--projects 40] [--issues 2000] [--wiz-latency ms] [--port-latency ms] [--json]

Starts a Wiz and a Port on free ports of 127.0.0.1, prints their URLs and credentials, and runs until it is interrupted.
With --json they are printed as one line of JSON.`)
  process.exit(0)
}

const tenant = createTenant({
  seed: Number(values.seed),
  projects: Number(values.projects),
  issues: Number(values.issues),
})
const wiz = await startWiz({ tenant, latencyMs: Number(values['wiz-latency']), recordBodies: false })
const port = await startPort({ latencyMs: Number(values['port-latency']), recordBodies: false })
const credentials = {
  wiz: {
    apiUrl: wiz.apiUrl,
    tokenUrl: wiz.tokenUrl,
    audience: wiz.audience,
    clientId: wiz.clientId,
    clientSecret: wiz.clientSecret,
  },
  port: { baseUrl: port.url, clientId: port.clientId, clientSecret: port.clientSecret },
}

if (values.json) {
  console.log(JSON.stringify(credentials))
} else {
  console.log(`Wiz   ${wiz.apiUrl}
      token URL      ${wiz.tokenUrl} (audience ${wiz.audience})
      client ID      ${wiz.clientId}
      client secret  ${wiz.clientSecret}
      tenant         ${values.projects} projects, ${values.issues} issues, seed ${values.seed}

Port  ${port.url}
      client ID      ${port.clientId}
      client secret  ${port.clientSecret}

Running until interrupted (Ctrl+C).`)
}

process.on('SIGINT', () => process.exit(0))
process.on('SIGTERM', () => process.exit(0))
