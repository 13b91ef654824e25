// Replays: new tasks from dead letters, one with edits, or many by a filter. They are submitted through the intake like any
// other order; what this file adds is committed alongside them. The row of a dead letter is the lock, so that each is
// replayed once.
import { Injectable } from '@nestjs/common';
import type { Priority, ReplayEdits, SubmitTask, TaskType } from '@pulser/contracts';
import { Database, statement, type Statement } from '@pulser/database';

import { type Principal, submissionRefusal } from '../access/principal.js';
import { TaskTypes } from '../agents/task-types.js';
import { type Actor, actingAs } from '../audit/actor.js';
import type { InsertedAlongside } from '../tasks/inserts.js';
import { Intake, type Order } from '../tasks/intake.js';
import { type Condition, criteriaCondition, type DeadLetterCriteria } from './criteria.policy.js';
import { ofTenant } from './dead-letters.js';

/** A dead letter is no longer open: another request replayed or discarded it. */
export class DeadLetterSettled extends Error {}

/** Which dead letter a new task repeats, and what was changed for it. */
export interface Replay {
  readonly deadLetterId: string;
  readonly edits: ReplayEdits;
}

// Of two replays at the same moment the second finds the row settled, and its task is rolled back.
const settle = statement(
  'dead-letters.replay',
  `with input as (
     select * from json_to_recordset($1::json) as i(dead_letter_id uuid, task_id uuid, edits jsonb)
   ), taken as (
     update dead_letter d set state = 'replayed', settled_at = now(), settled_by = $2::text
     from input i where d.${ofTenant} and d.dead_letter_id = i.dead_letter_id and d.state = 'open'
     returning d.tenant_id, d.dead_letter_id, i.task_id, i.edits
   )
   insert into dead_letter_replay (tenant_id, dead_letter_id, task_id, edits, replayed_by)
   select tenant_id, dead_letter_id, task_id, edits, $2::text from taken
   returning dead_letter_id`,
);

/**
 * What is committed together with the tasks of a replay: their dead letters are settled and tied to them. An order whose
 * idempotency key was used before ties its dead letter to the task of that time; a conflict changes nothing.
 * @param replays in the order of the rows that the intake commits
 * @throws DeadLetterSettled (out of the submission) when one of them is not open, or does not exist
 */
export const settlingReplays =
  (replays: readonly Replay[], actor: Actor): InsertedAlongside =>
  async (transaction, accepted) => {
    const rows = replays.flatMap(({ deadLetterId, edits }, n) => {
      const answer = accepted[n];
      if (answer === undefined || answer.kind === 'conflict' || answer.kind === 'unborn') return [];
      return [{ dead_letter_id: deadLetterId, task_id: answer.taskId, edits }];
    });
    if (rows.length === 0) return;
    await actingAs(transaction, actor);
    const settled = await transaction.query(settle, [JSON.stringify(rows), actor.name]);
    if (settled.length < rows.length) throw new DeadLetterSettled('A dead letter is not open');
  };

/** An open dead letter of a failed task, with what its task was. */
export interface ReplayableTask {
  readonly deadLetterId: string;
  readonly taskId: string;
  readonly taskType: TaskType;
  readonly priority: Priority;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>> | null;
  readonly notify: readonly string[] | null;
  /** Seconds that the task had from its start to its deadline; null without one. */
  readonly deadlineS: number | null;
  /** The database's time. */
  readonly now: Date;
}

const ownTask = `t.tenant_id = (select pulser.tenant_id()) and t.task_id = d.task_id`;

const matching = (text: string): string => `d.${ofTenant}${text}`;

const findPage = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.replayable/${name}`,
    `select d.dead_letter_id as "deadLetterId", t.task_id as "taskId", t.task_type as "taskType", t.priority, t.payload,
       t.metadata, t.notify, now() as now, greatest(1, round(extract(epoch from
         t.deadline_at - greatest(t.run_at, t.created_at))))::int as "deadlineS"
     from dead_letter d join task_queue t on ${ownTask} and t.task_type = any ($1)
     where d.dead_letter_id > $2 and ${matching(text)} order by d.dead_letter_id limit $3`,
  );

const countLeft = ({ name, text }: Condition): Statement =>
  statement(
    `dead-letters.left/${name}`,
    `select count(*) filter (where t.task_id is not null)::int as remaining,
       count(*) filter (where t.task_id is null)::int as skipped
     from dead_letter d left join task_queue t on ${ownTask} and t.task_type = any ($1)
     where ${matching(text)}`,
  );

export interface ReplaysLeft {
  /** Open dead letters of the filter that the same order would take next. */
  readonly remaining: number;
  /** Open ones that only a single replay can take: messages without a task, types that no agent serves. */
  readonly skipped: number;
}

const lowestId = '00000000-0000-0000-0000-000000000000';

/** Finds the dead letters of failed tasks that can be replayed as they were. */
@Injectable()
export class ReplayableTasks {
  constructor(private readonly database: Database) {}

  /**
   * The oldest open ones after a dead letter, up to `limit`.
   * @param types that an agent serves and the caller may submit
   */
  after(
    tenantId: string,
    deadLetterId: string = lowestId,
    { filter, types, limit }: { filter: DeadLetterCriteria; types: readonly TaskType[]; limit: number },
  ): Promise<ReplayableTask[]> {
    const open = criteriaCondition({ ...filter, state: 'open' }, 4);
    return this.database.queryAs<ReplayableTask>(tenantId, findPage(open), [
      types,
      deadLetterId,
      limit,
      ...open.values,
    ]);
  }

  async left(tenantId: string, filter: DeadLetterCriteria, types: readonly TaskType[]): Promise<ReplaysLeft> {
    const open = criteriaCondition({ ...filter, state: 'open' }, 2);
    const [row] = await this.database.queryAs<ReplaysLeft>(tenantId, countLeft(open), [types, ...open.values]);
    return row ?? { remaining: 0, skipped: 0 };
  }
}

export interface BulkReplay {
  readonly filter: DeadLetterCriteria;
  readonly limit: number;
  /** The n-th task starts n / rate seconds from now; undefined: all may start at once. */
  readonly ratePerS?: number | undefined;
  readonly actor: Actor;
  readonly traceparent?: string | undefined;
}

export interface BulkReplayed extends ReplaysLeft {
  /** New tasks by type. */
  readonly replayed: ReadonlyMap<TaskType, number>;
}

/** Tasks of one commit. Their payloads are in memory together. */
const pageSize = 100;
/** Pages that are tried again because another request settled one of their dead letters meanwhile. */
const maxLostRaces = 20;

/** What one page came to; undefined when another request was faster: then none of its tasks was created. */
type Page = { readonly replayed: readonly TaskType[]; readonly unfit: number; readonly isFull: boolean } | undefined;

/**
 * Submits many failed tasks again, as they were, oldest first: a page in a commit, until the limit, the quotas of the
 * tenant or the end. Only tasks of types that an agent serves and that the caller may submit.
 */
@Injectable()
export class BulkReplays {
  constructor(
    private readonly tasks: ReplayableTasks,
    private readonly types: TaskTypes,
    private readonly intake: Intake,
  ) {}

  async replay(caller: Principal, order: BulkReplay): Promise<BulkReplayed> {
    const types = [...(await this.types.current()).keys()].filter(
      (type) => submissionRefusal(caller, type) === undefined,
    );
    const replayed: TaskType[] = [];
    let unfit = 0;
    let lostRaces = 0;
    let last: string | undefined;
    while (replayed.length < order.limit && lostRaces <= maxLostRaces) {
      const limit = Math.min(pageSize, order.limit - replayed.length);
      const found = await this.tasks.after(caller.tenantId, last, { filter: order.filter, types, limit });
      const page = await this.submit(caller, found, replayed.length, order);
      if (page === undefined) lostRaces += 1;
      else {
        replayed.push(...page.replayed);
        unfit += page.unfit;
        last = found.at(-1)?.deadLetterId;
        if (page.isFull || found.length < limit) break;
      }
    }
    const left = await this.tasks.left(caller.tenantId, order.filter, types);
    return {
      replayed: new Map([...Map.groupBy(replayed, (type) => type)].map(([type, same]) => [type, same.length])),
      remaining: left.remaining - unfit,
      skipped: left.skipped + unfit,
    };
  }

  private async submit(
    caller: Principal,
    found: readonly ReplayableTask[],
    before: number,
    { ratePerS, actor, traceparent }: BulkReplay,
  ): Promise<Page> {
    const orders = found.map((task, n) => orderOf(task, before + n + 1, ratePerS));
    const byTask = new Map(found.map(({ taskId, deadLetterId }) => [taskId, { deadLetterId, edits: {} }]));
    // The intake commits only what it does not refuse: the tasks determine which dead letters are settled with them.
    const alongside: InsertedAlongside = (transaction, accepted, tasks) => {
      const replays = tasks.flatMap(({ replay_of }) => byTask.get(replay_of ?? '') ?? []);
      return settlingReplays(replays, actor)(transaction, accepted, tasks);
    };
    try {
      const outcomes = await this.intake.submit(caller, orders, { traceparent, alongside });
      const refusals = outcomes.flatMap((outcome) => (outcome.kind === 'refused' ? [outcome.refusal.code] : []));
      const unfit = refusals.filter((code) => code === 'invalid_payload' || code === 'unknown_destination').length;
      const replayed = found.filter((_, n) => outcomes[n]?.kind === 'created').map(({ taskType }) => taskType);
      return { replayed, unfit, isFull: refusals.length > unfit };
    } catch (error) {
      if (error instanceof DeadLetterSettled) return undefined;
      throw error;
    }
  }
}

/** A dead letter's task as it was, to start at its place of the rate. */
const orderOf = (task: ReplayableTask, place: number, ratePerS: number | undefined): Order => {
  const submit: SubmitTask = {
    task_type: task.taskType,
    priority: task.priority,
    payload: { ...task.payload },
    ...(task.metadata !== null && { metadata: { ...task.metadata } }),
    ...(task.notify !== null && { notify: [...task.notify] }),
    ...(task.deadlineS !== null && { deadline_s: task.deadlineS }),
    ...(ratePerS !== undefined && { run_at: new Date(task.now.getTime() + (place / ratePerS) * 1_000).toISOString() }),
  };
  return { submit, replayOf: task.taskId };
};
