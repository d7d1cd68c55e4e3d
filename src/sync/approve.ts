/** Holds a plan against the one that was approved. */
import { ConfigError } from '../errors.ts'
import { type PlanId, readCounts } from './plan-id.ts'

/** @throws {ConfigError} when they differ; it says in what numbers, if in any */
export function approve(expected: string, plan: PlanId): void {
  if (expected === plan.toString()) return
  const approved = readCounts(expected)
  const { counts } = plan
  const actions = ['create', 'update', 'delete'] as const
  const differences = actions.map(action => {
    const before = approved?.[action] ?? 0
    return `${before} to ${action} were approved, ${counts[action]} are planned now`
  })
  const same = actions.every(action => approved?.[action] === counts[action])
  const what = same
    ? 'the numbers are the same, but not what is written, how it is written, or which blueprints are created'
    : differences.join('; ')
  throw new ConfigError(
    `expect-plan-id: the plan is ${plan}, and ${expected} was approved: ${what}. No blueprint and no entity was written. Wiz, Port, the mapping or a blueprint file has changed since; look at a new plan, and approve that.`,
  )
}
