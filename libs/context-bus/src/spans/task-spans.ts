// The spans of tasks that are kept in the database, so that a task shows where its time went without a collector.
import { Injectable } from '@nestjs/common';
import { KeyedCoalescer } from '@pulser/concurrency';
import type { TaskTrace } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { sharedFailure } from '../connection/pools.js';
import { numbered, type StoredRow } from '../events/history.js';
import { attemptSpan } from '../tasks/ending-parts.js';
import { type SpanRow, type StoredSpan, type TracedTask, traceOf } from './task-trace.policy.js';

const maxNameLength = 200;
const maxErrorLength = 64;
const maxAttributes = 20;
const maxAttributeLength = 200;

const boundedAttributes = (attributes: StoredSpan['attributes']): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(attributes)
      .slice(0, maxAttributes)
      .map(([name, value]) => [
        name.slice(0, maxAttributeLength),
        typeof value === 'string' ? value.slice(0, maxAttributeLength) : value,
      ]),
  );

const add = statement(
  'spans.add',
  `insert into task_span (tenant_id, task_id, trace_id, span_id, parent_id, name, kind, service, attempt, at, duration_ms,
     error, attributes)
   select (select pulser.tenant_id()), task_id, trace_id, span_id, parent_id, name, kind, service, attempt, at, duration_ms,
     error, attributes
   from json_to_recordset($1::json) as s(task_id uuid, trace_id text, span_id text, parent_id text, name text, kind text,
     service text, attempt int, at timestamptz, duration_ms float8, error text, attributes jsonb)
   on conflict do nothing`,
);

const rowOf = (span: StoredSpan): object => ({
  task_id: span.taskId,
  trace_id: span.traceId,
  span_id: span.spanId,
  parent_id: span.parentId ?? null,
  name: span.name.slice(0, maxNameLength),
  kind: span.kind,
  service: span.service,
  attempt: span.attempt ?? null,
  at: span.at.toISOString(),
  duration_ms: span.durationMs,
  error: span.error?.slice(0, maxErrorLength) ?? null,
  attributes: boundedAttributes(span.attributes),
});

const task = statement(
  'spans.task',
  `select task_id as "taskId", status, created_at as "createdAt", run_at as "runAt", started_at as "startedAt",
     completed_at as "completedAt", epoch, attempts, error, traceparent, now() as now
   from task_queue where tenant_id = (select pulser.tenant_id()) and task_id = $1`,
);

/** Spans that are shown of a task. */
const maxSpans = 1_000;

const stored = statement(
  'spans.stored',
  `select task_id as "taskId", trace_id as "traceId", span_id as "spanId", parent_id as "parentId", name, kind, service,
     attempt, at, duration_ms as "durationMs", error, attributes
   from task_span where tenant_id = (select pulser.tenant_id()) and task_id = $1 order by at, span_id limit $2`,
);

// By their numbers: a task may have a hundred thousand lines beside them.
const attemptEnds = statement(
  'spans.attempt-ends',
  `select seq::float8 as seq, at, body from task_event
   where tenant_id = (select pulser.tenant_id()) and task_id = $1 and seq = any ($2) order by seq`,
);

/** Epochs of which the attempts are shown: the last ones. */
const maxEpochs = 100;

/** The numbers that the events at the start and the end of each attempt have. */
const numbersOfEnds = (epoch: number): number[] =>
  Array.from({ length: Math.min(epoch, maxEpochs) + 1 }, (_, n) => epoch - n).flatMap((one) => [
    one * attemptSpan,
    one * attemptSpan + attemptSpan - 1,
  ]);

/** Milliseconds between two writes of a tenant's spans. */
const gatherMs = 500;

/** Spans that wait to be written, of all tenants. Beyond, they are dropped. */
const maxWaiting = 10_000;

/** Keeps spans, and shows the trace of a task. */
@Injectable()
export class TaskSpans {
  private waiting = 0;
  private readonly adds = new KeyedCoalescer<string, StoredSpan, undefined>((tenantId) => ({
    flush: async (spans) => {
      await this.database.queryAs(tenantId, add, [JSON.stringify(spans.map(rowOf))]);
      return spans.map(() => undefined);
    },
    pauseMs: gatherMs,
    sharedFailure,
  }));

  constructor(private readonly database: Database) {}

  /** Returns at once. Spans that cannot be written are lost: they explain a task, and are no part of it. */
  add(tenantId: string, spans: readonly StoredSpan[]): void {
    if (this.waiting + spans.length > maxWaiting) return;
    this.waiting += spans.length;
    const written = spans.map((span) => this.adds.add(tenantId, span));
    void Promise.allSettled(written).then(() => {
      this.waiting -= spans.length;
    });
  }

  /** @returns undefined when the tenant has no such task */
  async of(tenantId: string, taskId: string): Promise<TaskTrace | undefined> {
    return this.database.withTenant(tenantId, async (transaction) => {
      const [row] = await transaction.query<TracedTask>(task, [taskId]);
      if (row === undefined) return undefined;
      const spans = await transaction.query<SpanRow>(stored, [taskId, maxSpans + 1]);
      const ends =
        row.epoch === 0 ? [] : await transaction.query<StoredRow>(attemptEnds, [taskId, numbersOfEnds(row.epoch)]);
      return traceOf(row, ends.map(numbered), { spans: spans.slice(0, maxSpans), truncated: spans.length > maxSpans });
    });
  }
}
