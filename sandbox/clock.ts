/** The time that the sandbox's services believe it is: the machine's, moved on by a test as it needs. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number
  advance(milliseconds: number): void
}

export function createClock(): Clock {
  let ahead = 0
  return {
    now: () => Date.now() + ahead,
    advance(milliseconds) {
      ahead += milliseconds
    },
  }
}
