/** Holds what a live run is about to delete against what is owned, as a sync does. */
import { countOwned } from '../../port/owned.ts'
import type { Recorder } from '../../report/recorder.ts'
import type { RunContext } from '../context.ts'
import {
  type GuardInput,
  type GuardLimits,
  guardLimits,
  isSmall,
  judgeDeletion,
  ownedForShare,
  type Verdict,
} from '../guard.ts'

export interface Judged {
  verdict: Verdict
  /** Entities of ours, as far as they were counted. */
  owned: number
}

/** What is known of a deletion besides its size. */
export type Evidence = Pick<GuardInput, 'incomplete' | 'empty'>

export interface Share {
  judge: (blueprint: string, stale: readonly string[], evidence: Evidence) => Promise<Judged>
}

export interface ShareOptions {
  limits: GuardLimits
  /** What the run has deleted before of a blueprint. */
  before: (blueprint: string) => number
  /** Entities of ours before the run deleted any; once there are enough the rest need not be counted. */
  countOwned: (blueprint: string, enough: number) => Promise<number>
}

/**
 * All that a run was about to delete of a blueprint counts together, whether it was deleted or blocked: an accident that
 * comes in parts is one all the same.
 */
export function createShare({ limits, before, countOwned: count }: ShareOptions): Share {
  const doomed = new Map<string, Set<string>>()
  return {
    async judge(blueprint, identifiers, evidence) {
      const all = new Set([...(doomed.get(blueprint) ?? []), ...identifiers])
      const stale = before(blueprint) + all.size
      // Whatever is owned, the answer is the same; Port is not asked.
      const skipped = !limits.deleteStale || evidence.incomplete.length > 0
      const settled = skipped || limits.allowMassDelete || isSmall(stale, limits)
      if (!skipped) doomed.set(blueprint, all)
      const owned = settled ? stale : await count(blueprint, ownedForShare(stale, limits))
      const input = { blueprint, owned, stale, ownershipKnown: true, ...evidence }
      return { verdict: judgeDeletion(input, limits), owned }
    },
  }
}

/** Of a run that knows nothing of Port but what it asks. */
export function createEventShare({ connections, inputs, file, recorder }: RunContext): Share {
  const { installationId } = inputs
  return createShare({
    limits: guardLimits(inputs, file.entityDeletionThreshold),
    before: () => 0,
    async countOwned(blueprint, enough) {
      const gone = deletedOf(recorder, blueprint)
      return gone + (await countOwned(connections.port, blueprint, installationId, enough - gone))
    },
  })
}

/** How many entities of a blueprint were deleted so far. */
export function deletedOf({ report }: Recorder, blueprint: string): number {
  return report.blueprints[blueprint]?.deleted ?? 0
}
