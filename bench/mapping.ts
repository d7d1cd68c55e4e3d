/** How many issues a second the shipped mapping gets through jq, on one core. */
import { readFileSync } from 'node:fs'
import { buildSchema, graphql } from 'graphql'
import { createTenant } from '../sandbox/wiz/index.ts'
import { createWasmEngine } from '../src/jq/wasm.ts'
import { chooseBlueprints } from '../src/mapping/choose.ts'
import { compileResource } from '../src/mapping/compile.ts'
import { readMapping } from '../src/mapping/file.ts'
import { kinds } from '../src/wiz/kinds.ts'
import { ISSUES_QUERY } from '../src/wiz/queries.ts'

const PAGE = 500
const ROUNDS = 10

export async function measureMapping(): Promise<number> {
  const blueprint = JSON.parse(readFileSync('mappings/blueprints/wiz-issue.json', 'utf8'))
  const { mapping } = chooseBlueprints(readMapping('mappings/wiz.yml', 'mappings/wiz.yml').mapping, new Map())
  const resource = mapping.resources.find(({ kind }) => kind === 'issue')
  if (resource === undefined) throw new Error('the shipped mapping has issues')
  const { program } = compileResource(resource, new Map([['wizIssue', blueprint]]))
  const engine = createWasmEngine({ workerUrl: new URL('../dist/jq-worker/index.js', import.meta.url) })
  const inputs = await page()
  await engine.run(program.text, inputs)
  const startedAt = performance.now()
  for (let round = 0; round < ROUNDS; round += 1) await engine.run(program.text, inputs)
  const seconds = (performance.now() - startedAt) / 1000
  await engine.close()
  return (PAGE * ROUNDS) / seconds
}

/** A page of issues in the form in which they reach jq. */
async function page(): Promise<string> {
  const tenant = createTenant({ issues: PAGE, projects: 40 })
  const schema = buildSchema(readFileSync('sandbox/wiz/schema.graphql', 'utf8'))
  const nodes = Array.from({ length: PAGE }, (_, index) => tenant.issueAt(index))
  const rootValue = { issuesV2: { nodes, pageInfo: { hasNextPage: false, endCursor: null }, totalCount: PAGE } }
  const result = await graphql({
    schema,
    source: ISSUES_QUERY,
    rootValue,
    variableValues: { first: PAGE, withTotalCount: true },
  })
  const { issuesV2 } = JSON.parse(JSON.stringify(result.data)) as { issuesV2: { nodes: Record<string, unknown>[] } }
  return issuesV2.nodes
    .flatMap(node => kinds.issue.extract(node))
    .map(issue => JSON.stringify(issue))
    .join('\n')
}
