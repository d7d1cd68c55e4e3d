/**
 * Runs a resource's program over batches of objects, and keeps one bad expression or object from taking others along:
 * what ends jq is narrowed down to the object and the expression, and everything else is mapped as if it were not there.
 */
import { type JqEngine, JqFailure, type RunLimits } from '../jq/engine.ts'
import { compileCheck, fuse, type ObjectError, type Program, splitLines } from '../jq/program.ts'
import { type CompiledResource, type Slot, slotsOf } from './compile.ts'

/** An expression that is not evaluated any more. */
export interface Trip {
  field: string
  reason: string
}

/** What evaluating may take, in milliseconds and characters. */
export interface Budget {
  /** Of a batch, and besides for each of its objects and characters. */
  batchMs: number
  objectMs: number
  charactersPerMs: number
  /** Of an object that is evaluated alone. */
  singleMs: number
  batchOutput: number
  singleOutput: number
  /** What goes in may come out, once for every field that takes the whole object. */
  outputPerInput: number
  /** An expression that takes longer for most objects of a sample is given up. */
  slowMs: number
}

/** Far more than any page needs: the shipped mapping takes a fifth of a millisecond for an issue. */
const BUDGET: Budget = {
  batchMs: 500,
  objectMs: 10,
  charactersPerMs: 10_000,
  singleMs: 2_000,
  batchOutput: 32 * 1024 * 1024,
  singleOutput: 4 * 1024 * 1024,
  outputPerInput: 4,
  slowMs: 50,
}
/** When a batch takes too long, this many of its objects tell whether one expression is slow on most of them. */
const SAMPLE = 8
/** An expression that had to be ended on this many objects is not tried on others. */
const MAX_ENDED = 5

/** Only reads its object. */
const NOTHING = fuse({ query: 'false', mappings: [] })

export class Evaluator {
  /** The expressions that were given up. */
  readonly trips: Trip[] = []
  readonly #engine: JqEngine
  readonly #budget: Budget
  readonly #slots: readonly Slot[]
  readonly #ended = new Map<Slot, number>()
  readonly #tripped = new Set<Slot>()
  #program: Program

  constructor({ program }: CompiledResource, engine: JqEngine, budget: Partial<Budget> = {}) {
    this.#engine = engine
    this.#budget = { ...BUDGET, ...budget }
    this.#program = program
    this.#slots = slotsOf(program)
  }

  /**
   * @param texts JSON of one object each
   * @returns for each of them the line that jq printed
   * @throws {JqFailure} when the program itself does not compile
   */
  async evaluate(texts: readonly string[]): Promise<string[]> {
    const result = await this.#run(this.#program, texts, this.#batchLimits(texts))
    if (Array.isArray(result)) return result
    await this.#engine.run(compileCheck(this.#program), 'null')
    if (result.timedOut && (await this.#tripSlow(texts))) return this.evaluate(texts)
    return this.#narrow(texts)
  }

  /** @param texts those in which something ends jq */
  async #narrow(texts: readonly string[]): Promise<string[]> {
    const [only] = texts
    if (texts.length === 1 && only !== undefined) return [await this.#single(only)]
    const middle = Math.ceil(texts.length / 2)
    const [first, second] = [texts.slice(0, middle), texts.slice(middle)]
    const result = await this.#run(this.#program, first, this.#batchLimits(first))
    // What did not happen in the first half happens in the second one: it need not be run to know that.
    if (Array.isArray(result)) return [...result, ...(await this.#narrow(second))]
    const narrowed = await this.#narrow(first)
    const rest = await this.#run(this.#program, second, this.#batchLimits(second))
    return [...narrowed, ...(Array.isArray(rest) ? rest : await this.#narrow(second))]
  }

  /** The line of an object alone: with a failure in place of what ends jq. */
  async #single(text: string): Promise<string> {
    const limits = this.#objectLimits(text)
    const read = await this.#run(NOTHING, [text], limits)
    if (!Array.isArray(read)) return objectError('the object', `jq cannot read it: ${read.message}`)
    let { source } = this.#program
    for (const slot of this.#tried()) {
      const result = await this.#run(slot.alone, [text], limits)
      if (Array.isArray(result)) continue
      this.#count(slot, result)
      if (!slot.dispensable) return objectError(slot.field, result.message)
      source = slot.replace(source, failing(result.message))
    }
    const result = await this.#run(fuse(source), [text], limits)
    const [line] = Array.isArray(result) ? result : [objectError('the object', result.message)]
    return line ?? ''
  }

  #count(slot: Slot, { message }: JqFailure): void {
    const ended = (this.#ended.get(slot) ?? 0) + 1
    this.#ended.set(slot, ended)
    if (ended === MAX_ENDED) this.#trip(slot, `had to be ended on ${ended} objects (${message})`)
  }

  /** Gives up an expression that is slow on most of a sample. */
  async #tripSlow(texts: readonly string[]): Promise<boolean> {
    const step = Math.max(1, Math.floor(texts.length / SAMPLE))
    const sample = texts.filter((_, index) => index % step === 0).slice(0, SAMPLE)
    const most = Math.max(2, Math.floor(sample.length / 2) + 1)
    let tripped = false
    for (const slot of sample.length < most ? [] : this.#tried()) {
      let slow = 0
      for (const text of sample) {
        if (await this.#isSlow(slot, text)) slow += 1
        if (slow === most) break
      }
      if (slow < most) continue
      tripped = true
      this.#trip(slot, `took more than ${this.#budget.slowMs} ms on each of ${slow} objects`)
      // The others were timed together with this one.
      if (!slot.dispensable) break
    }
    return tripped
  }

  /** Compared with a program that does nothing, because starting jq may take long on a busy machine. */
  async #isSlow(slot: Slot, text: string): Promise<boolean> {
    const limits = this.#objectLimits(text)
    const startedAt = performance.now()
    await this.#run(NOTHING, [text], limits)
    const startMs = performance.now() - startedAt
    const result = await this.#run(slot.alone, [text], limits)
    if (!Array.isArray(result)) return result.timedOut
    return performance.now() - startedAt - 2 * startMs > this.#budget.slowMs
  }

  #tried(): Slot[] {
    return this.#slots.filter(slot => !this.#tripped.has(slot))
  }

  #trip(slot: Slot, reason: string): void {
    this.#tripped.add(slot)
    this.trips.push({ field: slot.field, reason })
    this.#program = fuse(slot.replace(this.#program.source, failing(`given up: ${reason}`)))
  }

  #batchLimits(texts: readonly string[]): RunLimits {
    const [only] = texts
    if (texts.length === 1 && only !== undefined) return this.#objectLimits(only)
    const { batchMs, objectMs, charactersPerMs, batchOutput, outputPerInput } = this.#budget
    const characters = texts.reduce((sum, text) => sum + text.length, 0)
    return {
      timeoutMs: batchMs + objectMs * texts.length + Math.round(characters / charactersPerMs),
      maxOutput: Math.max(batchOutput, outputPerInput * characters),
    }
  }

  #objectLimits(text: string): RunLimits {
    const { singleMs, charactersPerMs, singleOutput, outputPerInput } = this.#budget
    return {
      timeoutMs: singleMs + Math.round(text.length / charactersPerMs),
      maxOutput: Math.max(singleOutput, outputPerInput * text.length),
    }
  }

  async #run(program: Program, texts: readonly string[], limits: RunLimits): Promise<string[] | JqFailure> {
    try {
      const lines = splitLines(await this.#engine.run(program.text, texts.join('\n'), limits))
      if (lines.length === texts.length) return lines
      return new JqFailure(`jq printed ${lines.length} results for ${texts.length} objects`)
    } catch (error) {
      if (error instanceof JqFailure) return error
      throw error
    }
  }
}

function failing(message: string): string {
  return `error(${JSON.stringify(message)})`
}

function objectError(field: string, error: string): string {
  return JSON.stringify({ error, field } satisfies ObjectError)
}
