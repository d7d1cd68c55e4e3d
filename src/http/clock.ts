/** What time it is at a service: its own times can only be compared with its own clock. */

/** A service's front and its database may differ by as much. */
const MARGIN_MS = 1_000
/** Where a service says nothing of its time, the machine's is taken, and this much subtracted. */
const UNKNOWN_MARGIN_MS = 60_000

/** Learns from the `Date` header of answers, which tells whole seconds. */
export class ServiceClock {
  /** How far the service's clock is ahead of this process's monotonic one, in milliseconds, at the least. */
  #ahead: number | undefined

  /** @param headers of an answer that has just arrived */
  learn(headers: Readonly<Record<string, string>>): void {
    const date = Date.parse(headers.date ?? '')
    if (Number.isNaN(date)) return
    const ahead = date - performance.now()
    this.#ahead = Math.max(this.#ahead ?? ahead, ahead)
  }

  /**
   * The service's time at a moment of `performance.now()`, in milliseconds since the epoch: never later than it truly
   * was, so that what happened before this time happened before the moment.
   */
  at(moment: number): number {
    const ahead = this.#ahead ?? Date.now() - performance.now() - UNKNOWN_MARGIN_MS
    return moment + ahead - MARGIN_MS
  }
}
