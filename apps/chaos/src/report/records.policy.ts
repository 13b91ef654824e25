import type { Facts, TaskFact } from '../check/facts.js';
import type { Violation } from '../check/violation.js';
import type { Injected } from '../run/injected.js';
import type { FaultRecord } from './fault-record.js';
import type { Timeline } from './timeline.js';

interface Life {
  readonly from: number;
  readonly to: number;
  readonly kind: Violation['kind'];
}

const lifeOf = (task: TaskFact | undefined, { kind }: Violation): Life => ({
  from: task?.createdAt ?? -Infinity,
  to: task?.completedAt ?? Infinity,
  kind,
});

/** One record a fault. A task that was lost or doubled counts for every fault that its life touched. */
export const recordsOf = (
  injected: readonly Injected[],
  facts: Facts,
  violations: readonly Violation[],
  { timeline, seed }: { readonly timeline: Timeline; readonly seed: number },
): FaultRecord[] => {
  const tasks = new Map(facts.tasks.map((task) => [task.taskId, task]));
  const lives = violations.map((violation) => lifeOf(tasks.get(violation.taskId ?? ''), violation));
  const counts = new Map<string, number>();
  return injected.map(({ fault: { name }, injection }) => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    const recoverMs = timeline.recoverMs(injection);
    const end = injection.over + (recoverMs ?? 0);
    const touched = (kind: Violation['kind']): number =>
      lives.filter((life) => life.kind === kind && life.from <= end && life.to >= injection.at).length;
    return {
      fault: name,
      seed,
      count,
      at: new Date(injection.at).toISOString(),
      detail: injection.detail,
      lost: touched('lost'),
      doubled: touched('doubled'),
      detect_ms: timeline.detectMs(injection),
      recover_ms: recoverMs,
      alone: isAlone(injection, end, injected),
      unavailable: injection.unavailable,
      broken: injection.broken,
    };
  });
};

const isAlone = (one: Injected['injection'], end: number, all: readonly Injected[]): boolean =>
  all.every(({ injection: other }) => other === one || other.at > end || other.over < one.at);
