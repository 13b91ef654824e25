// Hooks as their tenant reads and changes them, and as a signed request finds them. What fires those that are no requests is
// in hook-events.ts.
import { randomBytes } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { HookOrder, type HookRefusalReason, ScheduledTask } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type Author, authorColumns, authorValues, joinAuthorKey } from '../access/authors.js';
import type { Principal } from '../access/principal.js';
import { type Actor, asActor } from '../audit/actor.js';

/** Of an order, what happens and what of it is put where. */
export type HookRules = Omit<HookOrder, 'task' | 'enabled'>;

export interface HookRow {
  readonly name: string;
  readonly revision: number;
  readonly address: string | null;
  readonly rules: HookRules;
  readonly task: ScheduledTask;
  readonly enabled: boolean;
  readonly author: string;
  readonly createdAt: Date;
  readonly changedAt: Date;
  readonly firedAt: Date | null;
  readonly firedTask: string | null;
  readonly refusedAt: Date | null;
  readonly refusedReason: HookRefusalReason | null;
  readonly refusedDetail: string | null;
}

/** What became of a hook once: a task, or why there was none. */
export interface FiringRow {
  readonly firingId: string;
  readonly firedAt: Date;
  readonly taskId: string | null;
  readonly reason: HookRefusalReason | null;
  readonly detail: string | null;
}

export interface HookRef {
  readonly tenantId: string;
  readonly hookId: string;
}

/** A hook that is called, with its author as it is now. */
export interface CalledHook extends Author, HookRef {
  readonly enabled: boolean;
  /** As stored: `orderOf` reads them. */
  readonly rules: unknown;
  readonly task: unknown;
}

/** Read in the sight of one hook: a row that cannot be read disturbs no other. @throws ZodError */
export const hookOrderOf = ({ rules, task }: Pick<CalledHook, 'rules' | 'task'>): HookOrder =>
  HookOrder.parse({ ...(rules as object), task });

const ofTenant = 'tenant_id = (select pulser.tenant_id())';

const list = statement(
  'hooks.list',
  `select name, revision, address, rules, task, enabled, author, created_at as "createdAt", changed_at as "changedAt",
     fired_at as "firedAt", fired_task as "firedTask", refused_at as "refusedAt", refused_reason as "refusedReason",
     refused_detail as "refusedDetail"
   from hook where ${ofTenant} and ($1::text is null or name = $1) order by name`,
);

// Of two that are made at once the second waits for the first, so that both are counted.
const takeTurn = statement(
  'hooks.take-turn',
  `select pg_advisory_xact_lock(hashtextextended('pulser hooks ' || (select pulser.tenant_id())::text, 0))`,
);

const known = statement(
  'hooks.known',
  `select (select count(*)::int from hook where ${ofTenant}) as hooks, (
     select address from hook where ${ofTenant} and name = $1) as address, exists (
     select from hook where ${ofTenant} and name = $1) as exists`,
);

const put = statement(
  'hooks.put',
  `insert into hook as h (tenant_id, name, source, address, rules, task, enabled, author_key, author, author_role, author_types)
   values ((select pulser.tenant_id()), $1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
   on conflict (tenant_id, name) do update set revision = h.revision + 1, source = excluded.source,
     address = excluded.address, rules = excluded.rules, task = excluded.task, enabled = excluded.enabled,
     author_key = excluded.author_key, author = excluded.author, author_role = excluded.author_role,
     author_types = excluded.author_types, changed_at = now()`,
);

const remove = statement(
  'hooks.remove',
  `with gone as (
     delete from hook where ${ofTenant} and name = $1 returning tenant_id, hook_id
   ), events as (
     delete from hook_event e using gone g where e.tenant_id = g.tenant_id and e.hook_id = g.hook_id
   ), firings as (
     delete from hook_firing f using gone g where f.tenant_id = g.tenant_id and f.hook_id = g.hook_id
   )
   select hook_id from gone`,
);

const byAddress = statement(
  'hooks.by-address',
  `select tenant_id as "tenantId", hook_id as "hookId" from pulser.find_hook($1)`,
);

const called = statement(
  'hooks.called',
  `select h.tenant_id as "tenantId", h.hook_id as "hookId", h.enabled, h.rules, h.task, ${authorColumns('h')}
   from hook h ${joinAuthorKey('h')} where h.${ofTenant} and h.hook_id = $1`,
);

// At the hook once a second at most, so that a busy one is no row for which its calls wait in line.
const noteFired = statement(
  'hooks.note-fired',
  `with noted as (
     update hook set fired_at = now(), fired_task = $3
     where tenant_id = $1 and hook_id = $2 and coalesce(fired_at < now() - interval '1 second', true)
   )
   insert into hook_firing (tenant_id, hook_id, task_id)
   select tenant_id, hook_id, $3 from hook where tenant_id = $1 and hook_id = $2`,
);

// Also in the list: who calls without a right to may do so often.
const noteRefused = statement(
  'hooks.note-refused',
  `with noted as (
     update hook set refused_at = now(), refused_reason = $3, refused_detail = $4
     where tenant_id = $1 and hook_id = $2
       and (coalesce(refused_at < now() - interval '1 second', true) or (refused_reason, refused_detail) is distinct from ($3, $4))
     returning tenant_id, hook_id
   )
   insert into hook_firing (tenant_id, hook_id, reason, detail) select tenant_id, hook_id, $3, $4 from noted`,
);

const firings = statement(
  'hooks.firings',
  `select f.firing_id as "firingId", f.fired_at as "firedAt", f.task_id as "taskId", f.reason, f.detail
   from hook h join hook_firing f on f.tenant_id = h.tenant_id and f.hook_id = h.hook_id
   where h.${ofTenant} and h.name = $1 and ($2::uuid is null or f.firing_id < $2)
   order by f.firing_id desc limit $3`,
);

interface Known {
  readonly hooks: number;
  readonly address: string | null;
  readonly exists: boolean;
}

/** Not to be guessed: without it nobody learns whether there is a hook. */
const newAddress = (name: string): string => `${name}.${randomBytes(16).toString('base64url')}`;

/** Characters of a detail that is kept. */
const maxDetail = 500;

@Injectable()
export class Hooks {
  constructor(private readonly database: Database) {}

  /** By name. */
  list(tenantId: string, name?: string): Promise<HookRow[]> {
    return this.database.queryAs<HookRow>(tenantId, list, [name]);
  }

  async find(tenantId: string, name: string): Promise<HookRow | undefined> {
    return (await this.list(tenantId, name))[0];
  }

  /** Makes it, or replaces the one of this name, which keeps its address; its author is who writes it. @param most hooks of a tenant */
  write(
    author: Principal,
    actor: Actor,
    name: string,
    { task, enabled, ...rules }: HookOrder,
    most: number,
  ): Promise<'created' | 'replaced' | 'too many'> {
    return asActor(this.database, author.tenantId, actor, async (transaction) => {
      await transaction.query(takeTurn);
      const [before] = await transaction.query<Known>(known, [name]);
      if (before === undefined || (!before.exists && before.hooks >= most)) return 'too many';
      const address = rules.on.kind === 'request' ? (before.address ?? newAddress(name)) : null;
      const values = [name, rules.on.kind, address, JSON.stringify(rules), JSON.stringify(task), enabled];
      await transaction.query(put, [...values, ...authorValues(author)]);
      return before.exists ? 'replaced' : 'created';
    });
  }

  /** With what has happened to which it was to be fired. @returns false when there was none */
  async remove(tenantId: string, actor: Actor, name: string): Promise<boolean> {
    const gone = await asActor(this.database, tenantId, actor, (transaction) => transaction.query(remove, [name]));
    return gone.length === 1;
  }

  /** Those of a hook, the newest first. @param before a firing that was read already */
  firings(tenantId: string, name: string, limit: number, before: string | undefined): Promise<FiringRow[]> {
    return this.database.queryAs<FiringRow>(tenantId, firings, [name, before ?? null, limit]);
  }

  /** Of any tenant. */
  async byAddress(address: string): Promise<HookRef | undefined> {
    return (await this.database.query<HookRef & Record<string, unknown>>(byAddress, [address]))[0];
  }

  async called({ tenantId, hookId }: HookRef): Promise<CalledHook | undefined> {
    return (await this.database.queryAs<CalledHook>(tenantId, called, [hookId]))[0];
  }

  async noteFired({ tenantId, hookId }: HookRef, taskId: string): Promise<void> {
    await this.database.queryAs(tenantId, noteFired, [tenantId, hookId, taskId]);
  }

  async noteRefused({ tenantId, hookId }: HookRef, reason: HookRefusalReason, detail: string): Promise<void> {
    await this.database.queryAs(tenantId, noteRefused, [tenantId, hookId, reason, detail.slice(0, maxDetail)]);
  }
}
