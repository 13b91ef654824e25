import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

import { Destinations, Incidents, type NewDestination, systemActor } from '@pulser/context-bus';
import { systemTenantId } from '@pulser/contracts';
import { Database, migrateUp } from '@pulser/database';
import { webhookSignature } from '@pulser/notify';
import { startService, type RunningService } from '@pulser/service-kit';
import { eventually, testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';
import { type ParsedMail, simpleParser } from 'mailparser';
import { SMTPServer } from 'smtp-server';

import { health, HealthEnv } from '../src/index.js';

interface Hook {
  readonly id: string;
  readonly timestampS: number;
  readonly signature: string;
  readonly body: string;
}

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const actor = systemActor('tester');

describe('the sender of notifications', () => {
  let server: TestDatabase;
  let broker: TestBroker;
  let database: Database;
  let smtp: SMTPServer;
  let web: Server;
  let mails: ParsedMail[];
  let hooks: Hook[];
  /** What the webhook answers; 0: nothing. */
  let answer: number;
  let services: RunningService[];
  let destinations: Destinations;
  let incidents: Incidents;

  beforeEach(async () => {
    [mails, hooks, services, answer] = [[], [], [], 200];
    server = await testDatabase(migrateUp);
    broker = testBroker();
    database = new Database({
      settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 4, DATABASE_PREPARE: true },
      applicationName: 'notifications-spec',
      synchronousCommit: 'on',
      entities: [],
      onIdleError: () => undefined,
    });
    await database.connect();
    destinations = new Destinations(database);
    incidents = new Incidents(database);
    smtp = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onData: (stream, _session, done) => {
        simpleParser(stream).then(
          (mail) => {
            mails.push(mail);
            done();
          },
          (error: unknown) => {
            done(error as Error);
          },
        );
      },
    });
    web = createServer((request, response) => {
      void text(request).then((body) => {
        const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = request.headers;
        hooks.push({ id: String(id), timestampS: Number(at), signature: String(signature), body });
        if (answer > 0) response.writeHead(answer).end();
      });
    });
    await Promise.all([
      new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve)),
      new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve)),
    ]);
  });

  afterEach(async () => {
    web.closeAllConnections();
    await Promise.all(services.map((service) => service.close()));
    await Promise.all([
      new Promise((resolve) => web.close(resolve)),
      new Promise<void>((resolve) => {
        smtp.close(resolve);
      }),
    ]);
    await database.close();
    await broker.drop();
    await server.drop();
  });

  const portOf = (listening: { address(): unknown }): number => (listening.address() as AddressInfo).port;

  const started = async (more: Readonly<Record<string, string>> = {}): Promise<RunningService> => {
    const env = HealthEnv.read({
      PORT: '0',
      HOST: '127.0.0.1',
      LOG_LEVEL: 'silent',
      DATABASE_URL: server.url('pulser_service'),
      AMQP_URL: broker.url,
      AMQP_NAMESPACE: broker.namespace,
      OUTGOING_ORIGINS: `http://127.0.0.1:${portOf(web)}`,
      OUTGOING_TIMEOUT_S: '10',
      NOTIFY_SECRETS: JSON.stringify({ 'hook-key': secret }),
      SMTP_URL: `smtp://127.0.0.1:${portOf(smtp.server)}`,
      SMTP_FROM: 'Pulser <pulser@example.com>',
      PUBLIC_URL: 'https://pulser.example/',
      HEALTH_LEASE_S: '5',
      ...more,
    });
    const service = await startService(health, { env });
    services.push(service);
    return service;
  };

  const epoch = async (): Promise<number> => {
    const [row] = await server.query<{ epoch: number }>(
      'select epoch::int from health_leader where until > now() and epoch > 0',
    );
    if (row === undefined) throw new Error('nobody leads');
    return row.epoch;
  };

  const add = async (order: Partial<NewDestination> & Pick<NewDestination, 'name' | 'kind'>): Promise<void> => {
    const rest = { address: {}, secret: null, incidentsFrom: 'info', afterMin: null, quiet: null } as const;
    await destinations.add(systemTenantId, actor, { ...rest, ...order }, 50);
  };

  const hook = (path = '/') =>
    ({
      name: 'hook',
      kind: 'webhook',
      address: { url: `http://127.0.0.1:${portOf(web)}${path}` },
      secret: 'hook-key',
    }) as const;
  const mail = { name: 'mail', kind: 'email', address: { to: 'ops@example.com' } } as const;

  const confirmAll = () => server.query('update destination set confirmed_at = now() where confirmed_at is null');

  const transition = async (key: string, state: 'open' | 'resolved') =>
    incidents.transition(
      {
        ...{ key, kind: 'agent_unhealthy', subject: key, severity: 'critical', state, detail: { reason: '<silent>' } },
        summary: `${key} is ${state === 'open' ? 'unhealthy' : 'healthy'}`,
      },
      await eventually(epoch),
    );

  const typesOf = (): string[] => hooks.map(({ body }) => (JSON.parse(body) as { type: string }).type);

  it('sends a code to a new destination, by which its receiver confirms it', async () => {
    await started();
    await add(hook());
    await add(mail);
    await eventually(() => {
      expect([hooks.length, mails.length]).toEqual([1, 1]);
    });
    const [first] = hooks;
    expect(first?.signature).toBe(
      webhookSignature({ id: first?.id ?? '', timestampS: first?.timestampS ?? 0, body: first?.body ?? '', secret }),
    );
    const { code } = (JSON.parse(first?.body ?? '') as { data: { code: string } }).data;
    expect(await destinations.confirm(code)).toEqual({ name: 'hook', kind: 'webhook' });
    const shown = /code: ([\w-]+)/.exec(mails[0]?.text ?? '')?.[1] ?? '';
    expect(mails[0]?.text).toContain('https://pulser.example/ui/confirm?code=');
    expect(await destinations.confirm(shown.replaceAll('-', ''))).toEqual({ name: 'mail', kind: 'email' });
  });

  it('tells each destination of each transition once, under the id of its line', async () => {
    await started();
    await add(hook());
    await add(mail);
    await eventually(() => {
      expect(hooks).toHaveLength(1);
      expect(mails).toHaveLength(1);
    });
    await confirmAll();
    await transition('agent:dash', 'open');
    await eventually(() => {
      expect([hooks.length, mails.length]).toEqual([2, 2]);
    });
    await transition('agent:dash', 'resolved');
    await eventually(() => {
      expect([hooks.length, mails.length]).toEqual([3, 3]);
    });
    expect(typesOf()).toEqual(['confirmation', 'incident.opened', 'incident.resolved']);
    const lines = await server.query<{ id: string }>('select event_id as id from incident_event order by event_id');
    expect(hooks.slice(1).map(({ id }) => id)).toEqual(lines.map(({ id }) => id));
    expect(mails.slice(1).map(({ messageId }) => messageId)).toEqual(lines.map(({ id }) => `<${id}@example.com>`));
    expect(mails[1]?.subject).toBe('[CRITICAL] agent:dash is unhealthy');
    expect(mails[1]?.html).toContain('&lt;silent&gt;');
  });

  it('sends many incidents of one moment in one e-mail, and each to a webhook', async () => {
    await started();
    await add(hook());
    await add(mail);
    await confirmAll();
    for (const key of ['agent:a', 'agent:b', 'agent:c', 'agent:d']) await transition(key, 'open');
    await eventually(() => {
      expect(typesOf().filter((type) => type === 'incident.opened')).toHaveLength(4);
      expect(mails.map(({ subject }) => subject)).toContain('[CRITICAL] 4 incidents at once');
    });
    expect(mails).toHaveLength(2);
    const ids = mails.at(-1)?.headers.get('x-pulser-notification-ids');
    expect(ids).toMatch(/^[\da-f-]{36}( [\da-f-]{36}){3}$/);
    expect(new Set(typeof ids === 'string' ? ids.split(' ') : []).size).toBe(4);
  });

  it('sends the end of a task with its PDFs, as far as they are small enough, and links to the rest', async () => {
    await started({ MAIL_ATTACHMENT_BYTES: '2000' });
    const [tenant] = await server.query<{ id: string }>(
      `insert into tenant (name) values ('acme') returning tenant_id as id`,
    );
    await server.query(
      `insert into destination (tenant_id, name, kind, address, confirmed_at, made_by)
       values ($1, 'boss', 'email', '{"to": "boss@example.com"}', now(), 'test')`,
      [tenant?.id],
    );
    const [task] = await server.query<{ id: string }>(
      `insert into task_queue (tenant_id, task_type, assigned_agent, payload, due_at, notify, operation)
       values ($1, 'analytics', 'dash', '{"operation": "report"}', now(), '{boss}', 'report') returning task_id as id`,
      [tenant?.id],
    );
    await server.query(
      `insert into task_artifact (tenant_id, task_id, name, media_type, content)
       values ($1, $2, 'a.pdf', 'application/pdf', convert_to(repeat('a', 1500), 'UTF8')),
         ($1, $2, 'b.pdf', 'application/pdf', convert_to(repeat('b', 1500), 'UTF8')),
         ($1, $2, 'c.png', 'image/png', 'c')`,
      [tenant?.id, task?.id],
    );
    await server.query(
      `update task_queue set status = 'completed', due_at = null, completed_at = now() where task_id = $1`,
      [task?.id],
    );
    await eventually(() => {
      expect(mails.map(({ subject }) => subject)).toEqual(['Task completed: analytics report']);
    });
    const attached = mails[0]?.attachments.map(({ filename, contentType, content }) => [
      filename,
      contentType,
      content.toString(),
    ]);
    expect(attached).toEqual([['a.pdf', 'application/pdf', 'a'.repeat(1_500)]]);
    expect(mails[0]?.text).toContain(`https://pulser.example/api/v1/tasks/${task?.id ?? ''}/artifacts/b.pdf`);
    expect(mails[0]?.text).toContain('files: a.pdf, b.pdf, c.png');
  });

  it('is not slowed by a destination that hangs, tries it again, and tells the others when it gives up', async () => {
    const service = await started();
    await add(mail);
    await confirmAll();
    answer = 0;
    await add(hook());
    await confirmAll();
    await transition('agent:dash', 'open');
    await eventually(() => {
      expect(mails.map(({ subject }) => subject)).toContain('[CRITICAL] agent:dash is unhealthy');
    });
    expect(hooks.length).toBeGreaterThan(0);
    answer = 410;
    web.closeAllConnections();
    await server.query(`update notification_delivery set due_at = now() where state = 'pending'`);
    await eventually(() => {
      expect(mails.map(({ subject }) => subject)).toContainEqual(
        expect.stringContaining('[warning] Messages to hook cannot be delivered'),
      );
    });
    const metrics = await (await fetch(`${service.url ?? ''}/metrics`)).text();
    expect(metrics).toMatch(/pulser_notification_attempts_total\{sink="webhook",outcome="failed"\} [1-9]/);
  });

  it('leaves a destination alone that fails again and again, which is no attempt', async () => {
    const service = await started();
    answer = 503;
    await add(hook());
    await confirmAll();
    for (const key of ['agent:a', 'agent:b', 'agent:c', 'agent:d', 'agent:e']) await transition(key, 'open');
    const incidentsSent = (): number => typesOf().filter((type) => type === 'incident.opened').length;
    await eventually(async () => {
      const waiting = await server.query<{ detail: string }>(
        `select entry ->> 'detail' as detail from notification_delivery, jsonb_array_elements(log) as entry
           where state = 'pending' and attempts = 0 and entry ->> 'outcome' = 'deferred'`,
      );
      expect(waiting).toContainEqual({ detail: 'The last attempts failed: it is left alone for a while' });
    });
    // Three opened the breaker; two of a destination are under way at a time.
    expect(incidentsSent()).toBeLessThan(5);
    const metrics = await (await fetch(`${service.url ?? ''}/metrics`)).text();
    expect(metrics).toMatch(/pulser_breaker_state\{target="sink"\} [12]/);
  });

  it('goes on where a leader that was killed had stopped, under the same id', async () => {
    answer = 0;
    const first = await started();
    await add(hook());
    await eventually(() => {
      expect(hooks).toHaveLength(1);
    });
    // As after a kill: the claim and the leader's lease end by themselves, and nothing was settled.
    void first.close();
    web.closeAllConnections();
    answer = 200;
    await started();
    await server.query(`update notification_delivery set due_at = now() where state = 'pending'`);
    await eventually(() => {
      expect(hooks.length).toBeGreaterThan(1);
    });
    expect(new Set(hooks.map(({ id }) => id)).size).toBe(1);
    expect(new Set(hooks.map(({ body }) => body)).size).toBe(1);
  });
});
