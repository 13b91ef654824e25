// Where the time of a task went: what its row and its attempts say, with the spans that services have stored below.
import type { TaskSpan, TaskSpanKind, TaskStatus, TaskTrace } from '@pulser/contracts';

import { derivedEvents, type NumberedEvent, type State } from '../events/history.js';

type Attribute = string | number | boolean;

/** A span of a task, as a service stores it. Times are by the clock of the service. */
export interface StoredSpan {
  readonly taskId: string;
  readonly traceId: string;
  readonly spanId: string;
  /** Undefined: the task. */
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: TaskSpanKind;
  readonly service: string;
  /** Undefined: it belongs to no attempt. */
  readonly attempt: number | undefined;
  readonly at: Date;
  readonly durationMs: number;
  /** Code of the failure. */
  readonly error: string | undefined;
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** A task as its trace needs it. */
export interface TracedTask extends State {
  readonly taskId: string;
  readonly traceparent: string | null;
  /** The clock of the database. */
  readonly now: Date;
}

/** A span as it is read. */
export interface SpanRow extends Omit<StoredSpan, 'parentId' | 'attempt' | 'error'> {
  readonly parentId: string | null;
  readonly attempt: number | null;
  readonly error: string | null;
}

const root = 'task';

/** What a task does between two changes of its state. */
const phases = {
  scheduled: 'scheduled',
  queued: 'wait',
  running: 'attempt',
  retrying: 'back-off',
  waiting: 'suspended',
} as const satisfies Partial<Record<TaskStatus, string>>;

type Phase = (typeof phases)[keyof typeof phases];

const phaseOf = (status: TaskStatus): Phase | undefined =>
  Object.hasOwn(phases, status) ? phases[status as keyof typeof phases] : undefined;

interface Change {
  readonly seq: number;
  readonly at: Date;
  readonly status: TaskStatus;
  readonly attempt: number;
  readonly error: string | undefined;
}

/** The changes of state in their order, each once. */
const changesOf = (task: TracedTask, storedEvents: readonly NumberedEvent[]): Change[] => {
  const bySeq = new Map([...derivedEvents(task), ...storedEvents].map((numbered) => [numbered.seq, numbered]));
  return [...bySeq.values()]
    .sort((one, other) => one.seq - other.seq)
    .flatMap(({ seq, event }) =>
      event.type === 'status'
        ? [{ seq, at: new Date(event.at), status: event.status, attempt: event.attempt, error: event.error?.code }]
        : [],
    );
};

const derived = (
  span: Pick<TaskSpan, 'span_id' | 'name'> & Partial<TaskSpan>,
  from: Date,
  to: Date | undefined,
): TaskSpan => ({
  parent_id: root,
  kind: 'internal',
  service: null,
  attempt: null,
  error: null,
  derived: true,
  attributes: {},
  ...span,
  at: from.toISOString(),
  duration_ms: to === undefined ? null : Math.max(0, to.getTime() - from.getTime()),
});

/** A task that was to start later waits only from then on. */
const startOf = ({ status, at }: Change, { runAt }: TracedTask): Date =>
  status === 'queued' && runAt !== null && runAt > at ? runAt : at;

const phaseSpans = (task: TracedTask, changes: readonly Change[], tracedAttempts: ReadonlySet<number>): TaskSpan[] =>
  changes.flatMap((change, n) => {
    const next = changes[n + 1];
    const name = phaseOf(change.status);
    if (name === undefined || (name === 'attempt' && tracedAttempts.has(change.attempt))) return [];
    const own = name === 'attempt' ? { attempt: change.attempt, error: next?.error ?? null } : {};
    return [derived({ span_id: `${name}-${change.seq}`, name, ...own }, startOf(change, task), next?.at)];
  });

const storedSpan = (span: SpanRow, ids: ReadonlySet<string>): TaskSpan => ({
  span_id: span.spanId,
  parent_id: span.parentId !== null && ids.has(span.parentId) ? span.parentId : root,
  name: span.name,
  kind: span.kind,
  service: span.service,
  attempt: span.attempt,
  at: span.at.toISOString(),
  duration_ms: span.durationMs,
  error: span.error,
  derived: false,
  attributes: span.attributes,
});

// Version 00 of https://www.w3.org/TR/trace-context/#traceparent-header, as the intake has written it.
const traceIdOf = (traceparent: string | null): string | undefined => traceparent?.split('-')[1];

/** Of spans that begin in the same millisecond the longer one is above the other. */
const byTime = (one: TaskSpan, other: TaskSpan): number =>
  Date.parse(one.at) - Date.parse(other.at) || (other.duration_ms ?? Infinity) - (one.duration_ms ?? Infinity) || 0;

/**
 * The trace of a task: first the task, then its phases and the stored spans by time. Every parent is in the list. An attempt
 * of which spans are stored is shown by these, any other by the times of the row.
 * @param storedEvents the ends of earlier attempts
 */
export const traceOf = (
  task: TracedTask,
  storedEvents: readonly NumberedEvent[],
  { spans, truncated }: { readonly spans: readonly SpanRow[]; readonly truncated: boolean },
): TaskTrace => {
  const changes = changesOf(task, storedEvents);
  const ids = new Set(spans.map(({ spanId }) => spanId));
  const traced = new Set(
    spans.flatMap(({ kind, attempt }) => (kind === 'consumer' && attempt !== null ? [attempt] : [])),
  );
  const below = [...phaseSpans(task, changes, traced), ...spans.map((span) => storedSpan(span, ids))];
  below.sort(byTime);
  const whole = derived(
    { span_id: root, parent_id: null, name: root, error: (task.completedAt && changes.at(-1)?.error) ?? null },
    task.createdAt,
    task.completedAt ?? undefined,
  );
  return {
    task_id: task.taskId,
    trace_id: traceIdOf(task.traceparent) ?? spans[0]?.traceId ?? null,
    stored: spans.length > 0,
    truncated,
    spans: [whole, ...below],
  };
};
