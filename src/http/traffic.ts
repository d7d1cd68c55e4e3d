/** What a client did, for the summary: requests sent, retries, and the time spent waiting. */
export interface TrafficCounts {
  requests: number
  retries: number
  /** Milliseconds spent waiting because the service asked for it, or after an error. */
  waitedMs: number
}

export class Traffic {
  #counts: TrafficCounts = { requests: 0, retries: 0, waitedMs: 0 }

  sent(): void {
    this.#counts.requests += 1
  }

  retried(waitMs: number): void {
    this.#counts.retries += 1
    this.#counts.waitedMs += waitMs
  }

  waited(waitMs: number): void {
    this.#counts.waitedMs += waitMs
  }

  get counts(): TrafficCounts {
    return { ...this.#counts }
  }
}
