/** Holds a plan against the one that was approved. */
import { ConfigError } from '../errors.ts'
import { type PlanId, readCounts } from './plan-id.ts'

/** @throws {ConfigError} when they differ, with the numbers of both */
export function approve(expected: string, plan: PlanId): void {
  if (expected === plan.toString()) return
  const approved = readCounts(expected)
  const { counts } = plan
  const differences = (['create', 'update', 'delete'] as const).map(action => {
    const before = approved?.[action] ?? 0
    return `${before} to ${action} were approved, ${counts[action]} are planned now`
  })
  throw new ConfigError(
    `expect-plan-id: the plan is ${plan}, and ${expected} was approved: ${differences.join('; ')}. Nothing was written. Wiz, Port or the mapping has changed since; look at a new plan, and approve that.`,
  )
}
