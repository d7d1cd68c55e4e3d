/**
 * Looks at what packages read from the environment while they are loaded, and that some of them end the process on: has to
 * be evaluated before all others. What cannot be used is taken away here, and told with the inputs.
 */
import { readFileSync } from 'node:fs'
import { messageOf } from './errors.ts'

/** Whole sentences; with any of them nothing may be asked of anybody. */
export const environmentProblems: string[] = []

const PROXY_VARIABLES = ['http_proxy', 'https_proxy', 'HTTP_PROXY', 'HTTPS_PROXY'] as const

checkEventFile()
for (const name of PROXY_VARIABLES) checkProxy(name)

/** @actions/github parses the file when it is loaded. */
function checkEventFile(): void {
  const path = process.env.GITHUB_EVENT_PATH
  if (!path) return
  try {
    JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    // A missing one is passed over there with a line in the log.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return
    delete process.env.GITHUB_EVENT_PATH
    environmentProblems.push(`GITHUB_EVENT_PATH: the event in ${path} cannot be read: ${messageOf(error)}.`)
  }
}

/** @actions/github and undici make an agent for it, which knows two protocols and throws at what it cannot decode. */
function checkProxy(name: (typeof PROXY_VARIABLES)[number]): void {
  const problem = proxyProblem(process.env[name] ?? '')
  if (problem === undefined) return
  delete process.env[name]
  environmentProblems.push(`${name}: ${problem}.`)
}

/** The value is never repeated: it may hold a password. */
function proxyProblem(proxy: string): string | undefined {
  if (proxy === '') return undefined
  if (!URL.canParse(proxy)) return 'is not a URL; expected something like http://proxy.example.com:3128'
  const { protocol, username, password } = new URL(proxy)
  if (!['http:', 'https:'].includes(protocol))
    return `${protocol} is no proxy that can be used; expected http: or https:`
  try {
    decodeURIComponent(`${username}${password}`)
    return undefined
  } catch {
    return 'its user or password has a percent sign that begins no escape; write it as %25'
  }
}
