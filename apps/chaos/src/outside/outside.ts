import { type Database, statement } from '@pulser/database';

/** Whose work is asked for. */
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

/** A system outside Pulser that honours idempotency keys and remembers who called it, and when. */
export class Outside {
  constructor(private readonly database: Database) {}

  /** Somebody has begun to work on a task. */
  async begin(call: Call): Promise<void> {
    await this.database.query(begin, valuesOf(call));
  }

  /** Has the effect, unless it was had before. */
  async apply(call: Call): Promise<void> {
    await this.database.query(apply, valuesOf(call));
  }
}
