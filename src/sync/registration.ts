/** Shows this installation, its state and its raw objects in Port. Nothing here stops a sync: a failure is a warning. */
import { messageOf } from '../errors.ts'
import type { PortClient } from '../port/client.ts'
import {
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
   * @returns what went wrong with the registration, as a sentence; undefined when nothing did
   */
  finish(port: PortClient, status: ResyncStatus, examples?: Examples): Promise<string | undefined>
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
      try {
        await begun
        const lastResyncEnd = new Date().toISOString()
        await setResyncState(client, identifier, { status, lastResyncStart, lastResyncEnd })
        for (const [kind, objects] of examples?.masked() ?? []) await sendExamples(client, identifier, kind, objects)
        return undefined
      } catch (error) {
        const reason = messageOf(error).replace(/\.$/, '')
        return `register-integration: Port does not show this run among its data sources: ${reason}. The sync itself is not affected; choose another installation-id if it is taken, or set register-integration: false.`
      }
    },
  }
}
