/** Makes compiled resources out of expressions. */
import { stringify } from 'safe-stable-stringify'
import { chooseBlueprints } from '../../src/mapping/choose.ts'
import { type CompiledResource, compileResource } from '../../src/mapping/compile.ts'
import { parseMapping } from '../../src/mapping/file.ts'
import type { Blueprint } from '../../src/port/model.ts'

export interface Expressions {
  query?: string
  items?: string
  identifier?: string
  properties?: Record<string, string>
  relations?: Record<string, unknown>
}

/** A resource that writes to a blueprint of which nothing else is known, unless it is given. */
export function compiledFrom(kind: string, expressions: Expressions, blueprint?: Blueprint): CompiledResource {
  const { query = 'true', items, identifier = '.id', properties = {}, relations = {} } = expressions
  const document = {
    resources: [
      {
        kind,
        selector: { query },
        port: {
          ...(items === undefined ? {} : { itemsToParse: items }),
          entity: { mappings: { identifier, blueprint: '"b"', properties, relations } },
        },
      },
    ],
  }
  // JSON is YAML.
  const { mapping, problems } = parseMapping(stringify(document) ?? '', 'm.yml')
  const blueprints = new Map(blueprint === undefined ? [] : [['b', blueprint] as const])
  const [resource] = chooseBlueprints(mapping, blueprints).mapping.resources
  if (resource === undefined) throw new Error(JSON.stringify(problems))
  return compileResource(resource, blueprints)
}
