/** Runs the bundled action as GitHub's runner would: a process of its own, inputs in the environment, files for results. */
import { spawn } from 'node:child_process'

import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'

import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { Report } from '../src/report/model.ts'
import type { PortSandbox } from './port/index.ts'
import type { WizSandbox } from './wiz/index.ts'

export interface RunOptions {
  inputs?: Record<string, string>
  /** Files of the repository, by path. */
  files?: Record<string, string>
  /** Links in the repository, by path; where they lead to is relative to the place of the link. */
  links?: Record<string, string>
  /** The event that triggered the workflow; default `schedule`. */
  event?: string
  /** What triggered it, as the runner writes it into a file. */
  payload?: object
  env?: Record<string, string>
  /** What becomes of what the process prints: a reader that is gone, or a disk that is full; default is that it is read. */
  output?: 'closed' | 'full'
  /** Called with the process once it runs, for signals. */
  onStart?: (kill: (signal: NodeJS.Signals) => void) => void
  /** Called with every line as it is printed. */
  onLine?: (line: string) => void
}

const REPOSITORY = 'sandbox/repository'

/** What triggered a workflow, where nothing else is said. */
const PAYLOADS: Readonly<Record<string, object>> = {
  pull_request: {
    pull_request: { number: 1, base: { sha: '0'.repeat(40) }, head: { repo: { full_name: REPOSITORY } } },
    repository: { private: false },
  },
}

export interface Annotation {
  level: 'error' | 'warning' | 'notice'
  message: string
  /** `file:line:column`, where it has one. */
  place?: string
}

export interface RunResult {
  exitCode: number | null
  /** Standard output and error as they came, before masking. */
  rawLog: string
  /** What the runner would show: masked, without its commands. */
  log: string
  /** Error, warning and notice annotations. */
  annotations: Annotation[]
  outputs: Record<string, string>
  summary: string
  report: Report | undefined
  /** The report to look at. */
  page: string | undefined
  /** Values that the process asked to mask. */
  masked: string[]
  peakMemoryMb: number
}

const BUNDLE = fileURLToPath(new URL('../dist/index.js', import.meta.url))

/** The inputs that point the action at the sandbox. */
export function sandboxInputs(wiz: WizSandbox, port: PortSandbox): Record<string, string> {
  return {
    'wiz-client-id': wiz.clientId,
    'wiz-client-secret': wiz.clientSecret,
    'wiz-api-url': wiz.apiUrl,
    'wiz-token-url': wiz.tokenUrl,
    'wiz-audience': wiz.audience,
    // The sandbox allows ten a second; the default of three would make every test wait.
    'wiz-requests-per-second': '9',
    'port-client-id': port.clientId,
    'port-client-secret': port.clientSecret,
    'port-base-url': port.url,
  }
}

export async function runAction(options: RunOptions): Promise<RunResult> {
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-run-'))
  const workspace = join(folder, 'workspace')
  const files = { output: join(folder, 'output'), summary: join(folder, 'summary'), event: join(folder, 'event.json') }
  mkdirSync(workspace)
  for (const path of [files.output, files.summary]) writeFileSync(path, '')
  const { event = 'schedule' } = options
  writeFileSync(files.event, JSON.stringify(options.payload ?? PAYLOADS[event] ?? {}))
  for (const [path, content] of Object.entries(options.files ?? {})) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    writeFileSync(join(workspace, path), content)
  }
  for (const [path, target] of Object.entries(options.links ?? {})) {
    mkdirSync(dirname(join(workspace, path)), { recursive: true })
    symlinkSync(target, join(workspace, path))
  }
  const inputs = Object.entries(options.inputs ?? {}).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])
  const env = {
    PATH: process.env.PATH ?? '',
    GITHUB_ACTIONS: 'true',
    GITHUB_EVENT_NAME: event,
    GITHUB_REPOSITORY: REPOSITORY,
    GITHUB_WORKSPACE: workspace,
    GITHUB_EVENT_PATH: files.event,
    GITHUB_OUTPUT: files.output,
    GITHUB_STEP_SUMMARY: files.summary,
    RUNNER_TEMP: folder,
    ...Object.fromEntries(inputs),
    ...options.env,
  }
  try {
    const { exitCode, rawLog, peakMemoryMb } = await runProcess(workspace, env, options)
    return {
      exitCode,
      rawLog,
      peakMemoryMb,
      ...readLog(rawLog),
      outputs: readOutputs(readFileSync(files.output, 'utf8')),
      summary: readFileSync(files.summary, 'utf8'),
      report: readReport(join(folder, 'wiz-to-port', 'report.json')),
      page: readText(join(folder, 'wiz-to-port', 'report.html')),
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Prints the peak memory of the process it runs in; loaded before the bundle. */
const MEMORY_PROBE = `data:text/javascript,${encodeURIComponent(
  "process.on('exit', () => process.stderr.write('peak-memory-kb=' + process.resourceUsage().maxRSS + '\\n'))",
)}`

function runProcess(cwd: string, env: NodeJS.ProcessEnv, options: RunOptions) {
  return new Promise<{ exitCode: number | null; rawLog: string; peakMemoryMb: number }>((resolve, reject) => {
    const to = options.output === 'full' ? openSync('/dev/full', 'w') : 'pipe'
    const child = spawn(process.execPath, ['--import', MEMORY_PROBE, BUNDLE], { cwd, env, stdio: ['ignore', to, to] })
    if (typeof to === 'number') closeSync(to)
    const chunks: string[] = []
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue
      if (options.output === 'closed') stream.destroy()
      stream.setEncoding('utf8')
      stream.on('data', (chunk: string) => {
        chunks.push(chunk)
        for (const line of chunk.split('\n')) if (line !== '') options.onLine?.(line)
      })
    }
    child.on('error', reject)
    child.on('spawn', () => options.onStart?.(signal => child.kill(signal)))
    child.on('close', exitCode => {
      const all = chunks.join('')
      const peak = /peak-memory-kb=(\d+)\n/.exec(all)
      resolve({
        exitCode,
        rawLog: all.replace(/peak-memory-kb=\d+\n/, ''),
        peakMemoryMb: Number(peak?.[1] ?? 0) / 1024,
      })
    })
  })
}

/** Reads the log by the runner's rules: `::name properties::message` at the start of a line is a command. */
function readLog(rawLog: string): Pick<RunResult, 'log' | 'annotations' | 'masked'> {
  const masked: string[] = []
  const annotations: RunResult['annotations'] = []
  const shown: string[] = []
  for (const line of rawLog.split('\n')) {
    const command = /^\s*::([a-z-]+)(?: ([^:]*))?::(.*)$/.exec(line)
    const [, name, properties = '', value = ''] = command ?? []
    const message = unescapeCommand(value)
    if (name === 'add-mask') masked.push(message)
    else if (name === 'error' || name === 'warning' || name === 'notice')
      annotations.push({ level: name, message, ...placeOf(properties) })
    else if (name === 'group') shown.push(`▼ ${message}`)
    else if (name === undefined) shown.push(line)
  }
  const log = masked.reduce((text, secret) => text.replaceAll(secret, '***'), shown.join('\n'))
  return { log, annotations, masked }
}

function unescapeCommand(text: string): string {
  return text.replaceAll('%0A', '\n').replaceAll('%0D', '\r').replaceAll('%25', '%')
}

function placeOf(properties: string): Pick<Annotation, 'place'> {
  const pairs = properties.split(',').map(pair => pair.split('=') as [string, string?])
  const { file, line, col } = Object.fromEntries(pairs)
  if (file === undefined) return {}
  const path = unescapeCommand(file.replaceAll('%3A', ':').replaceAll('%2C', ','))
  return { place: `${path}:${line}:${col}` }
}

/** The file format of outputs: `name<<delimiter`, the value, the delimiter. */
function readOutputs(text: string): Record<string, string> {
  const outputs: Record<string, string> = {}
  for (const [, name, , value] of text.matchAll(/^([^\n]+?)<<(\S+)\n([\s\S]*?)\n\2$/gm)) {
    if (name !== undefined && value !== undefined) outputs[name] = value
  }
  return outputs
}

const validateReport = new Ajv2020({ strict: false }).compile(
  JSON.parse(readFileSync(new URL('../docs/report.schema.json', import.meta.url), 'utf8')),
)

/** @throws {Error} when the report is not what its published schema says */
function readReport(path: string): Report | undefined {
  if (!existsSync(path)) return undefined
  const report: unknown = JSON.parse(readFileSync(path, 'utf8'))
  if (!validateReport(report)) {
    throw new Error(`the report is not valid: ${JSON.stringify(validateReport.errors?.slice(0, 3))}`)
  }
  return report as Report
}

function readText(path: string): string | undefined {
  return existsSync(path) ? readFileSync(path, 'utf8') : undefined
}
