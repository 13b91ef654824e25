import { Injectable } from '@nestjs/common';
import { Coalescer } from '@pulser/concurrency';
import { hasEnded, keptText, keptSizes, readFailure, readObject, type TaskEventView } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { sharedFailure } from '../connection/pools.js';
import type { ClaimRef } from '../tasks/claims.js';
import { attemptSpan } from '../tasks/ending-parts.js';
import { TaskEntity } from '../tasks/task.entity.js';

// The history of a task: events that its row shows, and events that were stored, in one order.

/** An event with its place in the task's history; also the id of the server-sent event. */
export interface NumberedEvent {
  readonly seq: number;
  readonly event: TaskEventView;
}

/** More events than this in one attempt are not kept. */
export const maxEventsPerAttempt = attemptSpan - 2;

const seqOf = (epoch: number, place: number): number => epoch * attemptSpan + place;

/** An attempt's end comes after everything in it. */
const endSeq = (epoch: number): number => seqOf(epoch, attemptSpan - 1);

/** What of a row the events say that follow from it. */
export type State = Pick<
  TaskEntity,
  'status' | 'createdAt' | 'runAt' | 'startedAt' | 'completedAt' | 'epoch' | 'attempts' | 'error'
>;

const statusEvent = (
  seq: number,
  at: Date,
  event: Omit<Extract<TaskEventView, { type: 'status' }>, 'type' | 'at'>,
) => ({
  seq,
  event: { type: 'status' as const, at: at.toISOString(), ...event },
});

const submitted = ({ runAt, createdAt }: State): NumberedEvent =>
  statusEvent(0, createdAt, {
    status: runAt !== null && runAt > createdAt ? 'scheduled' : 'queued',
    attempt: 0,
  });

/** Codes of failures that took the task away from its worker. */
const takenAway: readonly (string | undefined)[] = ['deadline_exceeded', 'wait_limit_exceeded', 'worker_lost'];

// An attempt that was taken away ended under the next epoch.
const runningEpoch = ({ status, epoch, error }: State): number =>
  status === 'cancelled' || (status === 'failed' && takenAway.includes(error?.code)) ? epoch - 1 : epoch;

const started = (task: State): NumberedEvent[] => {
  const { startedAt, attempts } = task;
  const visible = task.status === 'running' || hasEnded(task.status);
  if (startedAt === null || attempts === 0 || !visible) return [];
  return [statusEvent(seqOf(runningEpoch(task), 0), startedAt, { status: 'running', attempt: attempts })];
};

const ended = (task: State): NumberedEvent[] =>
  task.completedAt === null
    ? []
    : [
        statusEvent(endSeq(task.epoch), task.completedAt, {
          status: task.status,
          attempt: task.attempts,
          // A row of an older version may show the error of an attempt before the cancellation as its own.
          ...(task.error !== null && task.status !== 'cancelled' && { error: readFailure(task.error) }),
        }),
      ];

/**
 * The events that follow from the row: submission, start of the newest attempt, end. So an ordinary task costs no event
 * row. Earlier attempts are stored in `task_event`.
 */
export const derivedEvents = (task: State): NumberedEvent[] => [submitted(task), ...started(task), ...ended(task)];

export interface AttemptEvent extends ClaimRef {
  /** Place within the attempt, from 1. */
  readonly place: number;
  readonly body: Readonly<Record<string, unknown>>;
}

// Fenced: a line of a worker that lost its lease, or of a task that was suspended or has ended, is not kept.
const append = statement(
  'events.append',
  `insert into task_event (tenant_id, task_id, seq, body)
   select e.tenant_id, e.task_id, e.seq, e.body
   from json_to_recordset($1::json) as e(tenant_id uuid, task_id uuid, epoch int, seq bigint, body jsonb)
   join task_queue t on t.tenant_id = e.tenant_id and t.task_id = e.task_id and t.epoch = e.epoch and t.status = 'running'
   on conflict do nothing`,
);

const stored = statement(
  'events.stored',
  `select seq::float8 as seq, at, body from task_event
   where tenant_id = (select pulser.tenant_id()) and task_id = $1 and seq > $2 order by seq limit $3`,
);

/** An event as it is stored. */
export interface StoredRow extends Record<string, unknown> {
  readonly seq: number;
  readonly at: Date;
  readonly body: Record<string, unknown>;
}

const pageSize = 1_000;

/** An event as it is shown: one that is older than the bounds gets them now. */
export const readEvent = (at: Date, body: object): TaskEventView => {
  const event = { at: at.toISOString(), ...body } as TaskEventView;
  if (event.type === 'status') return event.error === undefined ? event : { ...event, error: readFailure(event.error) };
  const text = event.message === undefined ? {} : { message: keptText(event.message, keptSizes.line) };
  if (event.type === 'progress' || event.fields === undefined) return { ...event, ...text };
  return { ...event, ...text, fields: readObject(event.fields) };
};

export const numbered = ({ seq, at, body }: StoredRow): NumberedEvent => ({ seq, event: readEvent(at, body) });

/** What happened to a task, in order. */
@Injectable()
export class TaskEventLog {
  private readonly appends = new Coalescer<AttemptEvent, undefined>({
    flush: (events) => this.appendAll(events),
    sharedFailure,
  });

  constructor(private readonly database: Database) {}

  append(event: AttemptEvent): Promise<void> {
    return this.appends.add(event);
  }

  /** @returns up to a page of events after `afterSeq`, or undefined when there is no such task */
  async after(tenantId: string, taskId: string, afterSeq: number): Promise<EventPage | undefined> {
    return this.database.withTenant(tenantId, async (transaction) => {
      const task = await transaction.manager.findOneBy(TaskEntity, { tenantId, taskId });
      if (task === null) return undefined;
      const rows = await transaction.query<StoredRow>(stored, [taskId, afterSeq, pageSize]);
      return page(task, rows.map(numbered), afterSeq);
    });
  }

  private async appendAll(events: readonly AttemptEvent[]): Promise<undefined[]> {
    const rows = events.map(({ tenantId, taskId, epoch, place, body }) => ({
      tenant_id: tenantId,
      task_id: taskId,
      epoch,
      seq: seqOf(epoch, place),
      body,
    }));
    await this.database.query(append, [JSON.stringify(rows)]);
    return events.map(() => undefined);
  }
}

export interface EventPage {
  readonly events: readonly NumberedEvent[];
  /** Whether no event will ever follow these. */
  readonly complete: boolean;
}

const page = (task: TaskEntity, storedEvents: readonly NumberedEvent[], afterSeq: number): EventPage => {
  const full = storedEvents.length === pageSize;
  const last = full ? (storedEvents.at(-1)?.seq ?? Infinity) : Infinity;
  const derived = derivedEvents(task).filter(({ seq }) => seq > afterSeq && seq <= last);
  // An attempt that a deadline ended while it waited to be retried is in both; the stored event is the same.
  const bySeq = new Map([...derived, ...storedEvents].map((numberedEvent) => [numberedEvent.seq, numberedEvent]));
  const events = [...bySeq.values()].sort((a, b) => a.seq - b.seq);
  return { events, complete: task.completedAt !== null && !full };
};
