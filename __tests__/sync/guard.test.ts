import { describe, expect, it } from 'vitest'
import { type GuardInput, type GuardLimits, judgeDeletion } from '../../src/sync/guard.ts'

const input: GuardInput = {
  blueprint: 'wizIssue',
  owned: 100,
  stale: 30,
  incomplete: [],
  empty: [],
  ownershipKnown: true,
}
const limits: GuardLimits = { deleteStale: true, maxDeletePercent: 30, allowMassDelete: false }

describe('deletion', () => {
  it('goes ahead up to the limit, and not beyond it', () => {
    expect(judgeDeletion(input, limits)).toEqual({ status: 'delete' })
    const verdict = judgeDeletion({ ...input, stale: 31 }, limits)
    expect(verdict).toMatchObject({ status: 'blocked' })
    expect(verdict.status === 'blocked' && verdict.reason).toMatch(
      /31 of 100 wizIssue \(31\.0%\).*max-delete-percent \(30%\).*allow-mass-delete: true/,
    )
  })

  it('counts a share only from ten owned entities up', () => {
    expect(judgeDeletion({ ...input, owned: 9, stale: 9 }, limits).status).toBe('delete')
    expect(judgeDeletion({ ...input, owned: 10, stale: 4 }, limits).status).toBe('blocked')
  })

  it('is blocked when Wiz returned nothing at all, whatever the share', () => {
    const verdict = judgeDeletion({ ...input, owned: 2, stale: 1, empty: ['issue'] }, limits)
    expect(verdict.status === 'blocked' && verdict.reason).toMatch(/no issue at all.*1 of 2.*project scope/)
    expect(judgeDeletion({ ...input, stale: 0, empty: ['issue'] }, limits).status).toBe('delete')
  })

  it('is allowed for a run by allow-mass-delete, but not for what was not read to its end', () => {
    const allowed = { ...limits, allowMassDelete: true }
    expect(judgeDeletion({ ...input, stale: 100, empty: ['issue'] }, allowed).status).toBe('delete')
    expect(judgeDeletion({ ...input, incomplete: ['issue was cut short'] }, allowed)).toEqual({
      status: 'skip',
      reason: 'issue was cut short',
    })
    expect(judgeDeletion({ ...input, ownershipKnown: false }, allowed).status).toBe('skip')
    expect(judgeDeletion(input, { ...allowed, deleteStale: false }).status).toBe('skip')
  })
})
