// Schedules that are due, as routers take them. A schedule is looked at by one router at a time; that a time fires once is
// sure by the key of its fire, which is inserted together with its task.
import { Injectable } from '@nestjs/common';
import {
  type FireOrigin,
  type OverlapPolicy,
  type PauseKind,
  ScheduledTask,
  ScheduleOrder,
  type SkipReason,
} from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { type Author, authorColumns, joinAuthorKey } from '../access/authors.js';
import { actingAs, systemActor } from '../audit/actor.js';
import type { Accepted, InsertedAlongside } from '../tasks/inserts.js';
import { skippedMore, type ScheduleRules } from './schedules.js';

/** Seconds after which a schedule whose router died is looked at again. */
export const lookS = 1;

/** A fire that waits to be started. */
export interface PendingFire {
  readonly nominalAt: Date;
  readonly origin: FireOrigin;
  readonly overlap: OverlapPolicy;
}

/** A schedule that is due. */
export interface DueSchedule extends Author {
  readonly scheduleId: string;
  readonly name: string;
  readonly revision: number;
  readonly look: number;
  /** As stored: `rulesOf` reads them. */
  readonly rules: unknown;
  readonly task: unknown;
  readonly nominalAt: Date | null;
  readonly paused: boolean;
  readonly failures: number;
  /** Its tasks that have not ended. */
  readonly running: number;
  readonly pending: number;
  /** The first that may start; null: none. */
  readonly first: PendingFire | null;
  readonly now: Date;
}

/** Read in the sight of one schedule: a row that cannot be read disturbs no other. @throws ZodError */
export const rulesOf = ({ rules, task }: DueSchedule): { rules: ScheduleRules; task: ScheduledTask } => {
  const { task: parsed, ...others } = ScheduleOrder.parse({ ...(rules as object), task });
  return { rules: others, task: parsed };
};

const ofSchedule = 'f.tenant_id = c.tenant_id and f.schedule_id = c.schedule_id';

const claim = statement(
  'schedules.claim',
  `with due as (
     select tenant_id, schedule_id from schedule where due_at <= now() order by due_at limit $1 for update skip locked
   ), c as (
     update schedule s set due_at = now() + interval '${lookS} seconds', look = s.look + 1 from due d
     where s.tenant_id = d.tenant_id and s.schedule_id = d.schedule_id returning s.*
   )
   select c.tenant_id as "tenantId", c.schedule_id as "scheduleId", c.name, c.revision, c.look, c.rules, c.task,
     ${authorColumns('c')},
     c.nominal_at as "nominalAt", c.paused_at is not null as paused, c.failures, now() as now,
     (select count(*)::int from schedule_fire f where ${ofSchedule} and f.state = 'started') as running,
     (select count(*)::int from schedule_fire f where ${ofSchedule} and f.state = 'pending') as pending,
     (select jsonb_build_object('nominalAt', f.nominal_at, 'origin', f.origin, 'overlap', f.overlap)
      from schedule_fire f where ${ofSchedule} and f.state = 'pending' and (c.paused_at is null or f.origin <> 'time')
      order by f.nominal_at limit 1) as first
   from c ${joinAuthorKey('c')}`,
);

// Of a schedule with `pause_on_failure` a failed task pauses it; one with fires that wait is looked at.
const settle = statement(
  'schedules.settle',
  `with ended as (
     select tenant_id, schedule_id, nominal_at from schedule_fire where not settled limit $1 for update skip locked
   ), seen as (
     update schedule_fire f set settled = true from ended e
     where f.tenant_id = e.tenant_id and f.schedule_id = e.schedule_id and f.nominal_at = e.nominal_at
     returning f.tenant_id, f.schedule_id, f.state, f.task_id
   ), of_schedule as (
     select tenant_id, schedule_id, count(*)::int as fires,
       (array_agg(task_id) filter (where state = 'failed'))[1] as failed
     from seen group by 1, 2
   ), judged as (
     select e.*, e.failed is not null and s.paused_at is null and (s.rules ->> 'pause_on_failure')::boolean as pauses
     from of_schedule e join schedule s using (tenant_id, schedule_id)
   ), told as (
     update schedule s set look = look + 1, due_at = now(),
       paused_kind = case when j.pauses then 'failure' else paused_kind end,
       paused_note = case when j.pauses then 'The task ' || j.failed || ' failed' else paused_note end,
       paused_at = case when j.pauses then now() else paused_at end
     from judged j
     where s.tenant_id = j.tenant_id and s.schedule_id = j.schedule_id and (j.pauses or exists (
       select from schedule_fire f
       where f.tenant_id = s.tenant_id and f.schedule_id = s.schedule_id and f.state = 'pending'
     ))
   )
   select coalesce(sum(fires), 0)::int as fires from of_schedule`,
);

const rest = statement(
  'schedules.rest',
  `update schedule set due_at = $4, failures = 0 where tenant_id = $1 and schedule_id = $2 and look = $3`,
);

const again = statement(
  'schedules.again',
  `update schedule set failures = 0, due_at = case when look = $3 then now() else due_at end,
     skipped = case when $4::text is null then skipped else ${skippedMore('$4', '1')} end
   where tenant_id = $1 and schedule_id = $2`,
);

const advance = statement(
  'schedules.advance',
  `update schedule set nominal_at = $5, failures = 0, due_at = case when look = $3 then $6 else due_at end,
     skipped = case when $8::text is null then skipped else ${skippedMore('$8', '$9')} end
   where tenant_id = $1 and schedule_id = $2 and revision = $7 and nominal_at = $4 returning schedule_id`,
);

const addFire = statement(
  'schedules.add-fire',
  `insert into schedule_fire (tenant_id, schedule_id, nominal_at, state, overlap, reason, detail, times, last_nominal_at,
     task_id, fired_at)
   values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, case when $4 = 'started' then now() end)
   on conflict do nothing returning schedule_id`,
);

const changeFire = statement(
  'schedules.change-fire',
  `update schedule_fire set state = $4, reason = $5, detail = $6, task_id = $7,
     fired_at = case when $4 = 'started' then now() end
   where tenant_id = $1 and schedule_id = $2 and nominal_at = $3 and state = 'pending' returning schedule_id`,
);

const skipLater = statement(
  'schedules.skip-later',
  `with gone as (
     update schedule_fire set state = 'skipped', reason = 'buffer_full'
     where tenant_id = $1 and schedule_id = $2 and nominal_at > $3 and state = 'pending' and overlap = 'buffer_one'
     returning 1
   ), counted as (
     select count(*)::int as times from gone
   )
   update schedule set skipped = ${skippedMore("'buffer_full'", 'c.times')} from counted c
   where tenant_id = $1 and schedule_id = $2 and c.times > 0`,
);

const pauseBy = statement(
  'schedules.pause-by',
  `update schedule set paused_kind = $3, paused_note = $4, paused_at = now(), due_at = now(), look = look + 1
   where tenant_id = $1 and schedule_id = $2 and revision = $5 and paused_at is null`,
);

const fail = statement(
  'schedules.fail',
  `update schedule set failures = failures + 1, due_at = now() + make_interval(secs => $4)
   where tenant_id = $1 and schedule_id = $2 and look = $3`,
);

const running = statement(
  'schedules.running',
  `select task_id as "taskId" from schedule_fire
   where tenant_id = $1 and schedule_id = $2 and state = 'started' and nominal_at <> $3 order by nominal_at`,
);

const standing = statement(
  'schedules.standing',
  `select (select coalesce(extract(epoch from now() - min(due_at)), 0)::float8 from schedule where due_at <= now()) as "lateS",
     (select coalesce(jsonb_object_agg(paused_kind, n), '{}') from (
        select paused_kind, count(*)::int as n from schedule where paused_kind is not null group by 1) p) as paused`,
);

const dropFires = statement(
  'schedules.drop-fires',
  `with old as (
     select tenant_id, schedule_id, nominal_at from schedule_fire
     where made_at < now() - make_interval(days => $1) and state not in ('pending', 'started') order by made_at limit $2
   ), gone as (
     delete from schedule_fire f using old o
     where f.tenant_id = o.tenant_id and f.schedule_id = o.schedule_id and f.nominal_at = o.nominal_at returning 1
   )
   select count(*)::int as gone from gone`,
);

/** The next time of a schedule, and when it is looked at again; nulls: not. */
export interface NextTime {
  readonly nominalAt: Date | null;
  readonly dueAt: Date | null;
}

/** What becomes of a time. */
export interface FireOutcome {
  readonly state: 'pending' | 'started' | 'skipped';
  readonly reason?: SkipReason;
  readonly detail?: string;
  readonly times?: number;
  readonly lastNominalAt?: Date;
  readonly taskId?: string;
}

/** Which time of a schedule: its next one, which makes way for the one after it, or one that waits. */
export type FiredTime =
  | { readonly of: 'next'; readonly nominalAt: Date; readonly then: NextTime }
  | { readonly of: 'pending'; readonly nominalAt: Date };

/** Another router, or a change of the schedule, was faster. */
export class FireOvertaken extends Error {}

/** The time has a fire: of a backfill that reached up to it. */
export class TimeTaken extends Error {}

/** How schedules stand, over all tenants. */
export interface SchedulesStanding {
  /** Seconds for which the one that waits longest is due; 0: none is. */
  readonly lateS: number;
  readonly paused: Partial<Record<PauseKind, number>>;
}

/** Needs the service role. Several routers may sweep at once: each schedule goes to one of them. */
@Injectable()
export class ScheduleSweep {
  constructor(private readonly database: Database) {}

  /** Takes up to `limit` schedules that are due, those first that are due for longest. */
  async claim(limit: number): Promise<DueSchedule[]> {
    const rows = await this.database.query<DueSchedule>(claim, [limit]);
    return rows.map((row) => ({
      ...row,
      first: row.first && { ...row.first, nominalAt: new Date(row.first.nominalAt) },
    }));
  }

  /** Looks at up to `limit` fires whose tasks have ended. @returns how many */
  async settle(limit: number): Promise<number> {
    return (await this.database.query<{ fires: number }>(settle, [limit]))[0]?.fires ?? 0;
  }

  /** Nothing is to be done until then. */
  async rest({ tenantId, scheduleId, look }: DueSchedule, dueAt: Date | null): Promise<void> {
    await this.database.query(rest, [tenantId, scheduleId, look, dueAt]);
  }

  /** Of fires that wait as the only ones, all but this one are skipped. */
  async keepOnly({ tenantId, scheduleId }: DueSchedule, { nominalAt }: PendingFire): Promise<void> {
    await this.database.query(skipLater, [tenantId, scheduleId, nominalAt]);
  }

  /** A time that has a fire already keeps it. @throws FireOvertaken */
  async record(schedule: DueSchedule, time: FiredTime, outcome: FireOutcome, overlap: OverlapPolicy): Promise<void> {
    await this.database.withTenant(schedule.tenantId, (transaction) =>
      write(transaction, schedule, time, outcome, overlap),
    );
  }

  /** Pauses it, and what waits is looked at once more. */
  async pause({ tenantId, scheduleId, revision }: DueSchedule, kind: PauseKind, note: string): Promise<void> {
    await this.database.query(pauseBy, [tenantId, scheduleId, kind, note, revision]);
  }

  /** It is tried again after so many seconds. */
  async failed({ tenantId, scheduleId, look }: DueSchedule, afterS: number): Promise<void> {
    await this.database.query(fail, [tenantId, scheduleId, look, afterS]);
  }

  /** Its tasks of other times that have not ended, the earliest first. */
  async running({ tenantId, scheduleId }: DueSchedule, time: Date): Promise<string[]> {
    const rows = await this.database.query<{ taskId: string }>(running, [tenantId, scheduleId, time]);
    return rows.map(({ taskId }) => taskId);
  }

  async standing(): Promise<SchedulesStanding> {
    const [row] = await this.database.query<SchedulesStanding & Record<string, unknown>>(standing);
    return row ?? { lateS: 0, paused: {} };
  }

  /** Deletes up to `limit` fires that ended, of schedules of all tenants, that are older than so many days. @returns how many */
  async dropFires(days: number, limit: number): Promise<number> {
    return (await this.database.query<{ gone: number }>(dropFires, [days, limit]))[0]?.gone ?? 0;
  }
}

/** What is committed together with the task of a fire. @throws FireOvertaken, TimeTaken (out of the submission) */
export const firing =
  (schedule: DueSchedule, time: FiredTime, overlap: OverlapPolicy): InsertedAlongside =>
  async (transaction, [accepted]) => {
    if (accepted === undefined) throw new Error('A task of a schedule has no outcome');
    await write(transaction, schedule, time, outcomeOf(accepted), overlap);
  };

/** A fire for which an earlier task of its unique key stands has no end of its own. */
const outcomeOf = ({ kind, taskId }: Accepted): FireOutcome =>
  kind === 'existing' ? { state: 'skipped', reason: 'unique', taskId } : { state: 'started', taskId };

/** The router, as the audit trail names it. */
export const scheduler = systemActor('schedules');

const write = async (
  transaction: TenantTransaction,
  { tenantId, scheduleId, look, revision }: DueSchedule,
  time: FiredTime,
  { state, reason, detail, times = 1, lastNominalAt, taskId }: FireOutcome,
  overlap: OverlapPolicy,
): Promise<void> => {
  await actingAs(transaction, scheduler);
  const fire = [tenantId, scheduleId, time.nominalAt, state];
  if (time.of === 'pending') {
    const changed = await transaction.query(changeFire, [...fire, reason, detail, taskId]);
    if (changed.length === 0) throw new FireOvertaken('The fire does not wait any more');
    await transaction.query(again, [tenantId, scheduleId, look, reason]);
    return;
  }
  const { nominalAt, dueAt } = time.then;
  const row = [tenantId, scheduleId, look, time.nominalAt, nominalAt, dueAt, revision];
  const moved = await transaction.query(advance, [...row, reason, times]);
  if (moved.length === 0) throw new FireOvertaken('The schedule has another next time');
  const added = await transaction.query(addFire, [...fire, overlap, reason, detail, times, lastNominalAt, taskId]);
  if (added.length === 0 && state === 'started') throw new TimeTaken('The time has a fire already');
};
