// Deliveries: each notification on its way to each destination. The leader of the health services sends them: it claims a
// message for the length of a lease, and a message whose sender died is claimed again, under the same id.
import { Injectable } from '@nestjs/common';
import { type DeliveryAttempt, type DeliveryState, type NotificationKind, systemTenantId } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type Actor, actingAs } from '../audit/actor.js';
import type { DestinationRow } from './destinations.js';

export interface DeliveryRow {
  readonly deliveryId: string;
  readonly notificationId: string;
  readonly messageId: string;
  readonly kind: NotificationKind;
  readonly content: unknown;
  readonly state: DeliveryState;
  readonly attempts: number;
  readonly dueAt: Date;
  readonly log: readonly DeliveryAttempt[];
  readonly createdAt: Date;
  readonly endedAt: Date | null;
}

/** A message that is to be sent now: one delivery, or several of the same message. */
export interface ClaimedMessage extends Pick<
  DestinationRow,
  'destinationId' | 'kind' | 'address' | 'secret' | 'quiet'
> {
  readonly tenantId: string;
  /** Name of the destination. */
  readonly name: string;
  readonly messageId: string;
  /** Number of this attempt, from 1. */
  readonly attempt: number;
  readonly parts: readonly ClaimedPart[];
}

export interface ClaimedPart {
  readonly deliveryId: string;
  readonly notificationId: string;
  /** Kind of the notification. */
  readonly kind: NotificationKind;
  readonly content: unknown;
  readonly at: Date;
}

/** What happened to a claimed message. */
export interface Settlement {
  readonly state: DeliveryState;
  /** Milliseconds until the next attempt, of one that is pending still. */
  readonly afterMs: number;
  /** Whether the attempt counts: one that waits for the end of quiet hours does not. */
  readonly counts: boolean;
  readonly log: Omit<DeliveryAttempt, 'at'>;
}

/** Incidents of one moment for one destination, from which on they travel in one message. */
const groupFrom = 3;

/** Seconds after which a message whose sender died is sent again: more than any sink may take. */
export const leaseS = 30;

const keptAttempts = 20;

const leads = 'exists (select from health_leader where epoch = $1 and until > now())';

// People get one message of many incidents, programs one for each. Openings and ends do not mix. The id of the group is that
// of its first delivery, written before anything is sent: a repeat after a crash is the same message.
const group = statement(
  'deliveries.group',
  `with waiting as (
    select e.delivery_id, e.destination_id, e.message_id, e.due_at, n.incident_id, n.content ->> 'change' = 'resolved' as is_end
    from notification_delivery e
      join notification n using (tenant_id, notification_id)
      join destination d using (tenant_id, destination_id)
    where e.tenant_id = $2 and e.state = 'pending' and e.attempts = 0 and e.message_id = e.notification_id
      and n.kind = 'incident' and d.kind in ('slack', 'email')
  ), many as (
    select destination_id, is_end, (array_agg(message_id order by delivery_id))[1] as message_id
    from waiting group by 1, 2
    having count(distinct incident_id) >= ${groupFrom} and min(due_at) <= now()
  )
  update notification_delivery e set message_id = m.message_id, due_at = now()
  from waiting w join many m using (destination_id, is_end)
  where e.tenant_id = $2 and e.delivery_id = w.delivery_id and e.state = 'pending' and e.attempts = 0 and ${leads}
  returning e.delivery_id as "deliveryId"`,
);

// $2: destinations that have as many messages under way as they may; $3: messages of one destination at a time.
const claim = statement(
  'deliveries.claim',
  `with due as (
    select tenant_id, destination_id, message_id, min(due_at) as due_at from (
      select e.tenant_id, e.destination_id, e.message_id, e.due_at from notification_delivery e
        join destination d using (tenant_id, destination_id)
      where e.state = 'pending' and e.due_at <= now() and e.destination_id <> all($2::uuid[])
      order by e.due_at limit 500) first
    group by 1, 2, 3
  ), ranked as (
    select *, row_number() over (partition by destination_id order by due_at, message_id) as place from due
  ), taken as (
    update notification_delivery e set attempts = e.attempts + 1, due_at = now() + interval '${leaseS} seconds'
    from (select * from ranked where place <= $3 order by due_at limit $4) r
    where e.tenant_id = r.tenant_id and e.destination_id = r.destination_id and e.message_id = r.message_id
      and e.state = 'pending' and e.due_at <= now() and ${leads}
    returning e.*
  )
  select d.tenant_id as "tenantId", d.destination_id as "destinationId", d.name, d.kind, d.address, d.secret, d.quiet,
    t.message_id as "messageId", max(t.attempts)::int as attempt,
    jsonb_agg(jsonb_build_object('deliveryId', t.delivery_id, 'notificationId', n.notification_id, 'kind', n.kind,
      'content', n.content, 'at', n.created_at) order by t.delivery_id) as parts
  from taken t
    join notification n using (tenant_id, notification_id)
    join destination d using (tenant_id, destination_id)
  group by d.tenant_id, d.destination_id, t.message_id`,
);

// Only of the attempt that was claimed: a sender that was frozen meanwhile changes nothing of a later one.
const settle = statement(
  'deliveries.settle',
  `update notification_delivery set state = $4, attempts = attempts - case when $6 then 0 else 1 end,
     due_at = now() + make_interval(secs => $5), ended_at = case when $4 <> 'pending' then now() end,
     log = (select jsonb_agg(entry order by place) from (
       select entry, place from jsonb_array_elements(log || jsonb_build_array($7::jsonb || jsonb_build_object('at', now())))
         with ordinality as entries (entry, place) order by place desc limit ${keptAttempts}) kept)
   where tenant_id = $1 and delivery_id = any($2::uuid[]) and attempts = $3 and state = 'pending'
   returning delivery_id`,
);

const page = statement(
  'deliveries.page',
  `select e.delivery_id as "deliveryId", e.notification_id as "notificationId", e.message_id as "messageId", n.kind,
     case when n.kind = 'confirmation' then n.content - 'code' else n.content end as content, e.state, e.attempts,
     e.due_at as "dueAt", e.log, e.created_at as "createdAt", e.ended_at as "endedAt"
   from notification_delivery e join notification n using (tenant_id, notification_id)
   where e.tenant_id = (select pulser.tenant_id()) and e.destination_id = $1 and ($2::text is null or e.state = $2)
     and e.delivery_id < coalesce($3::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
   order by e.delivery_id desc limit $4`,
);

const redeliver = statement(
  'deliveries.redeliver',
  `update notification_delivery set state = 'pending', attempts = 0, due_at = now(), ended_at = null
   where tenant_id = (select pulser.tenant_id()) and delivery_id = $1 and state <> 'pending'
   returning delivery_id`,
);

// Bounded: it is a gauge, and what is beyond is many.
const backlog = statement(
  'deliveries.backlog',
  `select count(*)::int as pending, coalesce(extract(epoch from now() - min(created_at)), 0)::float8 as "oldestS"
   from (select created_at from notification_delivery where state = 'pending' and due_at <= now() + interval '1 day'
     order by due_at limit 10000) waiting`,
);

const prune = statement(
  'deliveries.prune',
  `with old as (
    select tenant_id, notification_id from notification n where created_at < now() - make_interval(days => $1)
      and not exists (select from notification_delivery e where e.tenant_id = n.tenant_id
        and e.notification_id = n.notification_id and e.state = 'pending')
    order by created_at limit 1000
  )
  delete from notification n using old where n.tenant_id = old.tenant_id and n.notification_id = old.notification_id
  returning n.notification_id`,
);

const pruneIncidents = statement(
  'deliveries.prune-incidents',
  `with old as (
    select incident_id from incident where state = 'resolved' and resolved_at < now() - make_interval(days => $1)
    order by incident_id limit 1000
  )
  delete from incident i using old where i.incident_id = old.incident_id returning i.incident_id`,
);

/** Sent by the leader of the health services, which needs the service role; read and sent again by anybody for one tenant. */
@Injectable()
export class Deliveries {
  constructor(private readonly database: Database) {}

  /** Joins incidents of one moment into one message for a destination. @returns how many deliveries were joined */
  async group(epoch: number): Promise<number> {
    return (await this.database.query(group, [epoch, systemTenantId])).length;
  }

  /**
   * Claims messages that are due, for `leaseS` seconds.
   * @param busy destinations that get no more for now
   * @param each messages of one destination at most
   */
  async claim(epoch: number, busy: readonly string[], each: number, most: number): Promise<ClaimedMessage[]> {
    const rows = await this.database.query<ClaimedMessage>(claim, [epoch, busy, each, most]);
    return rows.map((row) => ({ ...row, parts: row.parts.map((part) => ({ ...part, at: new Date(part.at) })) }));
  }

  /** @returns false when the message was claimed by another sender meanwhile */
  async settle({ tenantId, parts, attempt }: ClaimedMessage, settlement: Settlement): Promise<boolean> {
    const { state, afterMs, counts, log } = settlement;
    const ids = parts.map(({ deliveryId }) => deliveryId);
    const values = [tenantId, ids, attempt, state, afterMs / 1_000, counts, JSON.stringify(log)];
    return (await this.database.query(settle, values)).length > 0;
  }

  /** Newest first. @param before id of a delivery */
  page(
    tenantId: string,
    destinationId: string,
    { state, before, limit }: { state?: DeliveryState | undefined; before: string | undefined; limit: number },
  ): Promise<DeliveryRow[]> {
    return this.database.queryAs<DeliveryRow>(tenantId, page, [destinationId, state, before, limit]);
  }

  /** Sends one again that has ended, under the same id. @returns false when there is none, or it has not ended */
  redeliver(tenantId: string, actor: Actor, deliveryId: string): Promise<boolean> {
    return this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, actor);
      return (await transaction.query(redeliver, [deliveryId])).length === 1;
    });
  }

  /** How many wait, 10,000 at most, and the age of the oldest of them in seconds. */
  async backlog(): Promise<{ pending: number; oldestS: number }> {
    const [row] = await this.database.query<{ pending: number; oldestS: number }>(backlog);
    return row ?? { pending: 0, oldestS: 0 };
  }

  /** Deletes notifications and resolved incidents that are older than so many days. */
  async prune(days: number): Promise<void> {
    await this.database.query(prune, [days]);
    await this.database.query(pruneIncidents, [days]);
  }
}
