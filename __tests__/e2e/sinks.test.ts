/** Whoever cannot be told how a run went does not change how it went: full disks, closed pipes, files that are not there. */
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import type { RunOptions, RunResult } from '../../sandbox/runner.ts'
import { held, startWorld, type World } from './harness.ts'

const SMALL = { tenant: { projects: 2, issues: 30 } }
const WRONG = { 'port-client-secret': 'wrong' }

interface Lost {
  inputs?: Record<string, string>
  options?: Omit<RunOptions, 'inputs'>
  /** The warning that says so. */
  said: RegExp
}

const LOST: Record<string, Lost> = {
  'the disk of the job summary is full': {
    options: { env: { GITHUB_STEP_SUMMARY: '/dev/full' } },
    said: /^The job summary could not be written: ENOSPC/,
  },
  'there is no file for the job summary': {
    options: { env: { GITHUB_STEP_SUMMARY: '/nowhere/summary' } },
    said: /^The job summary could not be written: .*\/nowhere\/summary/,
  },
  'the folder of the report is a file': {
    inputs: { 'report-path': 'file/report.json' },
    options: { files: { file: '' } },
    said: /^report-path: the report could not be written to .*file\/report\.json: E/,
  },
  'the report is a folder': {
    inputs: { 'report-path': 'folder' },
    options: { files: { 'folder/file': '' } },
    said: /^report-path: the report could not be written to .*folder: EISDIR/,
  },
  'the page beside the report is a folder': {
    inputs: { 'report-path': 'out/report.json' },
    options: { files: { 'out/report.html/file': '' } },
    said: /^report-path: the report to look at could not be written to .*report\.html: EISDIR/,
  },
  'there is no file for the outputs': {
    options: { env: { GITHUB_OUTPUT: '/nowhere/output' } },
    said: /^The outputs could not be set: .*\/nowhere\/output/,
  },
  'the disk of the outputs is full': {
    options: { env: { GITHUB_OUTPUT: '/dev/full' } },
    said: /^The outputs could not be set: ENOSPC/,
  },
}

/** Nothing was thrown that nobody caught. */
function calm({ rawLog }: RunResult): void {
  expect(rawLog).not.toMatch(/^\s+at |UnhandledPromise|node:internal/m)
}

function synced(world: World): void {
  expect(held(world.port, 'wizIssue').length).toBeGreaterThan(0)
  expect(held(world.port, 'wizIssue')).toHaveLength([...world.tenant.openIssues()].length)
}

describe.skipIf(!existsSync('/dev/full'))('where', () => {
  it.each(Object.entries(LOST))('%s, a sync is done and says so, and a failed one fails', async (_, lost) => {
    const world = await startWorld(SMALL)
    const result = await world.run(lost.inputs, lost.options)
    calm(result)
    expect(result.exitCode).toBe(0)
    synced(world)
    expect(result.annotations.map(({ level, message }) => `${level} ${message}`)).toEqual([
      expect.stringMatching(new RegExp(`warning ${lost.said.source.slice(1)}`)),
    ])
    if (!lost.said.source.includes('outputs')) expect(result.outputs.conclusion).toBe('success')
    // What can still be told is told.
    if (lost.inputs !== undefined) expect(result.summary).toContain('report-path: the report')

    const failed = await world.run({ ...WRONG, ...lost.inputs }, lost.options)
    calm(failed)
    expect(failed.exitCode).toBe(1)
    expect(failed.annotations.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^Port refused/))
  })

  it.each(['closed', 'full'] as const)('the log is %s, a sync is done, and a failed one fails', async output => {
    const world = await startWorld(SMALL)
    const result = await world.run({}, { output })
    expect(result.exitCode).toBe(0)
    synced(world)
    expect(result.outputs).toMatchObject({ conclusion: 'success', failed: '0' })
    expect(result.summary).toContain('✅ Port equals Wiz')
    const failed = await world.run(WRONG, { output })
    expect(failed.exitCode).toBe(1)
    expect(failed.outputs.conclusion).toBe('failed')
    expect(failed.summary).toContain('Port refused')
  })
})
