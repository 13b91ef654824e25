// Schedules as their tenant reads and changes them. What fires them is in schedule-sweep.ts.
import { Injectable } from '@nestjs/common';
import {
  type BackfillOrder,
  type FireOrigin,
  type FireState,
  maxBackfill,
  type OverlapPolicy,
  type PauseKind,
  type ScheduledTask,
  type ScheduleOrder,
  type SkipReason,
} from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';
import { Occurrences } from '@pulser/schedules';

import { authorValues } from '../access/authors.js';
import type { Principal } from '../access/principal.js';
import { type Actor, actingAs } from '../audit/actor.js';

/** Of an order, which times there are, and what to do at them. */
export type ScheduleRules = Omit<ScheduleOrder, 'task'>;

export interface FireRow {
  readonly nominalAt: Date;
  readonly origin: FireOrigin;
  readonly state: FireState;
  readonly reason: SkipReason | null;
  readonly detail: string | null;
  readonly times: number;
  readonly lastNominalAt: Date | null;
  readonly taskId: string | null;
  readonly firedAt: Date | null;
  readonly endedAt: Date | null;
  readonly askedBy: string | null;
}

export interface ScheduleRow {
  readonly scheduleId: string;
  readonly name: string;
  readonly revision: number;
  readonly rules: ScheduleRules;
  readonly task: ScheduledTask;
  readonly author: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly nominalAt: Date | null;
  readonly pausedKind: PauseKind | null;
  readonly pausedNote: string | null;
  readonly pausedBy: string | null;
  readonly pausedAt: Date | null;
  /** The last one that was no skip. */
  readonly last: FireRow | null;
  readonly pending: number;
  readonly running: number;
  /** Skipped times by reason, since it was made. */
  readonly skipped: Readonly<Record<string, number>>;
  /** The database's time. */
  readonly now: Date;
}

/** What is added up or skipped at most in one go. */
const maxSkipped = 1_000;

const ofTenant = 'tenant_id = (select pulser.tenant_id())';

const fireFields = [
  ['nominalAt', 'nominal_at'],
  ['origin', 'origin'],
  ['state', 'state'],
  ['reason', 'reason'],
  ['detail', 'detail'],
  ['times', 'times'],
  ['lastNominalAt', 'last_nominal_at'],
  ['taskId', 'task_id'],
  ['firedAt', 'fired_at'],
  ['endedAt', 'ended_at'],
  ['askedBy', 'asked_by'],
] as const;

const fireColumns = fireFields.map(([name, column]) => `f.${column} as "${name}"`).join(', ');
const fireObject = `jsonb_build_object(${fireFields.map(([name, column]) => `'${name}', f.${column}`).join(', ')})`;

const ofSchedule = 'f.tenant_id = s.tenant_id and f.schedule_id = s.schedule_id';

const columns = `s.schedule_id as "scheduleId", s.name, s.revision, s.rules, s.task, s.author, s.created_at as "createdAt",
     s.changed_at as "changedAt", s.nominal_at as "nominalAt", s.paused_kind as "pausedKind", s.paused_note as "pausedNote",
     s.paused_by as "pausedBy", s.paused_at as "pausedAt", now() as now, o.pending, o.running, s.skipped,
     (select ${fireObject} from schedule_fire f where ${ofSchedule} and f.state <> 'skipped'
      order by f.nominal_at desc limit 1) as last`;

const withFires = `
   cross join lateral (
     select count(*) filter (where f.state = 'pending')::int as pending,
       count(*) filter (where f.state = 'started')::int as running
     from schedule_fire f where ${ofSchedule} and f.state in ('pending', 'started')
   ) o`;

const list = statement(
  'schedules.list',
  `select ${columns} from schedule s ${withFires} where s.${ofTenant} and ($1::text is null or s.name = $1) order by s.name`,
);

const lock = statement(
  'schedules.lock',
  `select schedule_id as "scheduleId", rules, nominal_at as "nominalAt", paused_at as "pausedAt", now() as now
   from schedule where ${ofTenant} and name = $1 for update`,
);

// Of two that are made at once the second waits for the first, so that both are counted.
const takeTurn = statement(
  'schedules.take-turn',
  `select pg_advisory_xact_lock(hashtextextended('pulser schedules ' || (select pulser.tenant_id())::text, 0)), now() as now,
     (select count(*)::int from schedule where ${ofTenant}) as schedules`,
);

const insert = statement(
  'schedules.insert',
  `insert into schedule (tenant_id, name, rules, task, author_key, author, author_role, author_types, nominal_at, due_at)
   values ((select pulser.tenant_id()), $1, $2, $3, $4, $5, $6, $7, $8, $9)`,
);

// Whoever writes it is its author from now on: what was paused because the author could not submit it may go on.
const replace = statement(
  'schedules.replace',
  `update schedule set revision = revision + 1, rules = $2, task = $3, author_key = $4, author = $5, author_role = $6,
     author_types = $7, nominal_at = $8, changed_at = now(), look = look + 1, failures = 0,
     due_at = case when paused_kind in ('user', 'failure') then due_at else $9 end,
     paused_note = case when paused_kind in ('user', 'failure') then paused_note end,
     paused_by = case when paused_kind in ('user', 'failure') then paused_by end,
     paused_at = case when paused_kind in ('user', 'failure') then paused_at end,
     paused_kind = case when paused_kind in ('user', 'failure') then paused_kind end
   where ${ofTenant} and name = $1`,
);

const remove = statement('schedules.remove', `delete from schedule where ${ofTenant} and name = $1 returning name`);

// Fires that were asked for go on: they are looked at once more.
const pause = statement(
  'schedules.pause',
  `update schedule set paused_kind = 'user', paused_note = $2, paused_by = $3, paused_at = now(), due_at = now(),
     look = look + 1
   where ${ofTenant} and name = $1 and paused_at is null`,
);

const resume = statement(
  'schedules.resume',
  `update schedule set paused_kind = null, paused_note = null, paused_by = null, paused_at = null, failures = 0,
     nominal_at = $2, due_at = now(), look = look + 1
   where ${ofTenant} and schedule_id = $1`,
);

/** SQL: the skipped times of a schedule with some more. @param reason, @param times parameters of the statement */
export const skippedMore = (reason: string, times: string): string =>
  `skipped || jsonb_build_object(${reason}::text, coalesce((skipped ->> ${reason}::text)::int, 0) + ${times}::int)`;

const countPaused = statement(
  'schedules.count-paused',
  `update schedule set skipped = ${skippedMore("'paused'", '$2')} where ${ofTenant} and schedule_id = $1`,
);

const skipPaused = statement(
  'schedules.skip-paused',
  `insert into schedule_fire (tenant_id, schedule_id, nominal_at, state, overlap, reason, times, last_nominal_at)
   values ((select pulser.tenant_id()), $1, $2, 'skipped', 'skip', 'paused', $3, $4) on conflict do nothing`,
);

const ask = statement(
  'schedules.ask',
  `update schedule set due_at = now(), look = look + 1, asked = $2::jsonb
   where ${ofTenant} and schedule_id = $1`,
);

const addFires = statement(
  'schedules.add-fires',
  `insert into schedule_fire as f (tenant_id, schedule_id, nominal_at, origin, state, overlap, asked_by)
   select (select pulser.tenant_id()), $1, t.at, $3, 'pending', $4, $5 from unnest($2::timestamptz[]) as t(at)
   on conflict do nothing returning ${fireColumns}`,
);

const page = statement(
  'schedules.fires',
  `select ${fireColumns} from schedule_fire f join schedule s using (tenant_id, schedule_id)
   where s.${ofTenant} and s.name = $1 and ($2::text is null or f.state = $2)
     and f.nominal_at < coalesce($3::timestamptz, 'infinity')
   order by f.nominal_at desc limit $4`,
);

interface Locked {
  readonly scheduleId: string;
  readonly rules: ScheduleRules;
  readonly nominalAt: Date | null;
  readonly pausedAt: Date | null;
  readonly now: Date;
}

/** What became of a wish to write a schedule. */
export type Written = 'created' | 'replaced' | 'too many';

/** A fire as JSON of the database: its times are texts. */
const fromJson = (last: FireRow | null): FireRow | null => {
  if (last === null) return null;
  const date = (value: Date | null): Date | null => (value === null ? null : new Date(value));
  const { nominalAt, lastNominalAt, firedAt, endedAt } = last;
  return {
    ...last,
    nominalAt: new Date(nominalAt),
    lastNominalAt: date(lastNominalAt),
    firedAt: date(firedAt),
    endedAt: date(endedAt),
  };
};

const timesOnly = ({ when, time_zone, start, end, exclude, missing, repeated }: ScheduleRules): string =>
  JSON.stringify([when, time_zone, start, end, exclude, missing, repeated]);

/** Schedules of one tenant at a time. */
@Injectable()
export class Schedules {
  constructor(private readonly database: Database) {}

  /** By name. */
  async list(tenantId: string, name?: string): Promise<ScheduleRow[]> {
    const rows = await this.database.queryAs<ScheduleRow>(tenantId, list, [name]);
    return rows.map((row) => ({ ...row, last: fromJson(row.last) }));
  }

  async find(tenantId: string, name: string): Promise<ScheduleRow | undefined> {
    return (await this.list(tenantId, name))[0];
  }

  /**
   * Makes it, or replaces the one of this name; its author is who writes it. Its next time stays when its times do.
   * @param most schedules of a tenant
   */
  write(author: Principal, actor: Actor, name: string, order: ScheduleOrder, most: number): Promise<Written> {
    const { task, ...rules } = order;
    return this.acting(author.tenantId, actor, async (transaction) => {
      const [turn] = await transaction.query<{ now: Date; schedules: number }>(takeTurn);
      const known = await locked(transaction, name);
      if (turn === undefined || (known === undefined && turn.schedules >= most)) return 'too many';
      const kept = known !== undefined && timesOnly(known.rules) === timesOnly(rules);
      const next = kept ? known.nominalAt : (new Occurrences(rules).after(turn.now) ?? null);
      const values = [
        name,
        JSON.stringify(rules),
        JSON.stringify(task),
        ...authorValues(author),
        next,
        kept ? turn.now : next,
      ];
      await transaction.query(known ? replace : insert, values);
      return known ? 'replaced' : 'created';
    });
  }

  /** Its tasks go on. @returns false when there was none */
  remove(tenantId: string, actor: Actor, name: string): Promise<boolean> {
    return this.acting(tenantId, actor, async (transaction) => (await transaction.query(remove, [name])).length === 1);
  }

  /** One that is paused keeps its reason. */
  async pause(tenantId: string, actor: Actor, name: string, note: string | undefined): Promise<void> {
    await this.acting(tenantId, actor, (transaction) => transaction.query(pause, [name, note ?? null, actor.name]));
  }

  /** Goes on with the first time from now; those since the pause are skipped. */
  async resume(tenantId: string, actor: Actor, name: string): Promise<void> {
    await this.acting(tenantId, actor, async (transaction) => {
      const row = await locked(transaction, name);
      if (row?.pausedAt == null) return;
      const times = new Occurrences(row.rules);
      if (row.nominalAt !== null && row.nominalAt <= row.now) {
        const more = times.list(row.nominalAt, maxSkipped - 1, row.now);
        const skipped = [row.scheduleId, row.nominalAt, more.length + 1, more.at(-1) ?? row.nominalAt];
        await transaction.query(skipPaused, skipped);
        await transaction.query(countPaused, [row.scheduleId, more.length + 1]);
      }
      const next = row.nominalAt !== null && row.nominalAt > row.now ? row.nominalAt : (times.after(row.now) ?? null);
      await transaction.query(resume, [row.scheduleId, next]);
    });
  }

  /** Fires once, now, also while it is paused. @returns undefined when there is no such schedule */
  trigger(tenantId: string, actor: Actor, name: string, overlap?: OverlapPolicy): Promise<FireRow | undefined> {
    return this.acting(tenantId, actor, async (transaction) => {
      const row = await locked(transaction, name);
      if (row === undefined) return undefined;
      await transaction.query(ask, [row.scheduleId, JSON.stringify({ what: 'trigger', at: row.now })]);
      for (let at = row.now; ; at = new Date(at.getTime() + 1)) {
        const values = [row.scheduleId, [at], 'trigger', overlap ?? row.rules.overlap, actor.name];
        const [fire] = await transaction.query<FireRow>(addFires, values);
        // Of two in the same millisecond the second has the next one as its time.
        if (fire !== undefined) return fire;
      }
    });
  }

  /**
   * Fires for the times of a range that have no fire yet.
   * @returns how many times there are, and how many fires are new; undefined when there is no such schedule; 'too many'
   * times; 'ahead' when the range does not end before now
   */
  backfill(
    tenantId: string,
    actor: Actor,
    name: string,
    { from, to, overlap }: BackfillOrder,
  ): Promise<{ times: number; added: number } | 'too many' | 'ahead' | undefined> {
    return this.acting(tenantId, actor, async (transaction) => {
      const row = await locked(transaction, name);
      if (row === undefined) return undefined;
      if (new Date(to) > row.now) return 'ahead';
      const times = new Occurrences(row.rules).list(new Date(Date.parse(from) - 1), maxBackfill + 1, new Date(to));
      if (times.length > maxBackfill) return 'too many';
      await transaction.query(ask, [row.scheduleId, JSON.stringify({ what: 'backfill', from, to, overlap })]);
      const values = [row.scheduleId, times, 'backfill', overlap, actor.name];
      return { times: times.length, added: (await transaction.query(addFires, values)).length };
    });
  }

  /** Latest time first. */
  fires(
    tenantId: string,
    name: string,
    { state, before, limit }: { state: FireState | undefined; before: Date | undefined; limit: number },
  ): Promise<FireRow[]> {
    return this.database.queryAs<FireRow>(tenantId, page, [name, state, before, limit]);
  }

  private acting<T>(tenantId: string, actor: Actor, work: (transaction: TenantTransaction) => Promise<T>): Promise<T> {
    return this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, actor);
      return work(transaction);
    });
  }
}

const locked = async (transaction: TenantTransaction, name: string): Promise<Locked | undefined> =>
  (await transaction.query<Locked>(lock, [name]))[0];
