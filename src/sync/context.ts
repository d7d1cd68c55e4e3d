/** What the stages of a run share. */
import type { Mapping, MappingEntry, MappingFile, Resource } from '../mapping/model.ts'
import type { Blueprint } from '../port/model.ts'
import type { Actual } from './actual.ts'
import type { Base } from './base-crawl.ts'
import type { Connections } from './connect.ts'
import type { Examples } from './examples.ts'
import type { Origins } from './origins.ts'
import type { ResourceEnd } from './stream.ts'
import type { SyncContext } from './sync.ts'
import type { Targets } from './targets.ts'

/** What a run works with. */
export interface RunContext extends SyncContext {
  /** Moment of `performance.now()` before the first question to either service. */
  startedAt: number
  /** Takes in raw objects for Port to show. */
  examples?: Examples | undefined
  file: MappingFile
  resources: readonly Resource<MappingEntry>[]
  /** The mapping of the base branch, in the plan of a pull request. */
  baseFile: MappingFile | undefined
  connections: Connections
}

/** What is known once everything was seen. */
export interface Seen {
  mapping: Mapping
  /** Those that Port has. */
  blueprints: ReadonlyMap<string, Blueprint>
  targets: Targets
  actuals: ReadonlyMap<string, Actual>
  ends: readonly ResourceEnd[]
  base: Base | undefined
}

/** What a run has written. */
export interface LastWrite {
  /** What came last: what Port says of its owner tells whether ownership can be trusted. */
  written?: { blueprint: string; identifier: string }
  /** What it came from. */
  origins: Origins
}
