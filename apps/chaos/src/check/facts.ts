// What the database says: the few questions of a run under way, and all facts once everything has settled. Read as the
// administrator, to whom no row-level policy applies.
import { systemTenantId, type TaskStatus } from '@pulser/contracts';
import { type Database, statement } from '@pulser/database';
import { countMismatches } from '@pulser/testing';

import type { ExpectedAnswer } from '../load/agent-work.js';
import type { AskedFact } from '../load/asks.js';
import type { Expectation, Truth, Via } from '../load/orders.js';
import { ownTaskType } from '../worker/outside.js';
import type { ToolFacts } from './tool-facts.js';
import { readWaitingFacts, type WaitingFacts } from './waiting-facts.js';

// Agents that come with Pulser take no reference in their payloads, and the own agent's tasks of a schedule have none.
const reference = `coalesce(payload ->> 'ref', metadata ->> 'ref', case when task_type = '${ownTaskType}' then task_id::text end)`;

// Without canaries: the health services insert and delete them all the time.
const ofTenants = `tenant_id <> '${systemTenantId}'`;

const begunAt = statement(
  'chaos.begun',
  `select pid from chaos.effect_calls where ref = $1 and phase = 'begin' order by call_id limit 1`,
);

const endedSince = statement(
  'chaos.ended-since',
  `select true as ended from task_queue where task_id >= pulser.id_floor(to_timestamp($1 / 1000.0))
     and status = 'completed' and ${ofTenants} limit 1`,
);

const someRecent = statement(
  'chaos.some-recent',
  `select task_id as "taskId", tenant_id as "tenantId", task_type as "taskType", priority, dispatch_id::text as "dispatchId", payload
   from task_queue where task_type = $2 order by task_id desc limit $1`,
);

// With what may still become a task, or is still to be counted.
const openTasks = statement(
  'chaos.open',
  `select (select count(*) from task_queue where completed_at is null and ${ofTenants})::int + (
     select count(*) from hook_event)::int + (select count(*) from workflow_run where due_at is not null)::int + (
     select count(*) from spend_call where state = 'reserved')::int as tasks`,
);

const missing = statement(
  'chaos.missing',
  `select count(*)::int as tasks from unnest($1::text[]) as wanted(ref)
   where ref not in (select ${reference} from task_queue where ${reference} is not null)`,
);

const terminate = statement(
  'chaos.terminate',
  `select count(pg_terminate_backend(pid))::int as ended from (
     select pid from pg_stat_activity where datname = current_database() and usename in ('pulser_app', 'pulser_service')
     order by random() limit $1) as victims`,
);

export interface RecentTask {
  readonly taskId: string;
  readonly tenantId: string;
  readonly taskType: string;
  readonly priority: 'low' | 'medium' | 'high';
  readonly dispatchId: string | null;
  readonly payload: Record<string, unknown>;
}

/** What load, faults and storm ask while the run goes on. */
export class Rows {
  constructor(private readonly database: Database) {}

  /** The process that first ran the task of this reference; undefined before one has. */
  async begunBy(ref: string): Promise<number | undefined> {
    const [row] = await this.database.query<{ pid: number }>(begunAt, [ref]);
    return row?.pid;
  }

  /** Whether a task completed that was submitted after this moment (milliseconds since the epoch). */
  async endedSince(at: number): Promise<boolean> {
    return (await this.database.query(endedSince, [at])).length > 0;
  }

  /** The newest tasks of the run's own agent. */
  someRecent(limit: number): Promise<RecentTask[]> {
    return this.database.query<RecentTask>(someRecent, [limit, ownTaskType]);
  }

  /** Tasks that have not ended, and what else is under way. */
  async open(): Promise<number> {
    const [row] = await this.database.query<{ tasks: number }>(openTasks);
    return row?.tasks ?? 0;
  }

  /** How many of these references no task has. */
  async missing(refs: readonly string[]): Promise<number> {
    const [row] = await this.database.query<{ tasks: number }>(missing, [refs]);
    return row?.tasks ?? 0;
  }

  /** @returns how many of Pulser's sessions were ended */
  async terminateBackends(limit: number): Promise<number> {
    const [row] = await this.database.query<{ ended: number }>(terminate, [limit]);
    return row?.ended ?? 0;
  }
}

/** An order of the load. */
export interface SubmittedFact {
  readonly ref: string;
  readonly via: Via;
  readonly expect: Expectation;
  /** Whether it had an idempotency key. */
  readonly keyed: boolean;
  /** False: its answer was lost, and it had no key to ask again with. It is one task or none. */
  readonly accepted: boolean;
  /** What must be in the result, for the expectations `answer` and `asked`. */
  readonly answer?: ExpectedAnswer;
  /** References of the effects of the run that it is. */
  readonly effects?: readonly string[];
  readonly taskIds: readonly string[];
}

export interface TaskFact {
  readonly taskId: string;
  readonly tenantId: string;
  /** First ancestor; null: it is none's child. */
  readonly rootId: string | null;
  readonly operation: string | null;
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
  /** Of a task of an agent that comes with Pulser. */
  readonly result: unknown;
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

/** A finished row of Pulser's own ledger of effects. */
export interface LedgerFact {
  readonly taskId: string;
  readonly finishedAt: number;
}

export interface QueueFact {
  readonly name: string;
  readonly ready: number;
  readonly unacknowledged: number;
}

/** The kept counts and rollups of tasks and dead letters. */
export interface KeptFact {
  /** Each way in which they differ from the rows, as a sentence. */
  readonly differences: readonly string[];
  /** Deltas that no router has folded. */
  readonly unfolded: number;
}

/** A change of an agent's health, as the leader of the health services wrote it. */
export interface HealthFact {
  readonly agent: string;
  readonly status: string;
  /** Of the leader. */
  readonly epoch: number;
}

/** Everything that the promises are checked against. */
export interface Facts {
  /** When they were read. */
  readonly at: number;
  readonly submitted: readonly SubmittedFact[];
  readonly tasks: readonly TaskFact[];
  readonly effects: readonly EffectFact[];
  readonly calls: readonly CallFact[];
  readonly ledger: readonly LedgerFact[];
  /** Task ids of all dead letters that have one. */
  readonly deadTasks: readonly string[];
  readonly queues: readonly QueueFact[];
  readonly kept: KeptFact;
  /** In the order in which they were written. */
  readonly health: readonly HealthFact[];
  readonly waiting: WaitingFacts;
  /** What the server of the language model was asked. */
  readonly asked: readonly AskedFact[];
  readonly tools: ToolFacts;
}

const ms = (column: string): string => `(extract(epoch from ${column}) * 1000)::float8`;

const tasks = statement(
  'facts.tasks',
  `select task_id as "taskId", tenant_id as "tenantId", root_id as "rootId", operation, ${reference} as ref, case when metadata ? 'ref' then result end as result, status, attempts, max_attempts as "maxAttempts",
     ${ms('created_at')} as "createdAt", ${ms('updated_at')} as "updatedAt", ${ms('completed_at')} as "completedAt",
     ${ms('due_at')} as "dueAt", error ->> 'code' as "errorCode" from task_queue where ${ofTenants} order by task_id`,
);

const effects = statement(
  'facts.effects',
  `select key, ref, task_id as "taskId", ${ms('at')} as at from chaos.effects`,
);

const calls = statement(
  'facts.calls',
  `select phase, ref, task_id as "taskId", attempt, pid, ${ms('at')} as at from chaos.effect_calls order by call_id`,
);

const ledger = statement(
  'facts.ledger',
  `select task_id as "taskId", ${ms('finished_at')} as "finishedAt" from task_effect where finished_at is not null`,
);

const deadTasks = statement(
  'facts.dead-tasks',
  'select task_id as "taskId" from dead_letter where task_id is not null',
);

const unfolded = statement(
  'facts.unfolded',
  `select ((select count(*) from task_delta) + (select count(*) from dead_letter_delta))::int as deltas`,
);

const lostWorkers = statement(
  'facts.lost-workers',
  `select task_id as "taskId", ${ms('at')} as at from task_event where body -> 'error' ->> 'code' = 'worker_lost'`,
);

const health = statement(
  'facts.health',
  `select agent_name as agent, status, epoch::float8 from agent_status_change order by at`,
);

const describe = statement(
  'facts.describe',
  `select to_jsonb(t) - 'payload' || jsonb_build_object('payload', t.payload) as row,
     (select jsonb_agg(to_jsonb(e) order by seq) from task_event e where e.tenant_id = t.tenant_id and e.task_id = t.task_id) as events,
     (select jsonb_agg(to_jsonb(c) order by call_id) from chaos.effect_calls c where c.task_id = t.task_id) as calls
   from task_queue t where task_id = any ($1) or payload ->> 'ref' = any ($2)`,
);

/** Reads the facts. */
export class FactsStore {
  constructor(private readonly database: Database) {}

  tasks(): Promise<TaskFact[]> {
    return this.database.query<TaskFact>(tasks);
  }

  effects(): Promise<EffectFact[]> {
    return this.database.query<EffectFact>(effects);
  }

  calls(): Promise<CallFact[]> {
    return this.database.query<CallFact>(calls);
  }

  ledger(): Promise<LedgerFact[]> {
    return this.database.query<LedgerFact>(ledger);
  }

  async deadTasks(): Promise<string[]> {
    const rows = await this.database.query<{ taskId: string }>(deadTasks);
    return rows.map(({ taskId }) => taskId);
  }

  /** Deltas that no router has folded yet. */
  async unfolded(): Promise<number> {
    const [row] = await this.database.query<{ deltas: number }>(unfolded);
    return row?.deltas ?? 0;
  }

  async kept(): Promise<KeptFact> {
    const differences = await countMismatches((text) => this.database.query(statement('facts.kept', text)));
    return { differences, unfolded: await this.unfolded() };
  }

  health(): Promise<HealthFact[]> {
    return this.database.query<HealthFact>(health);
  }

  waiting(): Promise<WaitingFacts> {
    return readWaitingFacts(this.database);
  }

  /** When Pulser noticed that the worker of a task was lost. */
  lostWorkers(): Promise<{ taskId: string; at: number }[]> {
    return this.database.query<{ taskId: string; at: number }>(lostWorkers);
  }

  /** Rows, events and calls of tasks, for people to read. */
  describe(taskIds: readonly string[], refs: readonly string[]): Promise<Record<string, unknown>[]> {
    return this.database.query(describe, [taskIds, refs]);
  }
}

/** What is known beside the database. */
export interface OutsideFacts {
  readonly queues: readonly QueueFact[];
  readonly asked: readonly AskedFact[];
  readonly tools: ToolFacts;
}

/** Reads all facts of a run. */
export const readFacts = async (store: FactsStore, truth: Truth, outside: OutsideFacts): Promise<Facts> => ({
  at: Date.now(),
  submitted: truth.all.map((one) => ({ ...one, taskIds: [...one.taskIds] })),
  tasks: await store.tasks(),
  effects: await store.effects(),
  calls: await store.calls(),
  ledger: await store.ledger(),
  deadTasks: await store.deadTasks(),
  kept: await store.kept(),
  health: await store.health(),
  waiting: await store.waiting(),
  ...outside,
});
