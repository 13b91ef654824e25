// When faults were noticed and when work went on, from logs, events and calls; and one record per fault.
import { readFileSync } from 'node:fs';

import type { CallFact, Facts, TaskFact } from '../check/facts.js';
import { indexBy, type Violation } from '../check/violations.policy.js';
import type { FaultName, Injected } from '../faults/fault.js';

/** A warning or error in a service's log. */
export interface Complaint {
  readonly at: number;
  readonly text: string;
}

const warn = 40;
/** Pino's levels, as words or numbers. */
const isComplaint = (level: unknown): boolean =>
  typeof level === 'number' ? level >= warn : ['warn', 'error', 'fatal'].includes(String(level));

const complaintOf = (line: string): Complaint[] => {
  try {
    const { level, time } = JSON.parse(line) as { level?: unknown; time?: string | number };
    return isComplaint(level) && time !== undefined ? [{ at: new Date(time).getTime(), text: line }] : [];
  } catch {
    return [];
  }
};

/** Warnings and errors of services, oldest first. */
export const complaintsIn = (files: readonly string[]): Complaint[] =>
  files
    .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
    .flatMap(complaintOf)
    .sort((a, b) => a.at - b.at);

/** The times of an injection. */
export interface Span {
  readonly at: number;
  readonly over: number;
  readonly workerPid?: number | undefined;
  readonly signs?: RegExp | undefined;
  readonly detectedAt?: number | undefined;
}

export interface TimelineSource {
  readonly tasks: readonly TaskFact[];
  readonly calls: readonly CallFact[];
  /** When Pulser noticed that the worker of a task was lost. */
  readonly lostWorkers: readonly { readonly taskId: string; readonly at: number }[];
  readonly complaints: readonly Complaint[];
}

/** For so long after a fault an event may be its consequence, in milliseconds. */
const horizonMs = 90_000;

interface Interruption {
  readonly noticedAt: number;
  readonly againAt: number;
}

/** Times of detection and of recovery. */
export class Timeline {
  private readonly calls: ReadonlyMap<string, readonly CallFact[]>;
  private readonly ended: readonly { readonly createdAt: number; readonly completedAt: number }[];

  constructor(private readonly source: TimelineSource) {
    this.calls = indexBy(
      source.calls.filter(({ phase }) => phase === 'begin'),
      ({ taskId }) => taskId,
    );
    this.ended = source.tasks
      .flatMap(({ status, createdAt, completedAt }) =>
        status === 'completed' && completedAt !== null ? [{ createdAt, completedAt }] : [],
      )
      .sort((a, b) => a.createdAt - b.createdAt);
  }

  /** Milliseconds from the fault to the first sign that it was noticed. */
  detectMs(span: Span): number | null {
    if (span.detectedAt !== undefined) return span.detectedAt - span.at;
    const [first] = this.interruptions(span)
      .map(({ noticedAt }) => noticedAt)
      .sort((a, b) => a - b);
    if (first !== undefined) return Math.round(first - span.at);
    const { signs, at, over } = span;
    if (signs === undefined) return null;
    const sign = this.source.complaints.find(
      (line) => line.at >= at && line.at <= over + horizonMs && signs.test(line.text),
    );
    return sign === undefined ? null : sign.at - at;
  }

  /**
   * Milliseconds until every task runs again that ran on the worker which was hit; without such tasks, from the end of
   * the fault to the first end of a task submitted after it.
   */
  recoverMs(span: Span): number | null {
    const again = this.interruptions(span).map(({ againAt }) => againAt - span.at);
    if (again.length > 0) return Math.round(Math.max(...again));
    const ends = this.ended
      .filter(({ createdAt }) => createdAt >= span.over && createdAt <= span.over + horizonMs)
      .map(({ completedAt }) => completedAt - span.over);
    return ends.length === 0 ? null : Math.round(ends.reduce((least, one) => Math.min(least, one)));
  }

  private interruptions({ at, workerPid }: Span): Interruption[] {
    if (workerPid === undefined) return [];
    return this.source.lostWorkers
      .filter((event) => event.at >= at && event.at <= at + horizonMs)
      .flatMap(({ taskId, at: noticedAt }) => {
        const calls = this.calls.get(taskId) ?? [];
        const last = calls.filter((call) => call.at <= at).at(-1);
        const again = calls.find((call) => call.at >= noticedAt);
        return last?.pid === workerPid && again !== undefined ? [{ noticedAt, againAt: again.at }] : [];
      });
  }
}

/** One fault of a run, as a line of faults.jsonl. */
export interface FaultRecord {
  readonly fault: FaultName;
  readonly seed: number;
  /** Which of its kind, from 1. */
  readonly count: number;
  readonly at: string;
  readonly detail?: string | undefined;
  /** Lost and doubled tasks that lived during this fault. */
  readonly lost: number;
  readonly doubled: number;
  /** Milliseconds; null where nothing was noticed. */
  readonly detect_ms: number | null;
  readonly recover_ms: number | null;
  /** Whether nothing else was broken meanwhile. */
  readonly alone: boolean;
  readonly unavailable?: string | undefined;
  readonly broken?: readonly string[] | undefined;
}

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

/** One record per fault. A task that was lost or doubled counts for every fault during which it lived. */
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
