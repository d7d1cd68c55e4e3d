/** What jq costs: the shipped issue mapping as the action runs it, next to its program run once by the engine itself. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { buildSchema, graphql } from 'graphql'
import { loadJq } from 'jq-wasm/inline'
import { createTenant } from '../sandbox/wiz/index.ts'
import { checkOffline } from '../src/check/check.ts'
import { createWasmEngine } from '../src/jq/wasm.ts'
import { stringifyJson } from '../src/json.ts'
import { chooseBlueprints } from '../src/mapping/choose.ts'
import { compileResource } from '../src/mapping/compile.ts'
import { Evaluator } from '../src/mapping/evaluate.ts'
import { readMapping } from '../src/mapping/file.ts'
import { kinds } from '../src/wiz/kinds.ts'
import { crawlDocument, ISSUES } from '../src/wiz/queries.ts'

const PAGE = 500
const PAGES = 10
const ROUNDS = 5

export interface MappingSpeed {
  /** Issues a second, page by page, as a run does it. */
  paged: number
  /** Issues a second in one call of jq over all pages, without a worker. */
  bare: number
}

function engineOfBundle() {
  return createWasmEngine({ workerUrl: new URL('../dist/jq-worker/index.js', import.meta.url) })
}

export async function measureMapping(): Promise<MappingSpeed> {
  const blueprint = JSON.parse(readFileSync('mappings/blueprints/wiz-issue.json', 'utf8'))
  const { mapping } = chooseBlueprints(readMapping('mappings/wiz.yml', 'mappings/wiz.yml').mapping, new Map())
  const resource = mapping.resources.find(({ kind }) => kind === 'issue')
  if (resource === undefined) throw new Error('the shipped mapping has issues')
  const compiled = compileResource(resource, new Map([['wizIssue', blueprint]]))
  const texts = (await issues()).map(stringifyJson)

  const engine = engineOfBundle()
  const evaluator = new Evaluator(compiled, engine)
  await evaluator.evaluate(texts)
  const jq = await loadJq()
  const inputs = Array.from({ length: PAGES }, () => texts.join('\n')).join('\n')
  const speed: MappingSpeed = { paged: 0, bare: 0 }
  // In turns, and the best of each: whatever else the machine does meets both.
  for (let round = 0; round < ROUNDS; round += 1) {
    const paged = await perSecond(async () => {
      for (let page = 0; page < PAGES; page += 1) await evaluator.evaluate(texts)
    })
    const bare = await perSecond(async () => void jq.raw(inputs, compiled.program.text, ['-c']))
    speed.paged = Math.max(speed.paged, paged)
    speed.bare = Math.max(speed.bare, bare)
  }
  await engine.close()
  return speed
}

async function perSecond(work: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return (PAGE * PAGES) / ((performance.now() - startedAt) / 1000)
}

/** Seconds to validate a mapping of 50 KB against 20 recorded issues. */
export async function measureValidation(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'wiz-to-port-bench-'))
  const shipped = readFileSync('mappings/wiz.yml', 'utf8')
  const [head = '', ...resources] = shipped.split(/^ {2}(?=- kind: )/m)
  const issue = resources.find(text => text.startsWith('- kind: issue')) ?? ''
  let mapping = head
  while (mapping.length < 50_000) mapping += `  ${issue}`
  await writeFile(join(folder, 'map.yml'), mapping)
  await mkdir(join(folder, 'examples', 'issue'), { recursive: true })
  await writeFile(join(folder, 'examples', 'issue', 'recorded.json'), JSON.stringify((await issues()).slice(0, 16)))

  const engine = engineOfBundle()
  const startedAt = performance.now()
  const { findings } = await checkOffline({
    path: join(folder, 'map.yml'),
    name: 'map.yml',
    workspace: folder,
    actionRoot: '.',
    engine,
  })
  const seconds = (performance.now() - startedAt) / 1000
  await engine.close()
  rmSync(folder, { recursive: true })
  if (findings.some(({ level }) => level === 'error')) throw new Error('the mapping is valid')
  return seconds
}

/** A page of issues in the form in which they reach jq. */
async function issues(): Promise<Record<string, unknown>[]> {
  const tenant = createTenant({ issues: PAGE, projects: 40 })
  const schema = buildSchema(readFileSync('sandbox/wiz/schema.graphql', 'utf8'))
  const nodes = Array.from({ length: PAGE }, (_, index) => tenant.issueAt(index))
  const rootValue = { issuesV2: { nodes, pageInfo: { hasNextPage: false, endCursor: null }, totalCount: PAGE } }
  const result = await graphql({
    schema,
    source: crawlDocument(ISSUES),
    rootValue,
    variableValues: { first: PAGE, withTotalCount: true },
  })
  const { issuesV2 } = JSON.parse(JSON.stringify(result.data)) as { issuesV2: { nodes: Record<string, unknown>[] } }
  return issuesV2.nodes.flatMap(node => kinds.issue.extract(node))
}
