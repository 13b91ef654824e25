import type { TaskStatus } from '@pulser/contracts';

import type { Expectation } from '../load/order.js';

/** What the load was told. */
export interface AcceptedFact {
  readonly ref: string;
  readonly expect: Expectation;
  readonly taskIds: readonly string[];
}

export interface TaskFact {
  readonly taskId: string;
  readonly ref: string | null;
  readonly status: TaskStatus;
  readonly attempts: number;
  readonly maxAttempts: number;
  /** Milliseconds since the epoch, as all times here. */
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly completedAt: number | null;
  readonly dueAt: number | null;
  readonly errorCode: string | null;
}

export interface EffectFact {
  readonly key: string;
  readonly ref: string;
  readonly taskId: string;
  readonly at: number;
}

export interface CallFact {
  readonly phase: 'begin' | 'applied' | 'repeated';
  readonly ref: string;
  readonly taskId: string;
  readonly attempt: number;
  readonly pid: number;
  readonly at: number;
}

/** A row of Pulser's own ledger of effects, finished. */
export interface LedgerFact {
  readonly taskId: string;
  readonly finishedAt: number;
}

export interface QueueFact {
  readonly name: string;
  readonly ready: number;
  readonly unacknowledged: number;
}

/** All there is to know at the end of a run. */
export interface Facts {
  /** When they were read. */
  readonly at: number;
  readonly accepted: readonly AcceptedFact[];
  readonly tasks: readonly TaskFact[];
  readonly effects: readonly EffectFact[];
  readonly calls: readonly CallFact[];
  readonly ledger: readonly LedgerFact[];
  /** Ids of the tasks of all dead letters that have one. */
  readonly deadTasks: readonly string[];
  readonly queues: readonly QueueFact[];
}
