/** `enableMergeEntity: false` drops what the mapping does not say, and nothing of what it says. */
import { expect, it } from 'vitest'
import { mappingOf, numbers, startWorld } from './harness.ts'

const FILE = '.github/wiz-to-port.yml'

/** A mapping that replaces entities, of several resources. */
function replacing(...resources: Record<string, string>[]): Record<string, string> {
  const texts = resources.map(one => (one[FILE] ?? '').replace('resources:\n', ''))
  return { [FILE]: `enableMergeEntity: false\nresources:\n${texts.join('')}` }
}

const issue = (fields: string) => mappingOf('issue', `identifier: .id\nblueprint: '"wizIssue"'\n${fields}`)

it('what somebody added is dropped when the entity is written', async () => {
  const world = await startWorld({ tenant: { projects: 0, issues: 5 } })
  const files = replacing(issue('properties:\n  severity: .severity'))
  await world.fill(files)
  const [entity] = world.port.entities('wizIssue')
  world.port.putEntity('wizIssue', { ...entity, properties: { ...entity?.properties, resourceName: 'by hand' } })
  expect(numbers(await world.run({}, { files }))).toMatchObject({ updated: 1 })
  expect(world.port.entity('wizIssue', entity?.identifier ?? '')?.properties).toEqual(entity?.properties)
})

it('a field whose expression fails keeps what Port has', async () => {
  const world = await startWorld({ tenant: { projects: 0, issues: 0 } })
  const id = world.tenant.addIssue({ id: 'a', status: 'OPEN', severity: 'LOW', description: 'one' })
  const files = (severity: string) =>
    replacing(issue(`properties:\n  severity: ${severity}\n  resourceName: .description`))
  await world.fill(files('.severity'))
  world.tenant.addIssue({ id: 'b', status: 'OPEN', severity: 'HIGH' })
  world.tenant.editIssue(id, { description: 'two' })
  const result = await world.run({}, { files: files('if .severity == "LOW" then error("no") else .severity end') })
  expect(result.report?.fieldErrors).toHaveLength(1)
  expect(world.port.entity('wizIssue', 'a')?.properties).toEqual({ severity: 'LOW', resourceName: 'two' })
})

it('what several resources say of an entity is all there, and stays when one of them changes', async () => {
  const world = await startWorld({ tenant: { projects: 0, issues: 0 } })
  world.tenant.addIssue({ id: 'a', status: 'OPEN', severity: 'LOW', description: 'one' })
  const files = replacing(
    issue('properties:\n  severity: .severity'),
    issue('properties:\n  resourceName: .description'),
  )
  expect(numbers(await world.run({}, { files }))).toMatchObject({ created: 1 })
  expect(world.port.entity('wizIssue', 'a')?.properties).toEqual({ severity: 'LOW', resourceName: 'one' })
  expect(numbers(await world.run({}, { files }))).toMatchObject({ created: 0, updated: 0, unchanged: 1 })
  for (const change of [{ severity: 'HIGH' }, { description: 'two' }]) {
    world.tenant.editIssue('a', change)
    expect(numbers(await world.run({}, { files }))).toMatchObject({ updated: 1 })
  }
  expect(world.port.entity('wizIssue', 'a')?.properties).toEqual({ severity: 'HIGH', resourceName: 'two' })
})
