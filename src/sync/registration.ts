/** Shows this installation, its state and its raw objects in Port. Nothing here stops a sync: a failure is a warning. */
import { messageOf } from '../errors.ts'
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import {
  ForeignIntegrationError,
  type Integration,
  keepIntegration,
  type ResyncStatus,
  sendExamples,
  setResyncState,
} from '../port/integration.ts'
import type { Examples } from './examples.ts'

export interface Registration {
  /**
   * Says how the sync has ended.
   *
   * @param port a client that may still send
   * @returns what went wrong with the registration, as sentences
   */
  finish(port: PortClient, status: ResyncStatus, examples?: Examples): Promise<string[]>
}

/** Begins at once; what goes wrong shows in {@link Registration.finish}. */
export function register(port: PortClient, integration: Integration): Registration {
  const { identifier } = integration
  const lastResyncStart = new Date().toISOString()
  const begun = begin()
  // The sync goes on meanwhile.
  begun.catch(() => {})

  async function begin(): Promise<void> {
    await keepIntegration(port, integration)
    await setResyncState(port, identifier, { status: 'running', lastResyncStart, lastResyncEnd: null })
  }

  return {
    async finish(client, status, examples) {
      const failures: unknown[] = []
      await begun.catch(error => failures.push(error))
      // Ours says how it ended also where something else of it was refused; somebody else's record is left alone, and
      // a Port that does not answer is not asked again.
      if (failures.every(error => error instanceof PortError)) {
        const lastResyncEnd = new Date().toISOString()
        const state = { status, lastResyncStart, lastResyncEnd }
        await setResyncState(client, identifier, state).catch(error => failures.push(error))
      }
      if (failures.length > 0) return [sayUnregistered(failures[0])]
      return trySending(client, identifier, examples)
    },
  }
}

async function trySending(port: PortClient, identifier: string, examples: Examples | undefined): Promise<string[]> {
  try {
    for (const [kind, objects] of examples?.masked() ?? []) await sendExamples(port, identifier, kind, objects)
    return []
  } catch (error) {
    return [
      `send-raw-examples: Port does not take the raw examples: ${clause(error)}. The sync itself is not affected; set send-raw-examples: false to send none.`,
    ]
  }
}

function sayUnregistered(error: unknown): string {
  const way = isForeign(error) ? 'choose another installation-id' : 'try again later'
  return `register-integration: Port does not show this run among its data sources: ${clause(error)}. The sync itself is not affected; ${way}, or set register-integration: false.`
}

function isForeign(error: unknown): boolean {
  return error instanceof ForeignIntegrationError
}

function clause(error: unknown): string {
  return messageOf(error).replace(/\.$/, '')
}
