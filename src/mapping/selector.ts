/** Checks the options of a selector against those that its kind has. */

import { type KindName, kinds, type SelectorOption } from '../wiz/kinds.ts'
import { didYouMean } from '../words.ts'

/** Read by Port's own integrations in modes that do not exist here; a mapping that has it still works. */
const IGNORED_OPTIONS: ReadonlySet<string> = new Set(['exportEnvVariables'])

/** What is wrong with each option, said after the option's name. */
export function selectorProblems(
  kind: KindName,
  selector: Readonly<Record<string, unknown>>,
): [option: string, message: string][] {
  const options = kinds[kind].selector
  return Object.entries(selector).flatMap(([name, value]): [string, string][] => {
    if (IGNORED_OPTIONS.has(name)) return []
    const option = Object.hasOwn(options, name) ? options[name] : undefined
    if (option === undefined) {
      return [
        [name, `kind ${kind} has no such option; expected ${didYouMean(name, ['query', ...Object.keys(options)])}`],
      ]
    }
    const problem = value === null ? undefined : checks[option.type](value, option)
    return problem === undefined ? [] : [[name, problem]]
  })
}

type Check = (value: unknown, option: SelectorOption) => string | undefined

const checks: Record<SelectorOption['type'], Check> = {
  boolean: value => (typeof value === 'boolean' ? undefined : 'expected true or false'),
  pages: value =>
    typeof value === 'number' && Number.isInteger(value) && value > 0 ? undefined : 'expected a whole number from 1 up',
  enum: (value, option) => notOneOf(value, option),
  enums: (value, option) => {
    if (!Array.isArray(value)) return 'expected a list'
    return value.map(item => notOneOf(item, option)).find(problem => problem !== undefined)
  },
}

function notOneOf(value: unknown, option: SelectorOption): string | undefined {
  if (!('values' in option) || option.values.includes(String(value))) return undefined
  return `"${String(value)}" is not a value that Wiz knows; expected ${didYouMean(String(value), option.values)}`
}
