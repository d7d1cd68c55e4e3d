/** What the shipped mapping is to make of a tenant, worked out without the action's own code. */
import type { PortSandbox } from './port/index.ts'
import type { Tenant } from './wiz/index.ts'

type Json = Record<string, unknown>

/** A field of a generated object: a value, or a function that makes it. */
function list(value: unknown): Json[] {
  const made = typeof value === 'function' ? value() : value
  return Array.isArray(made) ? made : []
}

/** The identifiers that Port is to hold for each shipped blueprint, sorted. */
function wanted(tenant: Tenant): Record<string, string[]> {
  const rules = new Set<string>()
  const tickets = new Set<string>()
  const issues: string[] = []
  for (const issue of tenant.openIssues()) {
    issues.push(issue.id)
    for (const rule of list(issue.sourceRules)) rules.add(String(rule.id))
    for (const ticket of list(issue.serviceTickets)) {
      tickets.add(String(ticket.externalId).replace(/[^\p{L}0-9@_.+:\\/=-]/gu, '-'))
    }
  }
  const projects = tenant.projects().filter(({ archived }) => archived !== true)
  return {
    wizProject: projects.map(({ id }) => id).sort(),
    wizIssue: issues.sort(),
    wizControl: [...rules].sort(),
    wizServiceTicket: [...tickets].sort(),
  }
}

/** Projects that Port created itself, because an issue points to them: archived ones, which Wiz does not list. */
function bareProjects(port: PortSandbox): number {
  return port.entities('wizProject').filter(({ title }) => title === null).length
}

export const shippedOracle = { wanted, bareProjects }
