/** One bad expression or object takes nothing else along, and nothing outside of it is within reach. */
import { existsSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { held, mappingOf, numbers, startWorld } from './harness.ts'

const NATIVE = '/usr/bin/jq'
const ENGINES: [string, Record<string, string>][] = [['bundled', {}]]
if (existsSync(NATIVE)) ENGINES.push(['native', { 'jq-path': NATIVE }])

const EMPTY = { tenant: { projects: 0, issues: 0 } }
/** What never ends is searched for among so many. */
const PAGE = 60

describe.each(ENGINES)('with the %s jq', (_, inputs) => {
  it('an expression that hangs on one object is ended, named with its object, and the rest is mapped', async () => {
    const world = await startWorld({ tenant: { projects: 0, issues: PAGE } })
    world.tenant.addIssue({ id: 'bad', status: 'OPEN', severity: 'LOW' })
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'\nproperties:\n  severity: \'if .id == "bad" then (def f: f; f) else .severity end\'\n  status: .status',
    )
    const result = await world.run(inputs, { files })
    expect(held(world.port, 'wizIssue')).toHaveLength([...world.tenant.openIssues()].length)
    expect(world.port.entity('wizIssue', 'bad')?.properties).toEqual({ status: 'OPEN' })
    expect(result.report?.fieldErrors).toEqual([
      {
        kind: 'issue',
        field: 'properties.severity',
        message: 'no result after 2 s; an expression may never end',
        count: 1,
        examples: ['bad'],
      },
    ])
    expect(numbers(result)).toMatchObject({ failed: 0 })
  })

  it('an expression that hangs where it decides about an object fails that object, and nothing is deleted', async () => {
    const world = await startWorld({ tenant: { projects: 0, issues: 20 } })
    await world.fill()
    const before = held(world.port, 'wizIssue')
    const [gone, bad] = [...world.tenant.openIssues()].map(({ id }) => id)
    world.tenant.resolve(gone ?? '')
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'',
      `query: 'if .id == "${bad}" then (def f: f; f) else true end'`,
    )
    const result = await world.run(inputs, { files })
    expect(result.exitCode).toBe(1)
    expect(result.report?.failures).toEqual([
      expect.objectContaining({ kind: 'issue', identifier: bad, field: 'selector.query' }),
    ])
    expect(held(world.port, 'wizIssue')).toEqual(before)
  })

  it('an expression that is slow on every object is given up, and the step fails with its name', async () => {
    const world = await startWorld({ tenant: { projects: 0, issues: PAGE } })
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'\nproperties:\n  severity: .severity as $s | [range(3000000)] | length | $s\n  status: .status',
    )
    const result = await world.run(inputs, { files })
    expect(result.exitCode).toBe(1)
    expect(result.report?.problems.map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^issue: properties\.severity \(resource 1 of the mapping\) was given up: it took more than 50 ms on each of 5 objects\.$/,
      ),
    ])
    const [first] = world.port.entities('wizIssue')
    expect(first?.properties).toEqual({ status: expect.any(String) })
  })

  it('values of all sorts come through; what JSON cannot carry fails its object alone', async () => {
    const world = await startWorld(EMPTY)
    const odd: Record<string, unknown> = {
      nul: { a: 'x\u0000y' },
      lone: { a: 'x\ud800y' },
      long: { a: 'x'.repeat(300_000) },
      keys: JSON.parse('{"__proto__": {"a": 1}, "constructor": "c"}'),
    }
    for (const [id, subscriptionTags] of Object.entries(odd)) {
      world.tenant.addIssue({ id, entitySnapshot: { id: 's', type: 'BUCKET', name: id, subscriptionTags } })
    }
    const files = mappingOf(
      'issue',
      'identifier: .id\nblueprint: \'"wizIssue"\'\nproperties:\n  subscriptionTags: .entitySnapshot.subscriptionTags',
    )
    const result = await world.run(inputs, { files })
    expect(result.exitCode).toBe(0)
    const tags = (id: string) => world.port.entity('wizIssue', id)?.properties.subscriptionTags
    expect(tags('nul')).toEqual(odd.nul)
    // Half of a surrogate pair is no text: UTF-8, and Port with it, has the replacement character for it.
    expect(tags('lone')).toEqual({ a: 'x\ufffdy' })
    expect(tags('long')).toEqual(odd.long)
    expect(JSON.stringify(tags('keys'))).toBe(JSON.stringify(odd.keys))
    // Read back, all of it is equal to what Wiz says.
    expect(numbers(await world.run(inputs, { files }))).toMatchObject({ updated: 0, unchanged: 4 })
  })
})

it('numbers that a double cannot hold are texts where texts are wanted, and a field error elsewhere', async () => {
  const world = await startWorld(EMPTY)
  world.tenant.addIssue({ id: 'a' })
  const files = mappingOf(
    'issue',
    `identifier: 12345678901234567890 | .
blueprint: '"wizIssue"'
title: 98765432109876543210 | .
properties:
  wizIssueID: '[1e1000] | .[0]'
  vulnerability: '{n: 12345678901234567890} | .'
  resourceName: 12345678901234567890 | tostring
relations:
  control: 11111111111111111111 | .`,
  )
  const result = await world.run({}, { files })
  expect(result.exitCode).toBe(1)
  expect(world.port.entity('wizIssue', '12345678901234567890')).toMatchObject({
    title: '98765432109876543210',
    properties: { resourceName: '12345678901234567890' },
    relations: { control: '11111111111111111111' },
  })
  expect(result.report?.fieldErrors.map(({ field, message }) => [field, message])).toEqual([
    ['properties.wizIssueID', expect.stringContaining('a number that JSON readers cannot hold')],
    ['properties.vulnerability', expect.stringContaining('a number that JSON readers cannot hold')],
  ])
})
