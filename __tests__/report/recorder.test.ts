/** How a recorder puts together what it is told, and takes back what is refused. */
import { expect, it } from 'vitest'
import { hasChanges } from '../../src/report/model.ts'
import { type PlannedOperation, Recorder } from '../../src/report/recorder.ts'

const operation = (identifier: string, more: Partial<PlannedOperation> = {}): PlannedOperation => ({
  action: 'create',
  blueprint: 'b',
  entity: { identifier },
  fields: [],
  takeover: false,
  again: false,
  ...more,
})

it('takes what Port would refuse out of the plan, once', () => {
  const recorder = new Recorder()
  for (const id of ['x', 'y']) recorder.planned(operation(id))
  recorder.refused([{ operation: operation('x'), reason: 'no' }])
  expect(recorder.report.operations.map(({ identifier }) => identifier)).toEqual(['y'])
  expect(recorder.report.blueprints.b).toMatchObject({ created: 1, updated: 0, failed: 1 })
})

it('leaves a create in the plan when only what a later object says of it is refused', () => {
  const recorder = new Recorder()
  const later = operation('x', { action: 'update', again: true })
  recorder.planned(operation('x'))
  recorder.planned(later)
  recorder.refused([{ operation: later, reason: 'no' }])
  expect(recorder.report.operations).toHaveLength(1)
  expect(recorder.report.blueprints.b).toMatchObject({ created: 1, updated: 0, failed: 1 })
})

it('a blueprint that is created is a change', () => {
  const { report } = new Recorder()
  expect(hasChanges(report)).toBe(false)
  expect(hasChanges({ ...report, createdBlueprints: ['b'] })).toBe(true)
})

it('takes in a later part of the run, and tells once what both found', () => {
  const recorder = new Recorder()
  const part = new Recorder()
  const failure = { blueprint: 'b', kind: 'issue', identifier: '1', field: 'identifier', reason: 'is null' }
  for (const one of [recorder, part]) {
    one.failed(failure)
    one.fieldFailed('issue', 'title', 'known', '1')
    one.collided({ blueprint: 'b', identifier: '1', fields: ['title'] })
    one.tookOver('b', 'another writer')
    one.warn('said already')
  }
  part.failed({ ...failure, identifier: '2' })
  part.fieldFailed('issue', 'title', 'new', '2')
  part.fieldFailed('issue', 'title', 'new', '3')
  part.collided({ blueprint: 'b', identifier: '2', fields: ['title'] })
  part.tookOver('c', 'somebody')
  recorder.absorb(part)
  const { report } = recorder
  expect(report.blueprints.b).toMatchObject({ failed: 2 })
  expect(report.failures.map(({ identifier }) => identifier)).toEqual(['1', '2'])
  expect(report.fieldErrors.map(({ message, count, examples }) => [message, count, examples])).toEqual([
    ['known', 1, ['1']],
    ['new', 2, ['2', '3']],
  ])
  expect(report.collisionCount).toBe(2)
  expect(report.collisions.map(({ identifier }) => identifier)).toEqual(['1', '2'])
  expect(report.takeovers).toEqual([
    { blueprint: 'b', count: 2, formerOwners: ['another writer'] },
    { blueprint: 'c', count: 1, formerOwners: ['somebody'] },
  ])
  expect(report.warnings).toEqual([{ message: 'said already' }])
})

it('stays bounded whatever it takes in', () => {
  const recorder = new Recorder()
  const part = new Recorder()
  for (const [one, prefix] of [
    [recorder, 'a'],
    [part, 'b'],
  ] as const) {
    for (let at = 0; at < 6_000; at += 1) {
      one.failed({ blueprint: 'b', identifier: `${prefix}${at}`, reason: 'no' })
      one.collided({ blueprint: 'b', identifier: `${prefix}${at}`, fields: [] })
      one.fieldFailed('issue', 'title', `${prefix}${at}`, 'x')
    }
  }
  recorder.absorb(part)
  const { report } = recorder
  expect([report.failures.length, report.blueprints.b?.failed]).toEqual([10_000, 12_000])
  expect([report.collisions.length, report.collisionCount]).toEqual([10_000, 12_000])
  expect(report.fieldErrors.length).toBeLessThanOrEqual(11)
})
