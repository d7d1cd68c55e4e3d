/** Names that JavaScript has a use of its own for, and that differ in nothing that is seen: they are names like others. */
import { describe, expect, it } from 'vitest'
import { held, mappingOf, numbers, startWorld } from './harness.ts'

const NAMES = ['constructor', 'toString', 'valueOf', 'hasOwnProperty', '__proto__'] as const

describe.each(NAMES)('%s', name => {
  it('as a blueprint is counted, written and refused like any other', async () => {
    const world = await startWorld({ tenant: { projects: 3, issues: 0 } })
    world.port.putBlueprint({ identifier: name, title: name, schema: { properties: {} }, relations: {} })
    const files = mappingOf('project', `identifier: .id\nblueprint: '"${name}"'\ntitle: .name`)
    const first = await world.run({}, { files })
    expect(first.exitCode).toBe(0)
    expect(numbers(first)).toMatchObject({ created: 3, failed: 0 })
    expect(held(world.port, name)).toHaveLength(3)
    expect(numbers(await world.run({}, { files }))).toMatchObject({ created: 0, updated: 0, unchanged: 3 })

    world.tenant.addProject({ id: 'new', name: 'New' })
    world.port.faults.push({
      match: { path: /entities\/bulk$/ },
      times: 9,
      fault: { kind: 'respond', status: 403, body: { ok: false, error: 'forbidden', message: 'no' } },
    })
    const refused = await world.run({}, { files })
    expect(refused.exitCode).toBe(1)
    expect(numbers(refused)).toMatchObject({ created: 0, unchanged: 3, failed: 1 })
    expect(refused.summary).toContain(`<code>${name}</code>`)
  })

  it('as an option of a selector is not known', async () => {
    const world = await startWorld({ tenant: { projects: 1, issues: 0 } })
    const files = mappingOf('project', 'identifier: .id\nblueprint: \'"wizProject"\'', `query: 'true'\n${name}: 1`)
    const result = await world.run({}, { files })
    expect(result.exitCode).toBe(1)
    const said = result.annotations.map(({ message }) => message).join('\n')
    expect(said).toMatch(/kind project has no such option|not a name that can be mapped/)
  })

  it.skipIf(name === '__proto__')('as a property is compared with what Port has', async () => {
    const world = await startWorld({ tenant: { projects: 2, issues: 0 } })
    const properties = { [name]: { type: 'string', title: name } }
    world.port.putBlueprint({ identifier: 'odd', title: 'Odd', schema: { properties }, relations: {} })
    const files = (value: string) =>
      mappingOf('project', `identifier: .id\nblueprint: '"odd"'\nproperties:\n  ${name}: ${value}`)
    expect(numbers(await world.run({}, { files: files(`'null | .'`) }))).toMatchObject({ created: 2 })
    expect(numbers(await world.run({}, { files: files(`'null | .'`) }))).toMatchObject({ updated: 0, unchanged: 2 })
    expect(numbers(await world.run({}, { files: files('.name') }))).toMatchObject({ updated: 2 })
    expect(numbers(await world.run({}, { files: files('.name') }))).toMatchObject({ updated: 0, unchanged: 2 })
  })
})

it('identifiers that differ in case or in how an accent is written are different entities', async () => {
  const world = await startWorld({ tenant: { projects: 0, issues: 0 } })
  for (const id of ['caf\u00e9', 'cafe\u0301x', 'CAF\u00c9', 'cafe']) world.tenant.addProject({ id, name: id })
  const files = mappingOf('project', 'identifier: .id\nblueprint: \'"wizProject"\'\ntitle: .name')
  const result = await world.run({}, { files })
  // An accent of its own is a mark and no letter: Port's pattern has no room for it.
  expect(numbers(result)).toMatchObject({ created: 3, failed: 1 })
  expect(held(world.port, 'wizProject').sort()).toEqual(['CAF\u00c9', 'cafe', 'caf\u00e9'].sort())
})
