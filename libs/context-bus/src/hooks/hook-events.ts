// What has happened to which hooks are to be fired, as routers take it. That each fires once is sure by its row, which is
// deleted together with the insert of the task.
import { Injectable } from '@nestjs/common';
import { Database, statement } from '@pulser/database';

import { type Author, authorColumns, joinAuthorKey } from '../access/authors.js';
import { actingAs, systemActor } from '../audit/actor.js';
import type { InsertedAlongside } from '../tasks/inserts.js';

/** Seconds after which an event whose router died is looked at again. */
const lookS = 5;

/** An event that is due, with its hook. */
export interface DueEvent extends Author {
  readonly eventId: string;
  readonly hookId: string;
  /** Hooks by which the task came that made it happen, one after the other. */
  readonly hooks: readonly string[];
  readonly body: unknown;
  /** Times that it was looked at, with this one. */
  readonly tries: number;
  /** Seconds since it happened. */
  readonly ageS: number;
  /** Whether the hook is still there, and to be fired. */
  readonly enabled: boolean;
  readonly rules: unknown;
  readonly task: unknown;
}

const claim = statement(
  'hook-events.claim',
  `with due as (
     select tenant_id, event_id from hook_event where due_at <= now() order by due_at limit $1 for update skip locked
   ), c as (
     update hook_event e set due_at = now() + interval '${lookS} seconds', tries = e.tries + 1 from due d
     where e.tenant_id = d.tenant_id and e.event_id = d.event_id returning e.*
   )
   select c.tenant_id as "tenantId", c.event_id as "eventId", c.hook_id as "hookId", c.hooks, c.body, c.tries,
     extract(epoch from now() - c.made_at)::float8 as "ageS", coalesce(h.enabled, false) as enabled, h.rules, h.task,
     ${authorColumns('h')}
   from c left join hook h on h.tenant_id = c.tenant_id and h.hook_id = c.hook_id ${joinAuthorKey('h')}`,
);

const drop = statement(
  'hook-events.drop',
  'delete from hook_event where tenant_id = $1 and event_id = $2 returning event_id',
);

const postpone = statement(
  'hook-events.postpone',
  'update hook_event set due_at = now() + make_interval(secs => $3) where tenant_id = $1 and event_id = $2',
);

/** Another router was faster. */
export class EventOvertaken extends Error {}

/** The router, as the audit trail names it. */
const hooksActor = systemActor('hooks');

/** Needs the service role. Several routers may take at once: each event goes to one of them. */
@Injectable()
export class HookEvents {
  constructor(private readonly database: Database) {}

  /** Takes up to `limit` events that are due, those first that are due for longest. */
  claim(limit: number): Promise<DueEvent[]> {
    return this.database.query<DueEvent & Record<string, unknown>>(claim, [limit]);
  }

  /** Nothing comes of it. */
  async drop({ tenantId, eventId }: DueEvent): Promise<void> {
    await this.database.query(drop, [tenantId, eventId]);
  }

  async postpone({ tenantId, eventId }: DueEvent, seconds: number): Promise<void> {
    await this.database.query(postpone, [tenantId, eventId, seconds]);
  }
}

/** What is committed together with the task of an event. @throws EventOvertaken (out of the submission) */
export const firedBy =
  ({ tenantId, eventId }: DueEvent): InsertedAlongside =>
  async (transaction) => {
    await actingAs(transaction, hooksActor);
    if ((await transaction.query(drop, [tenantId, eventId])).length === 0)
      throw new EventOvertaken('The event has been taken already');
  };
