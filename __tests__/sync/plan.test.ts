import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Entity } from '../../src/port/model.ts'
import { createFingerprinter } from '../../src/sync/fingerprint.ts'
import { type Collision, type Operation, Planner } from '../../src/sync/plan.ts'
import { type Manner, PlanId } from '../../src/sync/plan-id.ts'
import { BlueprintState } from '../../src/sync/state.ts'

const fingerprint = await createFingerprinter()
const MANNER: Manner = { installationId: 'wiz', enableMergeEntity: true, createMissingRelatedEntities: true }
const FIELDS = ['title', 'properties.a', 'properties.b', 'relations.to']

interface Actual {
  entity: Entity
  owned: boolean
}

function entity(identifier: string, properties: Record<string, unknown> = {}, to: string[] = []): Entity {
  return { identifier, properties, relations: { to } }
}

/** A planner for one blueprint that points to itself. */
function plannerOver(actual: Actual[], holdBytes?: number) {
  const state = new BlueprintState('b', FIELDS)
  for (const {
    entity: { identifier, title, properties, relations },
    owned,
  } of actual) {
    const values: Record<string, unknown> = { title, 'relations.to': relations.to }
    for (const [name, value] of Object.entries(properties)) values[`properties.${name}`] = value
    state.addActual(identifier, field => fingerprint(field, values[field]))
    if (owned) state.own(identifier)
  }
  const collisions: Collision[] = []
  const planner = new Planner({
    states: new Map([['b', state]]),
    targets: new Map([['b', new Map([['to', 'b']])]]),
    fingerprint,
    onCollision: collision => collisions.push(collision),
    ...(holdBytes !== undefined && { holdBytes }),
  })
  return { state, planner, collisions }
}

function plan(actual: Actual[], wanted: Entity[], holdBytes?: number) {
  const { state, planner, collisions } = plannerOver(actual, holdBytes)
  const operations = [...wanted.flatMap((one, at) => planner.want('b', one, at + 1)), ...planner.settle()]
  return { operations, state, planner, collisions }
}

const said = (operations: Operation[]) =>
  operations.map(({ action, entity: { identifier } }) => `${action} ${identifier}`)
const ours = (one: Entity): Actual => ({ entity: one, owned: true })

describe('an entity', () => {
  it('is created where Port has none, updated where it differs, and left alone where it is equal', () => {
    const { operations, state } = plan(
      [ours(entity('same', { a: 1 })), ours(entity('other', { a: 1 }))],
      [entity('new'), entity('same', { a: 1 }), entity('other', { a: 2 })],
    )
    expect(said(operations)).toEqual(['create new', 'update other'])
    expect(state.unchangedCount).toBe(1)
  })

  it('is compared by its mapped fields only, and null equals absent', () => {
    const actual = ours({ ...entity('x', { a: 1, b: 'kept' }, []), title: 'by hand' })
    expect(plan([actual], [entity('x', { a: 1 })]).operations).toEqual([])
    expect(plan([ours(entity('x', { a: null }))], [entity('x')]).operations).toEqual([])
    expect(plan([ours(entity('x'))], [entity('x', { a: null })]).operations).toEqual([])
    expect(said(plan([ours(entity('x', { a: '1' }))], [entity('x', { a: 1 })]).operations)).toEqual(['update x'])
    expect(said(plan([ours(entity('x', { a: [] }))], [entity('x', { a: {} })]).operations)).toEqual(['update x'])
  })

  it('has relations in no order, and lists in theirs', () => {
    expect(plan([ours(entity('x', {}, ['p', 'q']))], [entity('x', {}, ['q', 'p'])]).operations).toEqual([])
    const lists = plan([ours(entity('x', { a: ['p', 'q'] }))], [entity('x', { a: ['q', 'p'] })])
    expect(said(lists.operations)).toEqual(['update x'])
    const objects = plan([ours(entity('x', { a: { p: 1, q: 2 } }))], [entity('x', { a: { q: 2, p: 1 } })])
    expect(objects.operations).toEqual([])
  })

  it('of another writer is taken over once, even when it is equal', () => {
    const { operations } = plan([{ entity: entity('x', { a: 1 }), owned: false }], [entity('x', { a: 1 })])
    expect(operations).toEqual([
      {
        action: 'update',
        blueprint: 'b',
        entity: entity('x', { a: 1 }),
        takeover: true,
        again: false,
        fields: [],
        partial: false,
      },
    ])
  })
})

describe('what is stale', () => {
  it('is owned, not wanted, and not pointed to by anything wanted', () => {
    const actual = [
      ours(entity('gone')),
      ours(entity('target')),
      ours(entity('kept')),
      { entity: entity('foreign'), owned: false },
    ]
    const { state, planner } = plan(actual, [entity('new', {}, ['target'])])
    planner.keep('b', 'kept')
    expect(state.stale()).toEqual(['gone'])
    expect(state.ownedCount).toBe(3)
  })
})

describe('objects that collide', () => {
  const actual = [ours(entity('x', { a: 'last' }))]

  it('are reported, and the last one holds', () => {
    const { operations, collisions } = plan(
      [ours(entity('x', { a: 'old' }))],
      [entity('x', { a: 'first' }), entity('x', { a: 'last' })],
    )
    expect(operations.map(({ entity: one }) => one.properties.a)).toEqual(['last'])
    expect(collisions).toEqual([{ blueprint: 'b', identifier: 'x', fields: ['properties.a'] }])
  })

  it('write nothing when the last one is what Port has already', () => {
    const { operations, state } = plan(actual, [entity('x', { a: 'first' }), entity('x', { a: 'last' })])
    expect(operations).toEqual([])
    expect(state.unchangedCount).toBe(1)
  })

  it('are no collision when they say the same, or speak of different fields', () => {
    const same = plan([], [entity('x', { a: 1 }), entity('x', { a: 1 })])
    expect(said(same.operations)).toEqual(['create x'])
    const parts = plan([ours(entity('x'))], [entity('x', { a: 1 }), entity('x', { b: 2 })])
    expect(parts.operations.map(({ entity: one }) => one.properties)).toEqual([{ a: 1, b: 2 }])
    expect([...same.collisions, ...parts.collisions]).toEqual([])
  })

  it('that are created first are settled without being counted again', () => {
    const { operations } = plan([], [entity('x', { a: 'first' }), entity('x', { a: 'last' })])
    expect(operations.map(({ action, again }) => [action, again])).toEqual([
      ['create', false],
      ['update', true],
    ])
  })
})

describe('for any catalog and any wish', () => {
  const value = fc.oneof(
    fc.constant(null),
    fc.integer({ min: 0, max: 2 }),
    fc.constantFrom('', 'x'),
    fc.constant(['x']),
  )
  const anyEntity = fc
    .record({
      identifier: fc.constantFrom('p', 'q', 'r', 's'),
      a: value,
      b: value,
      to: fc.uniqueArray(fc.constantFrom('p', 'q')),
    })
    .map(({ identifier, a, b, to }) => entity(identifier, { a, b }, to))
  const catalog = fc
    .uniqueArray(anyEntity, { selector: ({ identifier }) => identifier })
    .chain(list =>
      fc
        .array(fc.boolean(), { minLength: list.length, maxLength: list.length })
        .map(owned => list.map((one, i) => ({ entity: one, owned: owned[i] ?? false }))),
    )

  /** What Port holds after the operations: a merge of mapped fields, written by us. */
  function apply(actual: Actual[], operations: Operation[]): Actual[] {
    const after = new Map(actual.map(one => [one.entity.identifier, one]))
    for (const { entity: wanted } of operations) {
      const before = after.get(wanted.identifier)?.entity
      const properties = { ...before?.properties, ...wanted.properties }
      after.set(wanted.identifier, { entity: { ...wanted, properties }, owned: true })
    }
    return [...after.values()]
  }

  it('applying twice writes nothing the second time, with whatever is held back', () => {
    fc.assert(
      fc.property(
        catalog,
        fc.array(anyEntity, { maxLength: 8 }),
        fc.constantFrom(0, 100, 1_000_000),
        (actual, wanted, holdBytes) => {
          const first = plan(actual, wanted, holdBytes)
          const after = apply(actual, first.operations)
          expect(plan(after, wanted).operations).toEqual([])
        },
      ),
      { numRuns: 500 },
    )
  })

  it('the same wish against the same catalog gives the same operations', () => {
    fc.assert(
      fc.property(catalog, fc.array(anyEntity, { maxLength: 8 }), (actual, wanted) => {
        expect(plan(actual, wanted).operations).toEqual(plan(actual, wanted).operations)
      }),
    )
  })

  it('nothing wanted, foreign or pointed to is ever stale', () => {
    fc.assert(
      fc.property(catalog, fc.array(anyEntity, { maxLength: 4 }), (actual, wanted) => {
        const stale = plan(actual, wanted).state.stale()
        const safe = new Set([
          ...wanted.flatMap(({ identifier, relations }) => [identifier, ...(relations.to ?? [])]),
          ...actual.filter(({ owned }) => !owned).map(({ entity: { identifier } }) => identifier),
        ])
        expect(stale.filter(identifier => safe.has(identifier))).toEqual([])
      }),
    )
  })
})

it('a plan does not depend on the order of objects, nor on how many are held back at a time', () => {
  const one = fc.record({ id: fc.integer({ min: 0, max: 12 }), a: fc.integer({ min: 0, max: 2 }) })
  const distinct = fc.uniqueArray(one, { selector: ({ id }) => id, maxLength: 12 })
  const entityOf = ({ id, a }: { id: number; a: number }) => entity(`e${id}`, { a })
  const property = fc.property(
    distinct.map(list => list.map(entityOf)),
    distinct.chain(list =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
    ),
    fc.constantFrom(0, 100, 1e6),
    (actual, [wanted, shuffled], holdBytes) => {
      const outcome = (objects: { id: number; a: number }[], hold?: number) => {
        const { operations, state } = plan(actual.map(ours), objects.map(entityOf), hold)
        const id = new PlanId(MANNER)
        for (const operation of operations) id.write(operation)
        for (const identifier of state.stale()) id.delete('b', identifier)
        return [id.toString(), said(operations).sort(), state.stale()]
      }
      expect(outcome(shuffled, holdBytes)).toEqual(outcome(wanted))
    },
  )
  fc.assert(property, { seed: 20261124, numRuns: 300 })
})

it('two plans that differ in anything have different ids', () => {
  const idOf = (wanted: Entity[]) => {
    const id = new PlanId(MANNER)
    for (const operation of plan([], wanted).operations) id.write(operation)
    return id.toString()
  }
  const ids = [
    [],
    [entity('x')],
    [entity('y')],
    [entity('x', { a: 1 })],
    [entity('x', { a: '1' })],
    [entity('x'), entity('y')],
  ]
  expect(new Set(ids.map(idOf)).size).toBe(ids.length)
})

it('where objects say different things, the highest rank holds, in whatever order they come', () => {
  const said = fc.record({
    id: fc.integer({ min: 0, max: 2 }),
    a: fc.option(fc.integer({ max: 3, min: 0 })),
    b: fc.integer({ max: 3, min: 0 }),
  })
  const objects = fc
    .array(said, { minLength: 1, maxLength: 6 })
    .map(list => list.map((one, at) => ({ ...one, rank: at + 1 })))
  const property = fc.property(
    objects.chain(list =>
      fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length, maxLength: list.length })),
    ),
    fc.constantFrom(0, 100, 1e6),
    ([ordered, shuffled], holdBytes) => {
      const finalState = (list: typeof ordered) => {
        const { planner } = plannerOver([], holdBytes)
        const held = new Map<string, Record<string, unknown>>()
        const operations = list.flatMap(({ id, a, b, rank }) =>
          planner.want('b', entity(`e${id}`, a === null ? { b } : { a, b }), rank),
        )
        for (const { entity: written } of [...operations, ...planner.settle()]) {
          held.set(written.identifier, { ...held.get(written.identifier), ...written.properties })
        }
        return Object.fromEntries([...held].sort())
      }
      expect(finalState(shuffled)).toEqual(finalState(ordered))
    },
  )
  fc.assert(property, { numRuns: 1000 })
})

it('the same operations, done otherwise or with other blueprints, have another id', () => {
  const blueprint = { identifier: 'b', title: 'B', schema: { properties: {} } }
  const manners: Partial<Manner>[] = [
    {},
    { installationId: 'other' },
    { enableMergeEntity: false },
    { createMissingRelatedEntities: false },
  ]
  const ids = manners.map(manner => new PlanId({ ...MANNER, ...manner }).toString())
  for (const created of [blueprint, { ...blueprint, title: 'Another' }]) {
    const id = new PlanId(MANNER)
    id.createBlueprint(created)
    ids.push(id.toString())
  }
  expect(new Set(ids).size).toBe(ids.length)
})
