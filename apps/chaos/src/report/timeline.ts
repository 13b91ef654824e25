import type { CallFact, TaskFact } from '../check/facts.js';
import { indexBy } from '../check/index-by.js';
import type { Complaint } from './log-lines.js';

/** An injection as far as its times matter. */
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
  /** When Pulser noticed that the worker of a task was gone. */
  readonly lostWorkers: readonly { readonly taskId: string; readonly at: number }[];
  readonly complaints: readonly Complaint[];
}

/** How long after a fault something may still be its consequence, in milliseconds. */
const horizonMs = 90_000;

interface Interruption {
  readonly noticedAt: number;
  readonly againAt: number;
}

/** When faults were noticed and when work went on, read from what was written down. */
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
