/** Reads what Port has of a blueprint: the state of every entity, and which of them this installation wrote. */
import { PortError } from '../port/answer.ts'
import type { PortClient } from '../port/client.ts'
import { ownedRules } from '../port/datasource.ts'
import { searchEntities } from '../port/entities.ts'
import { fieldValue } from '../port/model.ts'
import type { Fingerprinter } from './fingerprint.ts'
import { BlueprintState } from './state.ts'

export interface ActualOptions {
  port: PortClient
  installationId: string
  fingerprint: Fingerprinter
  /** Told how many entities of a blueprint were read so far. */
  onPage?: (blueprint: string, entities: number) => void
}

export interface Actual {
  state: BlueprintState
  /** False when Port does not let us ask who wrote an entity; then nothing may be deleted. */
  ownershipKnown: boolean
}

/**
 * Two searches side by side: all entities with the mapped fields, and the identifiers of those that are ours. Ownership
 * is asked for as a search rule, because that is how every exporter is known to find its own.
 *
 * @param fields names of the mapped fields
 */
export async function readActual(
  blueprint: string,
  fields: readonly string[],
  { port, installationId, fingerprint, onPage }: ActualOptions,
): Promise<Actual> {
  const state = new BlueprintState(blueprint, fields)
  const readAll = async () => {
    let entities = 0
    for await (const page of searchEntities(port, blueprint, [], ['$identifier', ...fields.map(includeName)])) {
      for (const entity of page) {
        state.addActual(entity.identifier, field => fingerprint(field, fieldValue(entity, field)))
      }
      entities += page.length
      onPage?.(blueprint, entities)
    }
  }
  const [, owned] = await Promise.all([readAll(), readOwned(port, blueprint, installationId)])
  for (const identifier of owned ?? []) state.own(identifier)
  return { state, ownershipKnown: owned !== undefined }
}

async function readOwned(port: PortClient, blueprint: string, installationId: string): Promise<string[] | undefined> {
  const owned: string[] = []
  try {
    for await (const page of searchEntities(port, blueprint, ownedRules(installationId), ['$identifier'])) {
      for (const { identifier } of page) owned.push(identifier)
    }
    return owned.length > 0 && (await answersAnything(port, blueprint, installationId)) ? undefined : owned
  } catch (error) {
    // `$datasource` is not in Port's documentation: a Port that does not know it refuses the rule.
    if (error instanceof PortError && error.status === 422) return undefined
    throw error
  }
}

/** A Port that passes over the rule instead of refusing it would call everything ours: nobody has written this. */
async function answersAnything(port: PortClient, blueprint: string, installationId: string): Promise<boolean> {
  const nobody = ownedRules(`${installationId}/nobody`)
  for await (const page of searchEntities(port, blueprint, nobody, ['$identifier'])) if (page.length > 0) return true
  return false
}

/** What a field is called in the `include` list of the search route. */
function includeName(field: string): string {
  return field.includes('.') ? field.slice(field.indexOf('.') + 1) : `$${field}`
}
