/**
 * Sends operations to Port in bulks: filled up to 20 entities and 1 MiB, several in flight, targets before what points
 * to them. Every entity gets an outcome; a batch that Port refuses is halved until the bad entity stands alone.
 */
import { messageOf } from '../errors.ts'
import { OutageError } from '../http/outage.ts'
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { MAX_BODY_BYTES, type UpsertFlags, type UpsertResult, upsertBulk } from '../port/entities.ts'
import { type Batch, Batches, ENVELOPE_BYTES } from './batches.ts'
import type { Operation } from './plan.ts'
import type { Sink } from './sink.ts'

export type WriteOutcome =
  | { status: 'created' | 'updated'; operation: Operation }
  | {
      status: 'failed'
      operation: Operation
      reason: string
      /** Its relation points to what Port does not have. */
      missingTarget: boolean
    }

export interface WriterOptions {
  port: PortClient
  flags: UpsertFlags
  /** From `rankBlueprints`: a lower rank is written first. */
  ranks: ReadonlyMap<string, number>
  /** Aborted when no new request may start; those in flight finish. */
  stop: AbortSignal
  onOutcome: (outcome: WriteOutcome) => void
}

interface Item {
  operation: Operation
  text: string
  retried: boolean
}

interface InFlight {
  rank: number
  done: Promise<void>
}

/** Batches under way before the planner has to wait: enough to keep the client's connections busy. */
const MAX_IN_FLIGHT = 32

export class Writer implements Sink {
  readonly #options: WriterOptions
  readonly #batches: Batches<Item>
  readonly #inFlight = new Set<InFlight>()
  #later: Item[] = []
  #outage: OutageError | undefined

  constructor(options: WriterOptions) {
    this.#options = options
    this.#batches = new Batches(options.ranks)
  }

  /** @throws {OutageError} once Port is down: what was not written by then is neither done nor failed */
  async add(operation: Operation): Promise<void> {
    this.#throwIfDown()
    await this.#enqueue({ operation, text: JSON.stringify(operation.entity), retried: false })
  }

  /** Sends what is buffered and waits for all answers; throws as {@link add} does. */
  async drain(): Promise<void> {
    for (const batch of this.#batches.closeAll()) await this.#start(batch)
    await Promise.all([...this.#inFlight].map(({ done }) => done))
    this.#throwIfDown()
  }

  /**
   * Sends what is buffered and waits for all answers. Entities that pointed to something that Port did not have yet are
   * then sent once more, whole.
   */
  async finish(): Promise<void> {
    await this.drain()
    const again = this.#later
    this.#later = []
    for (const item of again) await this.#enqueue({ ...item, retried: true })
    await this.drain()
  }

  async #enqueue(item: Item): Promise<void> {
    const bytes = Buffer.byteLength(item.text) + 1
    if (bytes + ENVELOPE_BYTES > MAX_BODY_BYTES) {
      this.#fail(item, `is ${bytes} bytes of JSON; Port takes at most ${MAX_BODY_BYTES} bytes in a request`)
      return
    }
    const { blueprint, partial } = item.operation
    const merge = this.#options.flags.merge || partial
    for (const batch of this.#batches.add(blueprint, item, bytes, merge)) await this.#start(batch)
  }

  /** Sends a batch once those that it may point to have their answers; resolves when there is room for another one. */
  async #start(batch: Batch<Item>): Promise<void> {
    const rank = this.#batches.rank(batch.blueprint)
    const before = [...this.#inFlight].filter(other => other.rank < rank).map(({ done }) => done)
    const entry: InFlight = { rank, done: Promise.resolve() }
    entry.done = Promise.all(before)
      .then(() => this.#send(batch))
      .finally(() => this.#inFlight.delete(entry))
    this.#inFlight.add(entry)
    while (this.#inFlight.size >= MAX_IN_FLIGHT) await Promise.race([...this.#inFlight].map(({ done }) => done))
  }

  async #send(batch: Batch<Item>): Promise<void> {
    const { port, stop } = this.#options
    const { blueprint, items, merge } = batch
    const flags = { ...this.#options.flags, merge }
    try {
      const texts = items.map(({ text }) => text)
      const results = await upsertBulk(port, blueprint, texts, flags, stop)
      for (const [index, item] of items.entries()) this.#settle(item, results[index])
    } catch (error) {
      // What a stopped run did not get to is neither done nor failed.
      if (stop.aborted && error === stop.reason) return
      if (error instanceof OutageError) {
        this.#outage = error
        return
      }
      if (isBatchRefusal(error) && items.length > 1) {
        const middle = Math.ceil(items.length / 2)
        await this.#send({ ...batch, items: items.slice(0, middle) })
        await this.#send({ ...batch, items: items.slice(middle) })
        return
      }
      for (const item of items) this.#fail(item, messageOf(error))
    }
  }

  #throwIfDown(): void {
    // That a run was told to stop is the better reason.
    if (this.#outage !== undefined && !this.#options.stop.aborted) throw this.#outage
  }

  #settle(item: Item, result: UpsertResult | undefined): void {
    if (result === undefined) this.#fail(item, 'Port said nothing about it')
    else if (result.status !== 'refused') this.#options.onOutcome({ status: result.status, operation: item.operation })
    else if (!isMissingTarget(result)) this.#fail(item, result.reason)
    // Nothing that is only tried comes to be there.
    else if (item.retried || this.#options.flags.validationOnly === true) this.#fail(item, result.reason, true)
    else this.#later.push(item)
  }

  #fail({ operation }: Item, reason: string, missingTarget = false): void {
    this.#options.onOutcome({ status: 'failed', operation, reason, missingTarget })
  }
}

/** Too large, or refused by the route's schema: one entity can be to blame for all of them. */
function isBatchRefusal(error: unknown): boolean {
  return error instanceof PortError && (error.status === 413 || error.status === 422)
}

/** Port's answer for an entity whose relation points to what is not there; a missing blueprint has the same code. */
function isMissingTarget(result: { statusCode: number; reason: string }): boolean {
  return result.statusCode === 404 && /does not exist in the blueprint/.test(result.reason)
}
