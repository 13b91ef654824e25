// Upkeep: partitions to create, and what is past its retention.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

const ensurePartitions = statement('upkeep.partitions', 'select pulser.ensure_partitions() as made');

const dropKeys = statement(
  'upkeep.keys',
  `delete from idempotency_key where (tenant_id, key) in
     (select tenant_id, key from idempotency_key where expires_at <= now() limit $1)`,
);

// A day later: what a person sees as ended just now can still be found in the database.
const dropSessions = statement(
  'upkeep.sessions',
  `delete from session where (tenant_id, session_id) in
     (select tenant_id, session_id from session where ends_at <= now() - interval '1 day' limit $1)`,
);

const dropCodes = statement(
  'upkeep.login-codes',
  `delete from login_code where (tenant_id, code_id) in
     (select tenant_id, code_id from login_code where expires_at <= now() - interval '1 day' limit $1)`,
);

const dropPartitions = statement(
  'upkeep.retention.partitions',
  `select pulser.drop_expired_partitions($1) || pulser.drop_expired_telemetry($1) as dropped`,
);

// For tenants that keep tasks for less than the default, and for weeks whose partitions could not be dropped because
// another tenant keeps longer or a task of that week is still open.
const dropTasks = statement(
  'upkeep.retention.tasks',
  `with bounds as (
     select tenant_id, now() - pulser.retention(retention_days, $1) as kept_from, case
       when retention_days < $1 then now() - pulser.retention(retention_days, $1)
       else date_trunc('week', now() - pulser.retention(retention_days, $1), 'UTC') end as submitted_before
     from tenant
   ), expired as (
     select t.tenant_id, t.task_id from bounds b cross join lateral (
       select q.tenant_id, q.task_id from task_queue q
       where tenant_id = b.tenant_id and task_id < pulser.id_floor(b.submitted_before) and completed_at < b.kept_from
         and (q.root_id is null or not exists (select from task_queue r where r.tenant_id = b.tenant_id
           and r.task_id = q.root_id and (r.completed_at is null or r.completed_at >= b.kept_from)))
       order by task_id limit $2
     ) t limit $2
   ), gone as (
     delete from task_queue t using expired e where t.tenant_id = e.tenant_id and t.task_id = e.task_id
     returning t.tenant_id, t.task_id, t.submitted_by, t.labels
   ), facets as (
     -- What tasks of the same moment that are left were found by stays until the partition is dropped.
     delete from task_facet f using gone g cross join lateral (
       select 'label:' || key as facet, value from jsonb_each_text(g.labels) union all select 'submitted_by', g.submitted_by
     ) l
     where f.tenant_id = g.tenant_id and f.facet = l.facet and f.value = l.value and f.last_id >= g.task_id
       and f.last_id <= (left(g.task_id::text, 11) || 'ff-ffff-ffff-ffffffffffff')::uuid
       and f.task_ids <@ array(select task_id from gone)
   ), events as (
     delete from task_event t using gone g where t.tenant_id = g.tenant_id and t.task_id = g.task_id
   ), artifacts as (
     delete from task_artifact t using gone g where t.tenant_id = g.tenant_id and t.task_id = g.task_id
   ), effects as (
     delete from task_effect t using gone g where t.tenant_id = g.tenant_id and t.task_id = g.task_id
   ), joins as (
     delete from task_join t using gone g where t.tenant_id = g.tenant_id and t.task_id = g.task_id
   ), waits as (
     delete from task_wait t using gone g where t.tenant_id = g.tenant_id and t.task_id = g.task_id
   ), signals as (
     delete from task_signal t using gone g where t.tenant_id = g.tenant_id and t.task_id = g.task_id
   ), spans as (
     delete from task_span t using gone g where t.tenant_id = g.tenant_id and t.task_id = g.task_id
   ), dead_letters as (
     delete from dead_letter t using gone g where t.tenant_id = g.tenant_id and t.task_id = g.task_id
   )
   select count(*)::int as gone from gone`,
);

// Budgets of tasks whose retention is over, and requests of that age; sums by day are kept.
const dropBudgets = statement(
  'upkeep.spend.budgets',
  `delete from spend_budget where (tenant_id, scope, key) in
     (select tenant_id, scope, key from spend_budget where touched_at < now() - pulser.retention(null, $1) limit $2)`,
);

const dropCalls = statement(
  'upkeep.spend.calls',
  `delete from spend_call c using (
     select s.tenant_id, s.call_id from tenant t cross join lateral (
       select tenant_id, call_id from spend_call where tenant_id = t.tenant_id and state = 'settled'
         and call_id < pulser.id_floor(now() - pulser.retention(t.retention_days, $1))
       order by call_id limit $2) s
     limit $2) old
   where c.tenant_id = old.tenant_id and c.call_id = old.call_id`,
);

const dropTurns = statement(
  'upkeep.conversations.turns',
  `delete from conversation_turn c using (
     select s.tenant_id, s.turn_id from tenant t cross join lateral (
       select tenant_id, turn_id from conversation_turn where tenant_id = t.tenant_id
         and turn_id < pulser.id_floor(now() - pulser.retention(t.retention_days, $1))
       order by turn_id limit $2) s
     limit $2) old
   where c.tenant_id = old.tenant_id and c.turn_id = old.turn_id`,
);

const dropConversations = statement(
  'upkeep.conversations',
  `delete from conversation c using (
     select s.tenant_id, s.conversation_id from tenant t cross join lateral (
       select tenant_id, conversation_id from conversation where tenant_id = t.tenant_id
         and last_turn_id < pulser.id_floor(now() - pulser.retention(t.retention_days, $1))
       order by last_turn_id limit $2) s
     limit $2) old
   where c.tenant_id = old.tenant_id and c.conversation_id = old.conversation_id`,
);

const dropFirings = statement(
  'upkeep.hooks.firings',
  `delete from hook_firing f using (
     select s.tenant_id, s.firing_id from tenant t cross join lateral (
       select tenant_id, firing_id from hook_firing where tenant_id = t.tenant_id
         and firing_id < pulser.id_floor(now() - pulser.retention(t.retention_days, $1))
       order by firing_id limit $2) s
     limit $2) old
   where f.tenant_id = old.tenant_id and f.firing_id = old.firing_id`,
);

/** Periodic maintenance of the database. Several services may run it at once. Needs the service role. */
@Injectable()
export class Upkeep {
  constructor(private readonly database: Database) {}

  /** Creates the partitions of the coming weeks. @returns how many were missing */
  async ensurePartitions(): Promise<number> {
    const [row] = await this.database.query<{ made: number }>(ensurePartitions);
    return row?.made ?? 0;
  }

  /**
   * Drops the partitions of weeks in which every task is past its retention.
   * @param defaultDays retention in days of tenants that have none of their own
   * @returns the weeks, and the partitions of telemetry
   */
  async dropExpiredPartitions(defaultDays: number): Promise<string[]> {
    const [row] = await this.database.query<{ dropped: string[] }>(dropPartitions, [defaultDays]);
    return row?.dropped ?? [];
  }

  /** Deletes up to `limit` tasks past their retention in weeks that cannot be dropped. @returns how many */
  async dropExpiredTasks(defaultDays: number, limit: number): Promise<number> {
    const [row] = await this.database.query<{ gone: number }>(dropTasks, [defaultDays, limit]);
    return row?.gone ?? 0;
  }

  /** Deletes up to `limit` budgets and as many requests to models that are past their retention. */
  async dropExpiredSpend(defaultDays: number, limit: number): Promise<void> {
    await this.database.query(dropBudgets, [defaultDays, limit]);
    await this.database.query(dropCalls, [defaultDays, limit]);
  }

  /** Deletes up to `limit` turns of conversations that are past their retention, and conversations without others. */
  async dropExpiredTurns(defaultDays: number, limit: number): Promise<void> {
    await this.database.query(dropTurns, [defaultDays, limit]);
    await this.database.query(dropConversations, [defaultDays, limit]);
  }

  /** Deletes up to `limit` firings of hooks that are past the retention of tasks. */
  async dropExpiredFirings(defaultDays: number, limit: number): Promise<void> {
    await this.database.query(dropFirings, [defaultDays, limit]);
  }

  /** Deletes up to `limit` expired idempotency keys. */
  async dropExpiredKeys(limit: number): Promise<void> {
    await this.database.query(dropKeys, [limit]);
  }

  /** Deletes up to `limit` sessions, and codes for logins, that ended more than a day ago. */
  async dropEndedLogins(limit: number): Promise<void> {
    await this.database.query(dropSessions, [limit]);
    await this.database.query(dropCodes, [limit]);
  }
}
