/** Puts together the parts that every kind of run works with. */
import type { Mapping } from '../mapping/model.ts'
import type { PortClient } from '../port/client.ts'
import type { Blueprint } from '../port/model.ts'
import type { Recorder } from '../report/recorder.ts'
import type { LastWrite, RunContext } from './context.ts'
import type { Fingerprinter } from './fingerprint.ts'
import { type Collision, Planner } from './plan.ts'
import type { PlanId } from './plan-id.ts'
import { Resolver } from './resolve.ts'
import type { Sink } from './sink.ts'
import type { BlueprintState } from './state.ts'
import type { Targets } from './targets.ts'
import { type WriteOutcome, Writer } from './writer.ts'

export function createPlanner(
  states: ReadonlyMap<string, BlueprintState>,
  targets: Targets,
  fingerprint: Fingerprinter,
  recorder: Recorder,
): Planner {
  const onCollision = (collision: Collision) => recorder.collided(collision)
  return new Planner({ states, targets: targets.relations, fingerprint, onCollision })
}

export function createWriter(
  { connections, stop }: Pick<RunContext, 'connections' | 'stop'>,
  { enableMergeEntity: merge, createMissingRelatedEntities }: Mapping,
  { ranks }: Targets,
  onOutcome: (outcome: WriteOutcome) => void,
): Writer {
  return new Writer({ port: connections.port, flags: { merge, createMissingRelatedEntities }, ranks, stop, onOutcome })
}

/** @param absent blueprints that are only planned: there is nothing in them */
export function createResolver(
  port: PortClient,
  blueprints: ReadonlyMap<string, Blueprint>,
  { fields }: Targets,
  sink: Sink,
  absent: ReadonlySet<string>,
): Resolver {
  return new Resolver({
    port,
    relationsOf: blueprint => blueprints.get(blueprint)?.relations ?? {},
    written: new Set(fields.keys()),
    absent,
    settled: () => sink.drain(),
  })
}

/** Puts what became of an operation into the report. */
export function recordOutcome(outcome: WriteOutcome, recorder: Recorder): void {
  const { operation, status } = outcome
  const { identifier } = operation.entity
  if (status === 'failed') recorder.failed({ blueprint: operation.blueprint, identifier, reason: outcome.reason })
  else recorder.wrote(operation, status)
}

/** Notes every operation for the plan's id. */
export function watched(sink: Sink, planId: PlanId): Sink {
  return {
    add(operation) {
      planId.write(operation)
      return sink.add(operation)
    },
    drain: () => sink.drain(),
    finish: () => sink.finish(),
  }
}

/** As {@link recordOutcome}, and keeps in mind what was written last. */
export function recordWrite(recorder: Recorder, last: LastWrite): (outcome: WriteOutcome) => void {
  return outcome => {
    recordOutcome(outcome, recorder)
    if (outcome.status === 'failed') return
    const { blueprint, entity, origin } = outcome.operation
    last.written = { blueprint, identifier: entity.identifier }
    last.origins.note(origin)
  }
}
