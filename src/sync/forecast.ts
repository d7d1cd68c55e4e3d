/** How many requests an apply would take, and how long at the limits of both services. */

import { MAX_EVENT_IDS } from '../live-event.ts'
import { MAX_DELETE_ENTITIES } from '../port/entities.ts'
import type { Blueprint } from '../port/model.ts'
import { type Forecast, hasChanges, type Report } from '../report/model.ts'
import { kinds } from '../wiz/kinds.ts'
import type { RunContext } from './context.ts'
import type { Origins } from './origins.ts'

/** Port's published limit for bulk requests: in five minutes, and how many of them may come at once. */
const PORT_PER_SECOND = 35_000 / 300
const PORT_BURST = 3_500
/** The integration is read and written, and told that the run begins and how it ends. */
const REGISTRATION = 4

/** Requests, to both services. */
export interface Requests {
  wiz: number
  port: number
}

export interface Planned {
  /** Requests that the plan took to know everything; apply takes as many. */
  reads: Requests
  /** In which all entities are written. */
  bulks: number
  /** What is written, as far as an apply looks at it once more. */
  origins: Origins
  /** Blueprints to be created. */
  missing: readonly Blueprint[]
}

export function forecast(
  { inputs, resources, recorder: { report } }: Pick<RunContext, 'inputs' | 'resources' | 'recorder'>,
  { reads, bulks, origins, missing }: Planned,
): Forecast {
  const sources = new Set(resources.map(({ kind }) => kinds[kind].source))
  // Entities of ours are read again before they are deleted.
  const deletions = report.deletions.map(({ status, stale }) =>
    status === 'delete' ? 2 * Math.ceil(stale / MAX_DELETE_ENTITIES) : 0,
  )
  // Whether Port takes an entity that was just written for ours.
  const check = bulks > 0 ? 1 : 0
  const registration = inputs.registerIntegration
    ? REGISTRATION + (inputs.sendRawExamples ? mappedKinds(report) : 0)
    : 0
  // A look is a request to Wiz, and one to Port for what is ours of it.
  const looks = sum([...sources].map(source => Math.ceil(origins.idsOf(source).length / MAX_EVENT_IDS)))
  const portRequests = reads.port + bulks + sum(deletions) + check + registration + sum(missing.map(creating)) + looks
  // Wiz is asked for what has changed meanwhile.
  const changed = hasChanges(report) && sources.has('issues') ? 1 : 0
  const wizRequests = reads.wiz + changed + looks
  const seconds = Math.max(wizRequests / inputs.wiz.requestsPerSecond, (portRequests - PORT_BURST) / PORT_PER_SECOND)
  return { wizRequests, portRequests, minutes: Math.max(0, seconds) / 60 }
}

/** A blueprint is created bare, then gets its relations if it has some, then the rest. */
function creating({ relations = {} }: Blueprint): number {
  return Object.keys(relations).length > 0 ? 3 : 2
}

/** Kinds of which there are objects to show in Port. */
function mappedKinds({ kinds: list }: Report): number {
  return new Set(list.flatMap(({ kind, objects }) => (objects > 0 ? [kind] : []))).size
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
