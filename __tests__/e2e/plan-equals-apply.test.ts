/** On whatever tenant, mapping and catalog: apply does what the plan said, and a second apply does nothing. */
import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { mappingOf, numbers, startWorld } from './harness.ts'

const SHIPPED = { '.github/wiz-to-port.yml': readFileSync('mappings/wiz.yml', 'utf8') }
const MAPPINGS: Record<string, string>[] = [
  SHIPPED,
  mappingOf(
    'issue',
    'identifier: .id\nblueprint: \'"wizIssue"\'\ntitle: .entitySnapshot.name\nproperties:\n  severity: .severity',
  ),
  mappingOf(
    'issue',
    'identifier: .id\nblueprint: \'"wizIssue"\'\nproperties:\n  status: .status',
    'query: .severity != "LOW"',
  ),
  mappingOf('control', 'identifier: .id\nblueprint: \'"wizControl"\'\ntitle: .name | ascii_upcase'),
  // Many objects say different things about one entity.
  mappingOf('issue', 'identifier: .severity\nblueprint: \'"wizProject"\'\nproperties:\n  description: .id'),
  // Some objects fail as a whole, some only in a field, and some of what is left Port refuses.
  mappingOf(
    'issue',
    `identifier: 'if .severity == "LOW" then null else .id end'
blueprint: '"wizIssue"'
properties:
  severity: 'if .severity == "HIGH" then "GRAVE" else .severity end'
  status: 'if .severity == "MEDIUM" then error("no") else .status end'`,
  ),
  // Some targets are in Port, some are planned, and some are nowhere.
  Object.fromEntries(
    Object.entries(
      mappingOf(
        'issue',
        `identifier: .id
blueprint: '"wizIssue"'
relations:
  control: 'if .severity == "LOW" then "nowhere" else .sourceRule.id end'`,
      ),
    ).map(([path, text]) => [path, `createMissingRelatedEntities: false\n${text}`]),
  ),
  // Whatever issues pointed to stays as it is: what goes from Wiz is kept in Port where they still point to it.
  Object.fromEntries(
    Object.entries(SHIPPED).map(([path, text]) => [
      path,
      text.replaceAll(/^ +relations:\n( +)\S.*\n(?:\1.*\n)*/gm, ''),
    ]),
  ),
]

const change = fc.oneof(
  fc.record({ what: fc.constantFrom('resolve', 'edit', 'delete', 'foreign', 'lost'), at: fc.nat(30) }),
  fc.record({ what: fc.constant('add'), at: fc.integer({ min: 1, max: 3 }) }),
)

it('a plan is what apply does', async () => {
  const property = fc.asyncProperty(
    fc.record({ seed: fc.nat(1000), issues: fc.nat(40), projects: fc.integer({ min: 1, max: 5 }) }),
    fc.constantFrom(...MAPPINGS),
    fc.constantFrom(...MAPPINGS),
    fc.array(change, { maxLength: 8 }),
    async (tenant, before, after, changes) => {
      const world = await startWorld({ tenant })
      await world.fill(before)
      for (const { what, at } of changes) {
        const open = [...world.tenant.openIssues()]
        const { id = '' } = open[at % Math.max(open.length, 1)] ?? {}
        const [entity] = world.port.entities('wizIssue').slice(at)
        if (what === 'add') world.tenant.addIssues(at)
        else if (id !== '' && what === 'resolve') world.tenant.resolve(id)
        else if (id !== '' && what === 'delete') world.tenant.deleteIssue(id)
        else if (id !== '' && what === 'edit') world.tenant.editIssue(id, { severity: 'CRITICAL' })
        else if (entity !== undefined && what === 'foreign')
          world.port.putEntity('wizIssue', { identifier: entity.identifier, title: 'by hand' })
        else if (entity !== undefined && what === 'lost') world.port.removeEntity('wizIssue', entity.identifier)
      }
      const inputs = { 'allow-mass-delete': 'true' }
      const plan = await world.run(inputs, { event: 'pull_request', files: after })
      const apply = await world.run(inputs, { files: after })
      expect(apply.report?.operations).toEqual(plan.report?.operations)
      expect(numbers(apply)).toEqual(numbers(plan))
      expect(apply.outputs['plan-id']).toBe(plan.outputs['plan-id'])
      expect(numbers(await world.run(inputs, { files: after }))).toMatchObject({ created: 0, updated: 0, deleted: 0 })
    },
  )
  await fc.assert(property, { seed: 20261124, numRuns: 10 })
  // Forty runs of the action, on a machine that does other things as well.
}, 240_000)
