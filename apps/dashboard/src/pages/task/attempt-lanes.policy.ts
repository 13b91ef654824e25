// The life of a task as lanes, one for each attempt: how long it waited, ran, and backed off before the next.
import type { TaskEventView, TaskFailure, TaskStatus } from '@pulser/contracts';

export type SpanKind = 'scheduled' | 'wait' | 'run' | 'back_off' | 'pause';

export interface LaneSpan {
  readonly kind: SpanKind;
  /** Milliseconds of the epoch. */
  readonly from: number;
  /** Undefined while it goes on. */
  readonly to: number | undefined;
}

export interface Lane {
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  readonly spans: readonly LaneSpan[];
  /** How the attempt ended; undefined while it goes on. */
  readonly outcome: TaskStatus | undefined;
  readonly error: TaskFailure | undefined;
}

type StatusEvent = Extract<TaskEventView, { type: 'status' }>;

/** What the time after a state is, until the next change. */
const kinds: Readonly<Partial<Record<TaskStatus, SpanKind>>> = {
  scheduled: 'scheduled',
  queued: 'wait',
  running: 'run',
  retrying: 'back_off',
  waiting: 'pause',
};

interface OpenLane {
  attempt: number;
  spans: LaneSpan[];
  outcome: TaskStatus | undefined;
  error: TaskFailure | undefined;
}

const laneOf = (attempt: number): OpenLane => ({ attempt, spans: [], outcome: undefined, error: undefined });

/** Lanes of the events of a task, in the order in which they happened. Log lines and progress are passed over. */
export const lanesOf = (events: readonly TaskEventView[]): Lane[] => {
  const changes = events.filter((event): event is StatusEvent => event.type === 'status');
  const lanes: OpenLane[] = [];
  for (const [index, { status, at, error }] of changes.entries()) {
    const next = changes[index + 1];
    const from = Date.parse(at);
    let lane = lanes.at(-1);
    const hasRun = lane?.spans.some(({ kind }) => kind === 'run') === true;
    if (lane !== undefined && hasRun && status !== 'running') {
      lane.outcome = status;
      lane.error = error;
    }
    const kind = kinds[status];
    if (kind === undefined) {
      if (lane !== undefined && lane.outcome === undefined) {
        lane.outcome = status;
        lane.error = error;
      }
      continue;
    }
    // Back-off and the wait after it belong to the attempt that follows: they are what it waited for.
    if (lane === undefined || (hasRun && lane.outcome !== undefined)) {
      lane = laneOf(lanes.length + 1);
      lanes.push(lane);
    }
    lane.spans.push({ kind, from, to: next === undefined ? undefined : Date.parse(next.at) });
  }
  return lanes;
};

/** From the first to the last moment of the lanes; `now` ends what goes on. */
export const rangeOf = (lanes: readonly Lane[], now: number): { readonly from: number; readonly to: number } => {
  const spans = lanes.flatMap((lane) => lane.spans);
  const from = Math.min(...spans.map((span) => span.from));
  const to = Math.max(...spans.map((span) => span.to ?? now));
  return spans.length === 0 ? { from: now, to: now + 1 } : { from, to: Math.max(to, from + 1) };
};

/** Milliseconds of all spans of a kind; what goes on is counted until `now`. */
export const totalOf = (lanes: readonly Lane[], kind: SpanKind, now: number): number =>
  lanes
    .flatMap(({ spans }) => spans)
    .filter((span) => span.kind === kind)
    .reduce((sum, { from, to }) => sum + Math.max(0, (to ?? now) - from), 0);
