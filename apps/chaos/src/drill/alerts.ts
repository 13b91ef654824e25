// The alerts of a drill: where they go, and whether each came, under one id.
import { type Database, statement } from '@pulser/database';
import { systemTenantId } from '@pulser/contracts';

import type { Variables } from '../fleet/fleet.js';
import { type Arrival, HookSink, MailSink } from './sinks.js';

// Confirmed: that a receiver gives a code back is not what a drill is about.
const subscribe = statement(
  'drill.subscribe',
  `insert into destination (tenant_id, name, kind, address, secret, incidents_from, confirmed_at, made_by) values
     ($1, 'drill-mail', 'email', $2, null, 'info', now(), 'drill'),
     ($1, 'drill-hook', 'webhook', $3, 'drill', 'info', now(), 'drill')`,
);

// A mail may be about several transitions; a webhook gets one request for each.
const wanted = statement(
  'drill.wanted',
  `select d.kind, array_agg(distinct e.message_id::text) as ids
   from notification_delivery e join notification n using (tenant_id, notification_id)
     join destination d using (tenant_id, destination_id)
   where e.tenant_id = $1 and n.kind = 'incident' and e.state <> 'skipped' and d.kind in ('email', 'webhook') group by 1`,
);

/** Ids of messages that must arrive, by the kind of their destination. */
export type Wanted = Readonly<Record<'email' | 'webhook', readonly string[]>>;

const uuid = /[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}/;

/** A Message-ID has the id before its `@`. */
const idsOf = (arrivals: readonly Arrival[]): ReadonlySet<string> =>
  new Set(arrivals.map(({ id }) => uuid.exec(id)?.[0] ?? id));

/** An SMTP server and a webhook to which the health services send every incident. */
export class Alerts {
  private constructor(
    private readonly mail: MailSink,
    private readonly hook: HookSink,
  ) {}

  static async start(): Promise<Alerts> {
    return new Alerts(await MailSink.start(), await HookSink.start());
  }

  /** What the services must know to send there. */
  get variables(): Variables {
    return {
      SMTP_URL: this.mail.url,
      SMTP_FROM: 'Pulser <pulser@example.com>',
      NOTIFY_SECRETS: JSON.stringify({ drill: 'a secret that signs the alerts of a drill' }),
      OUTGOING_ORIGINS: new URL(this.hook.url).origin,
    };
  }

  async subscribe(database: Database): Promise<void> {
    const [to, url] = [JSON.stringify({ to: 'drill@example.com' }), JSON.stringify({ url: this.hook.url })];
    await database.query(subscribe, [systemTenantId, to, url]);
  }

  /** What must arrive, by the outbox. */
  async wanted(database: Database): Promise<Wanted> {
    const rows = await database.query<{ kind: keyof Wanted; ids: string[] }>(wanted, [systemTenantId]);
    const of = (kind: keyof Wanted): readonly string[] => rows.find((row) => row.kind === kind)?.ids ?? [];
    return { email: of('email'), webhook: of('webhook') };
  }

  /** Different messages that have arrived. */
  get mails(): number {
    return idsOf(this.mail.arrivals).size;
  }

  get hooks(): number {
    return idsOf(this.hook.arrivals).size;
  }

  /** What is wanted and has not come, or has come and is not wanted, in words; empty: nothing. */
  differencesTo({ email, webhook }: Wanted): string[] {
    return [...differences('mail', email, this.mail.arrivals), ...differences('webhook', webhook, this.hook.arrivals)];
  }

  stop(): void {
    this.mail.stop();
    this.hook.stop();
  }
}

const differences = (what: string, ids: readonly string[], arrivals: readonly Arrival[]): string[] => {
  const come = idsOf(arrivals);
  return [
    ...ids.filter((id) => !come.has(id)).map((id) => `the ${what} ${id} never came`),
    ...[...come].filter((id) => !ids.includes(id)).map((id) => `the ${what} ${id} came and was not in the outbox`),
  ];
};
