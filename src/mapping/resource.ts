/** Reads the entries of `resources`: what a document says becomes expressions that know their place in the file. */
import { ITEMS_FIELD } from '../jq/program.ts'
import { tokenize, withDoubleQuotes } from '../jq/tokens.ts'
import { isKindName, kinds } from '../wiz/kinds.ts'
import { didYouMean } from '../words.ts'
import type { Expression, Items, MappingEntry, Resource } from './model.ts'
import type { Path, Positions } from './positions.ts'
import { type ShapeProblem, shapeMessage, shapeProblems } from './problems.ts'
import { type EntityDocument, type ResourceDocument, resourceSchema, type SearchDocument } from './schema.ts'
import { firstOutput, searchExpression } from './search.ts'
import { selectorProblems } from './selector.ts'

/** Kinds of Port's own Wiz integration that are not fetched here: a file with them works for all others. */
const OTHER_KINDS: readonly string[] = [
  'vulnerability-finding',
  'technology',
  'hosted-technology',
  'repository',
  'sbom-artifact',
]

export class ResourceReader {
  readonly problems: ShapeProblem[] = []
  readonly warnings: ShapeProblem[] = []
  readonly #positions: Positions

  constructor(positions: Positions) {
    this.#positions = positions
  }

  /** @returns undefined where there is a problem, or a kind that is not fetched */
  read(document: unknown, index: number): Resource<MappingEntry> | undefined {
    const path: Path = ['resources', index]
    const parsed = resourceSchema.safeParse(document, { error: shapeMessage })
    if (!parsed.success) {
      this.problems.push(...shapeProblems(parsed.error.issues, path))
      return undefined
    }
    return this.#resource(parsed.data, index, path)
  }

  #resource(document: ResourceDocument, index: number, path: Path): Resource<MappingEntry> | undefined {
    const { kind, port } = document
    const { query, ...selector } = document.selector
    if (!isKindName(kind)) {
      this.#unknownKind(kind, [...path, 'kind'])
      return undefined
    }
    for (const [option, message] of selectorProblems(kind, selector)) {
      const known = Object.hasOwn(kinds[kind].selector, option)
      const problem = { path: [...path, 'selector', option], message: `selector.${option}: ${message}`, key: !known }
      this.problems.push(problem)
    }
    const { mappings } = port.entity
    const mappingsPath: Path = [...path, 'port', 'entity', 'mappings']
    // One mapping may stand there without a list around it; then no index is part of its path.
    const entries: [EntityDocument, Path][] = Array.isArray(mappings)
      ? mappings.map((mapping, at) => [mapping, [...mappingsPath, at]])
      : [[mappings, mappingsPath]]
    return {
      index,
      kind,
      selector,
      query: this.#expression(query, [...path, 'selector', 'query']),
      ...(port.itemsToParse === undefined ? {} : { items: this.#items(port, port.itemsToParse, path) }),
      mappings: entries.map(([entry, at]) => this.#entry(entry, at)),
      at: this.#positions(path),
    }
  }

  #unknownKind(kind: string, path: Path): void {
    if (OTHER_KINDS.includes(kind)) {
      const message = `kind: ${kind} is not fetched by wiz-to-port yet, and this resource is left out`
      this.warnings.push({ path, message })
      return
    }
    const expected = didYouMean(kind, Object.keys(kinds))
    this.problems.push({
      path,
      message: `kind: "${kind}" is not a kind that wiz-to-port fetches; expected ${expected}`,
    })
  }

  #items(port: ResourceDocument['port'], text: string, path: Path): Items {
    const expression = this.#expression(text, [...path, ...ITEMS_FIELD.split('.')])
    // Only of a plain path is known that its end can be deleted.
    const plain = tokenize(expression.text).every(({ type }) => type === 'field')
    return {
      expression,
      name: port.itemsToParseName,
      without: plain && port.itemsToParseTopLevelTransform ? expression.text : undefined,
    }
  }

  #entry(document: EntityDocument, path: Path): MappingEntry {
    const { identifier, title, icon, team, properties = {}, relations = {} } = document
    const blueprint = this.#expression(document.blueprint, [...path, 'blueprint'])
    const constant = constantString(blueprint.text)
    return {
      blueprint: constant,
      ...(constant === undefined ? { choice: blueprint } : {}),
      identifier: this.#lookup(identifier, [...path, 'identifier']),
      ...(title === undefined ? {} : { title: this.#expression(title, [...path, 'title']) }),
      ...(icon === undefined ? {} : { icon: this.#expression(icon, [...path, 'icon']) }),
      ...(team === undefined ? {} : { team: this.#team(team, [...path, 'team']) }),
      properties: mapValues(properties, (text, name) => this.#expression(text, [...path, 'properties', name])),
      relations: mapValues(relations, (value, name) => this.#lookup(value, [...path, 'relations', name])),
      at: this.#positions(path),
    }
  }

  #expression(text: string, path: Path): Expression {
    return {
      text: withDoubleQuotes(text),
      at: this.#positions(path),
      place: offset => this.#positions.within(path, offset),
    }
  }

  #lookup(value: string | SearchDocument, path: Path): Expression {
    if (typeof value === 'string') return this.#expression(value, path)
    return searchExpression(value, path, (text, at) => this.#expression(text, at))
  }

  /** A list is as many teams as it has expressions that are not null. */
  #team(value: string | SearchDocument | string[], path: Path): Expression {
    if (!Array.isArray(value)) return this.#lookup(value, path)
    const leaves = value.map((text, index) => this.#expression(text, [...path, index]))
    const text = `[${leaves.map(leaf => firstOutput(leaf.text)).join(', ')}] - [null]`
    return { ...this.#expression('', path), text, leaves }
  }
}

/** The value of a jq expression that is a string literal, such as `"wizIssue"`. */
function constantString(expression: string): string | undefined {
  try {
    const value: unknown = JSON.parse(expression)
    return typeof value === 'string' && value !== '' ? value : undefined
  } catch {
    return undefined
  }
}

function mapValues<T>(values: Readonly<Record<string, T>>, map: (value: T, name: string) => Expression) {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, map(value, name)]))
}
