/** What the bundle could reach, by its text: no code that is loaded or made while it runs, and no address but known ones. */
import { readFileSync } from 'node:fs'
import { type AnyNode, parse } from 'acorn'
import { describe, expect, it } from 'vitest'

const BUNDLES = ['dist/index.js', 'dist/jq-worker/index.js'] as const

/** Node's modules with which one can leave the process, and who needs them. */
const REACHING: Readonly<Record<string, string>> = {
  child_process: 'node-jq runs the jq of jq-path; @actions/core can ask the system for its name',
  http: 'proxies of the GitHub client',
  https: 'proxies of the GitHub client',
  'node:worker_threads': 'jq runs in a worker',
  net: 'proxies of the GitHub client',
  'node:dns': 'undici',
  'node:http': 'undici',
  'node:http2': 'undici',
  'node:net': 'undici',
  'node:tls': 'undici',
  tls: 'proxies of the GitHub client',
}

/** Those that only compute, keep time, or read and write files. */
const OTHERS =
  'assert async_hooks buffer console crypto diagnostics_channel events fs fs/promises os path perf_hooks querystring sqlite stream string_decoder timers timers/promises url util util/types v8 zlib'

/** Where JavaScript could be made of texts. Both belong to zod, which does without where it is forbidden. */
const GENERATORS = ['const F = Function;', 'const F = Function;']

/** Hosts in texts of the code. Comments are not looked at; who is asked in fact is in e2e/hosts.test.ts. */
const HOSTS: Readonly<Record<string, string>> = {
  'api.getport.io': 'default of port-base-url',
  'api.github.com': "where the runner does not say GitHub's address",
  'api.us.getport.io': 'a message',
  'auth.app.wiz.io': 'default of wiz-token-url',
  'auth.app.wiz.us': 'a message',
  'auth.gov.wiz.io': 'a message',
  'commonmark.org': 'a description in graphql',
  'docs.github.com': 'deprecations in octokit',
  'en.wikipedia.org': 'a description in graphql',
  'github.com': 'the base of schemas without an id, and messages',
  'json-schema.org': 'ids of schemas',
  'localhost:9999': "undici's agent for tests, which is not used",
  'proxy.example.com:3128': 'a message',
  'uploads.github.com': "octokit's table of endpoints; no release is touched here",
  'yarnpkg.com': 'a message in graphql',
}

describe.each(BUNDLES)('%s', file => {
  const source = readFileSync(file, 'utf8')
  const nodes = [...walk(parse(source, { ecmaVersion: 'latest', sourceType: 'module' }))]
  const textOf = ({ start, end }: AnyNode) => source.slice(start, end)
  const lineOf = ({ start }: AnyNode) =>
    source.slice(source.lastIndexOf('\n', start) + 1, source.indexOf('\n', start)).trim()

  it('loads nothing while it runs', () => {
    expect(nodes.filter(({ node }) => node.type === 'ImportExpression')).toEqual([])
    const imports = nodes.flatMap(({ node }) => (node.type === 'ImportDeclaration' ? [node.source.value] : []))
    expect(imports).toEqual(['module'])
    const uses = source.split('__WEBPACK_EXTERNAL_createRequire').length - 1
    const required = nodes.flatMap(({ node }) => builtinOf(node, textOf) ?? [])
    // One use is the import; whatever else was done with it would be one too many.
    expect(required).toHaveLength(uses - 1)
    const known = new Set([...Object.keys(REACHING), ...OTHERS.split(' ').flatMap(name => [name, `node:${name}`])])
    expect(required.filter(name => !known.has(name))).toEqual([])
    expect(source).not.toMatch(/\bprocess\s*\.\s*(binding|_linkedBinding|dlopen|getBuiltinModule)\b/)
  })

  it('makes no code of texts', () => {
    const found = nodes.filter(({ node, parent }) => makesCode(node, parent)).map(({ node }) => lineOf(node))
    expect(found).toEqual(file === 'dist/index.js' ? GENERATORS : [])
  })

  it('has no address but known ones', () => {
    const found = new Set(nodes.flatMap(({ node }) => hostsIn(node)))
    // The list stays as short as it can be.
    expect([...found].sort()).toEqual(file === 'dist/index.js' ? Object.keys(HOSTS) : [])
  })
})

interface Visited {
  node: AnyNode
  parent: AnyNode | undefined
}

function* walk(root: AnyNode): Generator<Visited> {
  const left: Visited[] = [{ node: root, parent: undefined }]
  for (let visited = left.pop(); visited !== undefined; visited = left.pop()) {
    yield visited
    const { node } = visited
    const children = Object.values(node).flat().filter(isNode)
    left.push(...children.reverse().map(child => ({ node: child, parent: node })))
  }
}

function isNode(value: unknown): value is AnyNode {
  return value !== null && typeof value === 'object' && 'type' in value && typeof value.type === 'string'
}

/** The module that `createRequire(import.meta.url)('…')` loads. */
function builtinOf(node: AnyNode, textOf: (node: AnyNode) => string): string | undefined {
  if (node.type !== 'CallExpression' || node.callee.type !== 'CallExpression') return undefined
  if (textOf(node.callee) !== '__WEBPACK_EXTERNAL_createRequire(import.meta.url)') return undefined
  const [name] = node.arguments
  return name?.type === 'Literal' ? String(name.value) : 'not known before it runs'
}

/** `eval`, `Function` and a function's constructor; `instanceof Function` and members of it, such as bind, are harmless. */
function makesCode(node: AnyNode, parent: AnyNode | undefined): boolean {
  if (node.type === 'Identifier' && (node.name === 'eval' || node.name === 'Function')) {
    if (parent?.type === 'BinaryExpression') return parent.operator !== 'instanceof'
    if (parent?.type === 'MemberExpression') return parent.object !== node || node.name === 'eval'
    return !(parent?.type === 'Property' && parent.key === node && !parent.computed && !parent.shorthand)
  }
  return (
    node.type === 'CallExpression' &&
    node.callee.type === 'MemberExpression' &&
    node.callee.property.type === 'Identifier' &&
    node.callee.property.name === 'constructor'
  )
}

function hostsIn(node: AnyNode): string[] {
  const text = node.type === 'Literal' ? node.value : node.type === 'TemplateElement' ? node.value.cooked : undefined
  if (typeof text !== 'string') return []
  return [
    ...text.matchAll(/\b(?:https?|wss?):\/\/((?:[\w-]+\.)+[a-z]{2,}(?::\d+)?|localhost(?::\d+)?|\d+(?:\.\d+){3})/gi),
  ].flatMap(([, host]) => host ?? [])
}
