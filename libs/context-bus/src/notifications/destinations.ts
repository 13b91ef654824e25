// Destinations: where messages go. Each is of one tenant, or of the installation, whose rows are those of the system tenant.
// A new one gets nothing but a code, until its receiver gives the code back.
import { createHash, randomInt } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import {
  confirmationCode,
  type DestinationKind,
  type QuietHours,
  type Severity,
  systemTenantId,
} from '@pulser/contracts';
import { Database, statement, type TenantTransaction } from '@pulser/database';

import { type Actor, actingAs, actorJson, systemActor } from '../audit/actor.js';

export interface DestinationRow {
  readonly destinationId: string;
  readonly name: string;
  readonly kind: DestinationKind;
  /** `to` of an e-mail, `url` of a webhook. */
  readonly address: { readonly to?: string; readonly url?: string };
  /** Name of the secret. */
  readonly secret: string | null;
  readonly incidentsFrom: Severity | null;
  /** Minutes. */
  readonly afterMin: number | null;
  readonly quiet: QuietHours | null;
  readonly confirmedAt: Date | null;
  readonly madeAt: Date;
  readonly madeBy: string;
}

export type NewDestination = Pick<
  DestinationRow,
  'name' | 'kind' | 'address' | 'secret' | 'incidentsFrom' | 'afterMin' | 'quiet'
>;

/** Undefined: it stays as it is. */
export type DestinationRouting = Partial<Pick<DestinationRow, 'incidentsFrom' | 'afterMin' | 'quiet'>>;

const columns = `destination_id as "destinationId", name, kind, address, secret, incidents_from as "incidentsFrom",
  after_min as "afterMin", quiet, confirmed_at as "confirmedAt", made_at as "madeAt", made_by as "madeBy"`;

const list = statement(
  'destinations.list',
  `select ${columns} from destination where tenant_id = (select pulser.tenant_id()) order by name`,
);

const find = statement(
  'destinations.find',
  `select ${columns} from destination where tenant_id = (select pulser.tenant_id()) and destination_id = $1`,
);

const confirmed = statement(
  'destinations.confirmed',
  `select name from destination
   where tenant_id = (select pulser.tenant_id()) and name = any($1) and confirmed_at is not null`,
);

// Of two that are added at once the second waits for the first, so that both are counted.
const takeTurn = statement(
  'destinations.take-turn',
  `select pg_advisory_xact_lock(hashtextextended('pulser destinations ' || (select pulser.tenant_id())::text, 0))`,
);

const add = statement(
  'destinations.add',
  `insert into destination (tenant_id, name, kind, address, secret, incidents_from, after_min, quiet, code_hash,
     code_expires_at, made_by)
   select (select pulser.tenant_id()), $1, $2, $3, $4, $5, $6, $7, $8, now() + interval '1 day', $9
   where (select count(*) from destination where tenant_id = (select pulser.tenant_id())) < $10
   on conflict (tenant_id, name) do nothing
   returning ${columns}`,
);

const change = statement(
  'destinations.change',
  `update destination set
     incidents_from = case when $2 then $3 else incidents_from end,
     after_min = case when $4 then $5::int else after_min end,
     quiet = case when $6 then $7::jsonb else quiet end
   where tenant_id = (select pulser.tenant_id()) and destination_id = $1
   returning ${columns}`,
);

const remove = statement(
  'destinations.remove',
  `delete from destination where tenant_id = (select pulser.tenant_id()) and destination_id = $1 returning destination_id`,
);

// A new code once a minute.
const renewCode = statement(
  'destinations.renew-code',
  `update destination set code_hash = $2, code_expires_at = now() + interval '1 day'
   where tenant_id = (select pulser.tenant_id()) and destination_id = $1 and confirmed_at is null
     and coalesce(code_expires_at < now() + interval '1 day' - interval '1 minute', true)
   returning destination_id`,
);

const confirm = statement('destinations.confirm', 'select name, kind from pulser.confirm_destination($1, $2)');

const notify = statement(
  'destinations.notify',
  `with notified as (
     insert into notification (tenant_id, kind, content) values ((select pulser.tenant_id()), $2, $3)
     returning tenant_id, notification_id
   )
   insert into notification_delivery (tenant_id, notification_id, destination_id, message_id)
   select tenant_id, notification_id, $1, notification_id from notified
   returning delivery_id as "deliveryId"`,
);

const ensureLog = statement(
  'destinations.ensure-log',
  `insert into destination (tenant_id, name, kind, incidents_from, confirmed_at, made_by)
   values ($1, 'log', 'log', 'info', now(), 'pulser') on conflict (tenant_id, name) do nothing returning name`,
);

const newCode = (): string =>
  Array.from({ length: confirmationCode.length }, () =>
    confirmationCode.alphabet.charAt(randomInt(confirmationCode.alphabet.length)),
  ).join('');

const hashOf = (code: string): Buffer => createHash('sha256').update(`pulser destination ${code}`).digest();

/** The receiver of a code, as the trail names it. */
export const receiver = systemActor('the receiver');

/** The destinations of one tenant, or those of the installation under `systemTenantId`. */
@Injectable()
export class Destinations {
  constructor(private readonly database: Database) {}

  /** By name. */
  list(tenantId: string): Promise<DestinationRow[]> {
    return this.database.queryAs<DestinationRow>(tenantId, list);
  }

  /** Which of these names are destinations that get messages. */
  async confirmed(tenantId: string, names: readonly string[]): Promise<ReadonlySet<string>> {
    const rows = await this.database.queryAs<{ name: string }>(tenantId, confirmed, [names]);
    return new Set(rows.map(({ name }) => name));
  }

  async find(tenantId: string, destinationId: string): Promise<DestinationRow | undefined> {
    return (await this.database.queryAs<DestinationRow>(tenantId, find, [destinationId]))[0];
  }

  /**
   * Adds one, and sends it the code by which its receiver confirms it.
   * @returns undefined when the name is taken, or there are `most` already
   */
  add(tenantId: string, actor: Actor, order: NewDestination, most: number): Promise<DestinationRow | undefined> {
    const { name, kind, address, secret, incidentsFrom, afterMin, quiet } = order;
    const code = newCode();
    return this.acting(tenantId, actor, async (transaction) => {
      await transaction.query(takeTurn);
      const quietJson = quiet === null ? null : JSON.stringify(quiet);
      const values = [name, kind, JSON.stringify(address), secret, incidentsFrom, afterMin, quietJson];
      const [row] = await transaction.query<DestinationRow>(add, [...values, hashOf(code), actor.name, most]);
      if (row !== undefined) await askToConfirm(transaction, row, actor, code);
      return row;
    });
  }

  /** @returns undefined when there is none */
  change(
    tenantId: string,
    actor: Actor,
    destinationId: string,
    { incidentsFrom, afterMin, quiet }: DestinationRouting,
  ): Promise<DestinationRow | undefined> {
    const quietJson = quiet === null || quiet === undefined ? null : JSON.stringify(quiet);
    const values = [
      ...[destinationId, incidentsFrom !== undefined, incidentsFrom ?? null],
      ...[afterMin !== undefined, afterMin ?? null, quiet !== undefined, quietJson],
    ];
    return this.acting(tenantId, actor, async (transaction) =>
      (await transaction.query<DestinationRow>(change, values)).at(0),
    );
  }

  /** With its deliveries. @returns false when there was none */
  remove(tenantId: string, actor: Actor, destinationId: string): Promise<boolean> {
    return this.acting(
      tenantId,
      actor,
      async (transaction) => (await transaction.query(remove, [destinationId])).length === 1,
    );
  }

  /** Sends another code; the old one ends. @returns undefined when one was sent within the last minute */
  resendCode(tenantId: string, actor: Actor, destination: DestinationRow): Promise<string | undefined> {
    const code = newCode();
    return this.acting(tenantId, actor, async (transaction) => {
      const renewed = await transaction.query(renewCode, [destination.destinationId, hashOf(code)]);
      return renewed.length === 0 ? undefined : askToConfirm(transaction, destination, actor, code);
    });
  }

  /** Sends a message that says that this is a test. @returns id of the delivery */
  test(tenantId: string, actor: Actor, { destinationId, name }: DestinationRow): Promise<string> {
    const content = { destination: name, by: actor.name };
    return this.acting(tenantId, actor, (transaction) => send(transaction, destinationId, 'test', content));
  }

  /** Whoever has the code received it. @returns undefined when it is none, or no longer */
  async confirm(code: string): Promise<Pick<DestinationRow, 'name' | 'kind'> | undefined> {
    const values = [hashOf(code), actorJson(receiver)];
    return (await this.database.query<Pick<DestinationRow, 'name' | 'kind'>>(confirm, values))[0];
  }

  /** Makes the destination by which incidents come into the log, unless it is there. Needs the service role. */
  async ensureLog(): Promise<void> {
    await this.database.query(ensureLog, [systemTenantId]);
  }

  private acting<T>(tenantId: string, actor: Actor, work: (transaction: TenantTransaction) => Promise<T>): Promise<T> {
    return this.database.withTenant(tenantId, async (transaction) => {
      await actingAs(transaction, actor);
      return work(transaction);
    });
  }
}

const send = async (
  transaction: TenantTransaction,
  destinationId: string,
  kind: 'confirmation' | 'test',
  content: object,
): Promise<string> => {
  const values = [destinationId, kind, JSON.stringify(content)];
  const [row] = await transaction.query<{ deliveryId: string }>(notify, values);
  if (row === undefined) throw new Error('An insert returned no row');
  return row.deliveryId;
};

const askToConfirm = (
  transaction: TenantTransaction,
  { destinationId, name }: DestinationRow,
  actor: Actor,
  code: string,
): Promise<string> => send(transaction, destinationId, 'confirmation', { destination: name, by: actor.name, code });
