/** Decides whether the stale entities of a blueprint may be deleted. Pure; every refusal says its numbers and the way out. */

export interface GuardInput {
  blueprint: string
  /** Entities of this installation in Port. */
  owned: number
  /** Owned entities that Wiz no longer has. */
  stale: number
  /** Why what Wiz has is not wholly known: clauses such as "issue was not read to the end: …". Empty when it is. */
  incomplete: readonly string[]
  /** Kinds of this blueprint whose crawl returned no object at all. */
  empty: readonly string[]
  ownershipKnown: boolean
}

export interface GuardLimits {
  deleteStale: boolean
  /** 0 to 100. */
  maxDeletePercent: number
  allowMassDelete: boolean
}

export type Verdict =
  | { status: 'delete' }
  /** Nothing is wrong, but nothing may be deleted now. */
  | { status: 'skip'; reason: string }
  /** Looks like an accident: the step fails. */
  | { status: 'blocked'; reason: string }

const DEFAULT_MAX_DELETE_PERCENT = 30
/** Below this many owned entities a share says nothing. */
const SMALLEST_SHARE_BASE = 10

/** @param threshold `entityDeletionThreshold` of the mapping, from 0 to 1; the input has the last word */
export function guardLimits(
  {
    deleteStale,
    maxDeletePercent,
    allowMassDelete,
  }: Omit<GuardLimits, 'maxDeletePercent'> & {
    maxDeletePercent: number | undefined
  },
  threshold: number | undefined,
): GuardLimits {
  const percent = threshold === undefined ? DEFAULT_MAX_DELETE_PERCENT : threshold * 100
  return { deleteStale, maxDeletePercent: maxDeletePercent ?? percent, allowMassDelete }
}

/** Whether so few may be deleted as far as their share goes, however many are owned. */
export function isSmall(stale: number, { maxDeletePercent }: GuardLimits): boolean {
  return stale * 100 <= maxDeletePercent * SMALLEST_SHARE_BASE
}

/** With how many owned entities a deletion is within its share. */
export function ownedForShare(stale: number, { maxDeletePercent }: GuardLimits): number {
  return (stale * 100) / maxDeletePercent
}

export function judgeDeletion(input: GuardInput, limits: GuardLimits): Verdict {
  const { blueprint, owned, stale } = input
  if (!limits.deleteStale) return { status: 'skip', reason: 'delete-stale is false' }
  if (!input.ownershipKnown) {
    return { status: 'skip', reason: 'Port does not say who wrote an entity, so none is known to be ours' }
  }
  if (input.incomplete.length > 0) return { status: 'skip', reason: input.incomplete.join('; ') }
  if (stale === 0 || limits.allowMassDelete) return { status: 'delete' }
  if (input.empty.length > 0) {
    return {
      status: 'blocked',
      reason: `Wiz returned no ${input.empty.join(' and no ')} at all, and ${stale} of ${owned} ${blueprint} would be deleted. A service account that sees no projects gets empty lists and no error: check its project scope in Wiz, or set allow-mass-delete: true for one run if Wiz really is empty.`,
    }
  }
  const percent = (stale / owned) * 100
  if (owned >= SMALLEST_SHARE_BASE && percent > limits.maxDeletePercent) {
    return {
      status: 'blocked',
      reason: `${stale} of ${owned} ${blueprint} (${percent.toFixed(1)}%) would be deleted, more than max-delete-percent (${limits.maxDeletePercent}%) allows. If Wiz really lost that many, raise max-delete-percent, or set allow-mass-delete: true for one run.`,
    }
  }
  return { status: 'delete' }
}
