/**
 * Defects that were seen in other exporters, and breaks of each guarantee: a patch of ours that brings one in, and the
 * tests of which at least one has to fail with it.
 */

export interface Edit {
  file: string
  /** Stands in the file exactly once. */
  find: string
  replace: string
}

export interface Mutant {
  name: string
  edits: readonly Edit[]
  /** Test files. */
  tests: readonly string[]
  /** What the names of the tests begin with or have in them; each stands for at least one test that is there. */
  named: readonly string[]
}

const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace })

const e2e = (file: string) => `__tests__/e2e/${file}.test.ts`

/** Defects of peers. */
const peers: readonly Mutant[] = [
  {
    name: 'a cap ends a crawl as if it were complete, and what lies behind it is deleted',
    edits: [
      edit(
        'src/wiz/pages.ts',
        'if (next !== undefined) return incomplete(`stopped at maxPages',
        'if (next !== undefined) return { complete: true, objects: seen.size }\n    if (next !== undefined) return incomplete(`stopped at maxPages',
      ),
    ],
    tests: [e2e('deletion')],
    named: ['maxPages, counted in pages of 100'],
  },
  {
    name: 'only the issues of the last year are asked for',
    edits: [
      edit(
        'src/wiz/kinds.ts',
        'const filterBy: Record<string, unknown> = {}',
        "const filterBy: Record<string, unknown> = kindName === 'project' ? {} : { createdAt: { after: new Date(Date.now() - 365 * 86_400_000).toISOString() } }",
      ),
    ],
    tests: [e2e('sync')],
    named: ['creates blueprints and entities'],
  },
  {
    name: 'all issues are fetched once for each kind',
    edits: [edit('src/sync/collect.ts', 'stringify([kinds[kind].source, filterBy', 'stringify([kind, filterBy')],
    tests: [e2e('sync')],
    named: ['reads issues once for three kinds'],
  },
  {
    name: 'a live event leaves a resolved issue as it was',
    edits: [
      edit(
        'src/sync/live/unwanted.ts',
        'const deleted = await removeFound(live, blueprint, entities, known)',
        'const deleted: FoundEntity[] = []\n    if (Date.now() < 0) await removeFound(live, blueprint, entities, known)',
      ),
    ],
    tests: [e2e('event')],
    named: ['that is resolved goes'],
  },
  {
    name: 'the life of a token counts from the start of the process',
    edits: [edit('src/http/token.ts', 'renewAt: clock() + usable * 1000', 'renewAt: usable * 1000')],
    tests: ['__tests__/http/token.test.ts'],
    named: ['counts the life of a token from when it was fetched'],
  },
  {
    name: 'a refused token is sent again and again',
    edits: [edit('src/wiz/client.ts', '      tokens.refuse(token)\n', '')],
    tests: [e2e('resilience')],
    named: ['that are revoked in the middle are asked for once more'],
  },
  {
    name: 'a GraphQL error ends a kind at once, throttling included',
    edits: [
      edit(
        'src/wiz/client.ts',
        'RETRYABLE_STATUSES.has(answer.status) || answer.errors.some(isPassing)',
        'RETRYABLE_STATUSES.has(answer.status)',
      ),
    ],
    tests: [e2e('faults/passing')],
    named: ['F6 Wiz answers RATE_LIMIT_EXCEEDED in a 200'],
  },
  {
    name: 'bulks are written without a bound on how many at once',
    edits: [
      edit('src/port/client.ts', 'const CONCURRENCY = 16', 'const CONCURRENCY = 10_000'),
      edit('src/sync/writer.ts', 'const MAX_IN_FLIGHT = 32', 'const MAX_IN_FLIGHT = 10_000'),
    ],
    tests: [e2e('transport')],
    named: ['calls to Port in flight are bounded'],
  },
  {
    name: 'what cannot be read of Port counts as not there, and everything is written',
    edits: [
      edit(
        'src/sync/actual.ts',
        'await Promise.all([readAll(), readOwned(port, blueprint, installationId)])',
        'await Promise.all([readAll().catch(() => {}), readOwned(port, blueprint, installationId).catch(() => [])])',
      ),
    ],
    tests: [e2e('faults/failing')],
    named: ['F3 Port answers 200 and no list of entities'],
  },
  {
    name: 'of several outputs only the first is taken, and null of none',
    edits: [
      edit(
        'src/mapping/compile.ts',
        "if (group === 'relations') return blueprint?.relations?.[name]?.many === true",
        "if (group === 'relations') return false",
      ),
    ],
    tests: [e2e('seed')],
    named: ['project, control and issue', 'a service ticket, under an identifier'],
  },
  {
    name: 'an expression that fails writes null over what Port has',
    edits: [
      edit(
        'src/mapping/transform.ts',
        "if ('error' in outcome) fieldErrors.push({ field, message: outcome.error })",
        "if ('error' in outcome) {\n      fieldErrors.push({ field, message: outcome.error })\n      assignField(entity, field, null)\n    }",
      ),
    ],
    tests: [e2e('resilience')],
    named: ['on some objects leave that field alone there'],
  },
  {
    name: 'entities are written one at a time',
    edits: [edit('src/port/entities.ts', 'export const MAX_BULK_ENTITIES = 20', 'export const MAX_BULK_ENTITIES = 1')],
    tests: [e2e('sync')],
    named: ['sends at most 20 entities'],
  },
  {
    name: 'nothing is tried again',
    edits: [edit('src/http/retry.ts', 'const ATTEMPTS = 8', 'const ATTEMPTS = 1')],
    tests: [e2e('faults/passing')],
    named: ['F3 both answer 503 once'],
  },
  {
    name: 'tokens are not masked',
    edits: [edit('src/main.ts', 'core.setSecret(form)', 'void form')],
    tests: [e2e('resilience')],
    named: ['are masked, and in no log, summary or report'],
  },
]

/** Breaks of what is guaranteed, one for each guarantee but that of memory, which the benchmark shows. */
const guarantees: readonly Mutant[] = [
  {
    name: 'complete before delete: a crawl that broke off counts as whole',
    edits: [
      edit(
        'src/sync/stream.ts',
        '    if (!end.complete) return `',
        '    if (!end.complete) return undefined\n    if (!end.complete) return `',
      ),
    ],
    tests: [e2e('deletion')],
    named: ['an answer without pageInfo'],
  },
  {
    name: 'guarded: no share is too large',
    edits: [edit('src/sync/guard.ts', 'percent > limits.maxDeletePercent', 'percent > 100')],
    tests: [e2e('deletion')],
    named: ['blocks a deletion of too large a share'],
  },
  {
    name: 'owned only: what others wrote is stale too',
    edits: [
      edit('src/sync/state.ts', 'if (this.isOwned(row) && !this.#has(row, WANTED)', 'if (!this.#has(row, WANTED)'),
    ],
    tests: [e2e('deletion'), '__tests__/sync/plan.test.ts'],
    named: ['is owned, not wanted, and not pointed to'],
  },
  {
    name: 'owned only: what somebody wrote meanwhile is stale too',
    edits: [
      edit(
        'src/sync/deletion.ts',
        'Date.parse(String(entity.updatedAt)) < since || isOurs(blueprint, identifier)',
        'since > 0 || isOurs(blueprint, identifier)',
      ),
    ],
    tests: [e2e('meanwhile')],
    named: ['a live event deletes nothing that a sync wrote after'],
  },
  {
    name: 'minimal writes: what is equal is written again',
    edits: [
      edit('src/sync/plan.ts', 'if (!changed && !takeover) return []\n', ''),
      edit('src/sync/plan.ts', 'if (!operation.takeover && fields.length === 0) continue\n', ''),
    ],
    tests: [e2e('sync'), '__tests__/sync/plan.test.ts'],
    named: ['writes nothing at all', 'is created where Port has none'],
  },
  {
    name: 'plan equals apply: a plan writes',
    edits: [edit('src/sync/run.ts', 'watched(planned ? plan : writer, planId)', 'watched(writer, planId)')],
    tests: [e2e('plan')],
    named: ['in a pull request writes nothing'],
  },
  {
    name: 'one bad apple: a batch that Port refuses is lost whole',
    edits: [
      edit(
        'src/sync/writer.ts',
        'error instanceof PortError && (error.status === 413 || error.status === 422)',
        'error instanceof PortError && error.status === 413',
      ),
    ],
    tests: [e2e('resilience')],
    named: ['for which Port refuses a whole bulk with 422'],
  },
  {
    name: 'honest end: a run that was told to stop deletes all the same',
    edits: [edit('src/stop.ts', '    stop.abort(error)\n', '    if (Date.now() < 0) stop.abort(error)\n')],
    tests: [e2e('stop')],
    named: ['ends the run cleanly while Wiz is read'],
  },
  {
    name: 'inert data: a line of the log is printed as it is',
    edits: [
      edit('src/report/escape.ts', "const line = visible(text).replaceAll('##[', '#\\u200b#[')", 'const line = text'),
    ],
    tests: ['__tests__/report/escape.test.ts'],
    named: ['is one line without a command in the log'],
  },
  {
    name: 'sealed jq: the environment and other objects are within reach',
    edits: [edit('src/check/lint.ts', "  ['env', NOTHING_TO_READ],\n  ['$ENV', NOTHING_TO_READ],\n", '')],
    tests: [e2e('hostile')],
    named: ['an expression that reaches beyond its object is refused (bundled jq)'],
  },
]

export const mutants: readonly Mutant[] = [...peers, ...guarantees]
