/** Runs a sync in this process: hundreds of them in the time that a process of its own would take for a few. */
import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PortSandbox } from '../sandbox/port/index.ts'
import type { WizSandbox } from '../sandbox/wiz/index.ts'
import { StoppedError } from '../src/errors.ts'
import type { Inputs } from '../src/inputs.ts'
import type { JqEngine } from '../src/jq/engine.ts'
import { renderComment } from '../src/report/comment.ts'
import { explain } from '../src/report/explain.ts'
import { renderPage } from '../src/report/html/page.ts'
import { createLog, type Toolkit } from '../src/report/log.ts'
import type { Report } from '../src/report/model.ts'
import { reportParts } from '../src/report/parts.ts'
import { Recorder } from '../src/report/recorder.ts'
import { Redactor } from '../src/report/redact.ts'
import { renderSummary } from '../src/report/summary.ts'
import { sync } from '../src/sync/sync.ts'

export interface Session {
  /** Ends the run as a signal does. */
  stop: () => void
  /** Ends it as the death of its process does: nothing more is sent, and no answer is heard. */
  crash: () => void
}

export interface SessionOptions {
  wiz: WizSandbox
  port: PortSandbox
  engine: JqEngine
  /** The text of the mapping file. */
  mapping: string
  inputs?: Partial<Inputs>
  onStart?: (session: Session) => void
}

/** What a run has told, wherever it tells it. */
export interface Told {
  report: Report
  /** Lines of the log and annotations, as they are printed. */
  lines: string[]
  summary: string
  comment: string
  page: string
  json: string
  /** All tokens that were to be masked. */
  secrets: string[]
}

const workspace = mkdtempSync(join(tmpdir(), 'wiz-to-port-session-'))
let files = 0

export async function runSession(options: SessionOptions): Promise<Told> {
  const [stop, abort] = [new AbortController(), new AbortController()]
  const redactor = new Redactor()
  const secrets: string[] = []
  const mask = (secret: string) => {
    secrets.push(secret)
    redactor.add(secret)
  }
  const lines: string[] = []
  const log = createLog(redactor, { toolkit: collecting(lines) })
  const redact = (text: string) => redactor.text(text)
  const recorder = new Recorder()
  const inputs = inputsOf(options)
  for (const { clientSecret } of [inputs.wiz, inputs.port]) mask(clientSecret)
  recorder.report.mode = inputs.mode
  recorder.report.installation = inputs.installationId
  options.onStart?.({
    stop: () => stop.abort(new StoppedError('stopped')),
    crash() {
      stop.abort(new StoppedError('crashed'))
      abort.abort(new StoppedError('crashed'))
    },
  })
  const { engine } = options
  const signals = { stop: stop.signal, abort: abort.signal }
  try {
    await sync({ inputs, actionRoot: process.cwd(), engine, recorder, log, mask, redact, ...signals })
  } catch (error) {
    explain(error, recorder, log)
  }
  const report = recorder.finish()
  return {
    report,
    lines,
    summary: redactor.text(renderSummary(report)),
    comment: redactor.text(renderComment(report)),
    page: redactor.text(renderPage(report)),
    json: redactor.text([...reportParts(report)].join('')),
    secrets,
  }
}

function inputsOf({ wiz, port, mapping, inputs }: SessionOptions): Inputs {
  files += 1
  const name = `mapping-${files}.yml`
  const path = join(workspace, name)
  writeFileSync(path, mapping)
  return {
    mode: 'apply',
    modeReason: '',
    wiz,
    port: { ...port, baseUrl: port.url },
    workspace,
    mapping: { path, name, bundled: false },
    kinds: undefined,
    installationId: 'wiz',
    blueprints: 'create-missing',
    deleteStale: true,
    maxDeletePercent: undefined,
    allowMassDelete: false,
    jqPath: undefined,
    reportPath: '',
    timeBudgetMinutes: 10,
    github: undefined,
    proxy: undefined,
    registerIntegration: false,
    sendRawExamples: true,
    setupWebhook: false,
    showValues: true,
    expectPlanId: undefined,
    event: undefined,
    ...inputs,
  }
}

function collecting(lines: string[]): Toolkit {
  const take = (text: string | Error) => void lines.push(String(text))
  const endGroup = () => {}
  return { startGroup: take, endGroup, info: take, debug: take, notice: take, warning: take, error: take }
}
