// The system outside Pulser on which tasks have effects: the schema `chaos`, which honours idempotency keys and records
// every call; and the worker's way to it.
import { setTimeout as wait } from 'node:timers/promises';

import type { TaskContext } from '@pulser/agent-runtime';
import { type Database, statement } from '@pulser/database';

/** The agent of a run, and its task type: not of the roster, whose agents run too. */
export const ownAgent = 'chaos';
export const ownTaskType = 'chaos';

/** A call of the outside system on behalf of a task. */
export interface Call {
  /** The idempotency key: a second effect with it is refused, as a payment service would. */
  readonly key: string;
  readonly ref: string;
  readonly taskId: string;
  readonly attempt: number;
}

export const outsideSchema = [
  'create schema chaos',
  `create table chaos.effects (key text primary key, ref text not null, task_id uuid not null,
     at timestamptz not null default clock_timestamp())`,
  `create table chaos.effect_calls (call_id bigint generated always as identity primary key, phase text not null,
     key text not null, ref text not null, task_id uuid not null, attempt int not null, pid int not null,
     at timestamptz not null default clock_timestamp())`,
];

const begin = statement(
  'outside.begin',
  `insert into chaos.effect_calls (phase, key, ref, task_id, attempt, pid) values ('begin', $1, $2, $3, $4, $5)`,
);

const apply = statement(
  'outside.apply',
  `with effect as (
     insert into chaos.effects (key, ref, task_id) values ($1, $2, $3) on conflict do nothing returning key
   )
   insert into chaos.effect_calls (phase, key, ref, task_id, attempt, pid)
   values (case when exists (select from effect) then 'applied' else 'repeated' end, $1, $2, $3, $4, $5)`,
);

const valuesOf = ({ key, ref, taskId, attempt }: Call): unknown[] => [key, ref, taskId, attempt, process.pid];

/** Stands for a payment service, say. */
export class Outside {
  constructor(private readonly database: Database) {}

  /** Records that an attempt has begun. */
  async begin(call: Call): Promise<void> {
    await this.database.query(begin, valuesOf(call));
  }

  /** Applies the effect, unless it was applied before; records the call either way. */
  async apply(call: Call): Promise<void> {
    await this.database.query(apply, valuesOf(call));
  }
}

const retryPauseMs = 150;

/**
 * Repeats the call until it succeeds: the outside system may be down. Ends with the attempt.
 * @throws the reason of the signal once it is aborted
 */
const persistently = async (work: () => Promise<void>, signal: AbortSignal): Promise<void> => {
  for (;;) {
    signal.throwIfAborted();
    try {
      await work();
      return;
    } catch {
      await wait(retryPauseMs);
    }
  }
};

/** The effects of operations on the outside system. */
export class Effects {
  constructor(private readonly outside: () => Promise<Outside>) {}

  /** Records that an attempt has begun. */
  async begin(ref: string, context: TaskContext): Promise<void> {
    const call = callOf(context.taskId, ref, context);
    await persistently(async () => (await this.outside()).begin(call), context.signal);
  }

  /** Applies the effect of the task, once. */
  async have(ref: string, context: TaskContext): Promise<void> {
    await context.once('effect', ({ idempotencyKey }) => this.apply(idempotencyKey, ref, context));
  }

  private async apply(key: string, ref: string, context: TaskContext): Promise<void> {
    const call = callOf(key, ref, context);
    await persistently(async () => (await this.outside()).apply(call), context.signal);
  }
}

const callOf = (key: string, ref: string, { taskId, attempt }: TaskContext): Call => ({ key, ref, taskId, attempt });
