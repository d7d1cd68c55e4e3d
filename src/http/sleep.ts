/** Waiting that a signal ends. */
import { setTimeout as sleepFor } from 'node:timers/promises'

export type Sleep = (milliseconds: number, signal: AbortSignal) => Promise<void>

/** @throws the signal's reason, and not Node's words for it: who reads the report is to know why the run ended */
export const sleep: Sleep = async (milliseconds, signal) => {
  try {
    await sleepFor(milliseconds, undefined, { signal })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}
