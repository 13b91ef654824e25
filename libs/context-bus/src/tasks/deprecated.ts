import { Injectable } from '@nestjs/common';
import { KeyedCoalescer } from '@pulser/concurrency';
import { agentByTaskType, retryLimits, type SubmitTask, type TaskStatus, type TaskType } from '@pulser/contracts';
import { Database } from '@pulser/database';

import { ServedTaskTypes } from '../agents/served-task-types.js';
import { sharedFailure } from '../connection/pools.js';
import { Quotas } from '../limits/quotas.js';
import { bodyHash } from './idempotency.js';
import { type Accepted, type InsertedAlongside, type NewTask, TaskInserts } from './inserts.js';

// @deprecated, all of it: how gateway and router submitted before there was `Intake`. To be deleted in one go, with its
// line in index.ts and its providers in the module, once both submit through `Intake`.

export interface Origin {
  readonly submittedBy: string;
  readonly traceparent?: string | undefined;
  readonly idempotencyKey?: string | undefined;
}

export const newTaskOf = (order: SubmitTask, { submittedBy, traceparent, idempotencyKey }: Origin): NewTask => ({
  ...order,
  agent: agentByTaskType[order.task_type],
  max_attempts: retryLimits[order.task_type].maxRetries + 1,
  traceparent,
  submitted_by: submittedBy,
  idempotency: idempotencyKey === undefined ? undefined : { key: idempotencyKey, bodyHash: bodyHash(order) },
});

export interface Room {
  readonly tasks: number;
  readonly code: 'queue_full' | 'daily_quota_spent';
  readonly retryAfterS: number;
}

@Injectable()
export class Admission {
  constructor(
    private readonly served: ServedTaskTypes,
    private readonly quotas: Quotas,
  ) {}

  servedTypes(): Promise<ReadonlySet<TaskType>> {
    return this.served.current();
  }

  room(tenantId: string, tasks: number): Promise<Room> {
    return this.quotas.take(tenantId, tasks);
  }
}

export interface CreatedTask {
  readonly taskId: string;
  readonly status: TaskStatus;
  readonly task: NewTask;
}

export type CreationListener = (tenantId: string, created: readonly CreatedTask[]) => void;

@Injectable()
export class TaskIntake {
  private readonly inserts: TaskInserts;
  private readonly listeners: CreationListener[] = [];
  private readonly singles = new KeyedCoalescer<string, NewTask, Accepted>((tenantId) => ({
    flush: (tasks) => this.insertAll(tenantId, tasks),
    sharedFailure,
  }));

  constructor(database: Database) {
    this.inserts = new TaskInserts(database);
  }

  onCreated(listener: CreationListener): void {
    this.listeners.push(listener);
  }

  accept(tenantId: string, task: NewTask): Promise<Accepted> {
    return this.singles.add(tenantId, task);
  }

  async insertAll(tenantId: string, tasks: readonly NewTask[], alongside?: InsertedAlongside): Promise<Accepted[]> {
    const accepted = await this.inserts.insertAll(tenantId, tasks, alongside);
    const created = tasks.flatMap((task, ord) => {
      const answer = accepted[ord];
      return answer?.kind === 'created' ? [{ taskId: answer.taskId, status: answer.status, task }] : [];
    });
    if (created.length > 0) for (const listener of this.listeners) listener(tenantId, created);
    return accepted;
  }
}
