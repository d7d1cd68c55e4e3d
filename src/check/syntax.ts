/** Compiles every expression of a mapping on its own, and finds the place of what jq does not understand. */
import { type JqEngine, JqFailure } from '../jq/engine.ts'
import { compileOnly, EXPRESSION_LINE, fuse } from '../jq/program.ts'
import { type FieldExpression, type Finding, findingAt } from './finding.ts'

export async function checkSyntax(
  file: string,
  expressions: readonly FieldExpression[],
  engine: JqEngine,
): Promise<Finding[]> {
  if (expressions.length === 0 || (await refusal(expressions, engine)) === undefined) return []
  // Together they do not compile: halves, down to the single expressions, say which.
  if (expressions.length > 1) {
    const middle = Math.ceil(expressions.length / 2)
    const halves = [expressions.slice(0, middle), expressions.slice(middle)]
    const found: Finding[] = []
    for (const half of halves) found.push(...(await checkSyntax(file, half, engine)))
    return found
  }
  const [entry] = expressions
  const failure = await refusal(expressions, engine)
  if (entry === undefined || failure === undefined) return []
  const [field, expression] = entry
  const at = expression.place(offsetOf(failure, expression.text))
  return [findingAt('error', file, at, `${field}: jq refuses ${quote(expression.text)}: ${failure.message}.`)]
}

/**
 * Standing alone finds what only the parentheses of a fused program would make valid (`.a) | (.b`), and the fused form
 * finds what only stands alone (`.a; def g: .b`).
 */
async function refusal(entries: readonly FieldExpression[], engine: JqEngine): Promise<JqFailure | undefined> {
  const texts = entries.map(([, { text }]) => text)
  const fields = texts.map(expression => ({ name: '', expression, collect: 'first' as const }))
  const alone = await failureOf(engine.run(compileOnly(texts), 'null'))
  if (alone !== undefined) return alone
  const fused = await failureOf(engine.run(fuse({ query: 'false', mappings: [{ fields }] }).text, 'null'))
  // A place in the fused program says nothing.
  return fused === undefined ? undefined : new JqFailure(fused.message)
}

async function failureOf(run: Promise<string>): Promise<JqFailure | undefined> {
  try {
    await run
    return undefined
  } catch (error) {
    if (error instanceof JqFailure) return error
    throw error
  }
}

/** jq counts lines of the program and bytes of the line; an error at the end of a text is found behind it. */
function offsetOf({ place }: JqFailure, text: string): number {
  if (place === undefined) return 0
  const lines = text.split('\n')
  const index = place.line - EXPRESSION_LINE
  if (index < 0) return 0
  const line = lines[index]
  if (line === undefined) return text.trimEnd().length
  const before = lines.slice(0, index).reduce((sum, one) => sum + one.length + 1, 0)
  return (
    before +
    Buffer.from(line)
      .subarray(0, place.column - 1)
      .toString().length
  )
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text)
}
