import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';

import { testDatabase, type TestDatabase } from '@pulser/testing';

import { Database, DatabaseUnavailable, migrateUp, statement } from '../src/index.js';

const tenant = '00000000-0000-7000-8000-000000000001';
const applicationName = 'broken-connection-spec';
const pid = statement('spec.pid', 'select pg_backend_pid() as pid');
const one = statement('spec.one', 'select 1 as one');

/** Passes everything on; while it holds, what a server says arrives in one piece, after the server's last word. */
class HoldingProxy {
  holds = false;
  private readonly server: Server;

  constructor(private readonly target: URL) {
    this.server = createServer((client) => {
      const upstream = connect(Number(target.port), target.hostname);
      const held: Buffer[] = [];
      const { holds } = this;
      client.pipe(upstream);
      upstream.on('data', (data) => {
        if (holds) held.push(data);
        else client.write(data);
      });
      upstream.on('end', () => client.end(Buffer.concat(held)));
      for (const socket of [client, upstream]) socket.on('error', () => undefined);
    });
  }

  async listen(): Promise<string> {
    await once(this.server.listen(0, '127.0.0.1'), 'listening');
    const url = new URL(this.target);
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  close(): void {
    this.server.close();
  }
}

describe('a connection that breaks', () => {
  let server: TestDatabase;
  let proxy: HoldingProxy;
  let database: Database;

  beforeAll(async () => {
    server = await testDatabase(migrateUp);
    proxy = new HoldingProxy(new URL(server.url('pulser_service')));
    database = new Database({
      settings: { DATABASE_URL: await proxy.listen(), DATABASE_POOL_MAX: 2, DATABASE_PREPARE: true },
      applicationName,
      synchronousCommit: 'on',
      entities: [],
      onIdleError: () => undefined,
    });
    await database.connect();
  });

  afterAll(async () => {
    await database.close();
    proxy.close();
    await server.drop();
  });

  it('in the moment it is handed out fails that transaction alone', async () => {
    const terminate = `select pg_terminate_backend(pid) from pg_stat_activity where application_name = $1 and pid <> $2`;
    await database.withTenant(tenant, async (transaction) => {
      const [own] = await transaction.query<{ pid: number }>(pid);
      proxy.holds = true;
      const other = database.withTenant(tenant, (another) => another.query(one)).catch((error: unknown) => error);
      let terminated: unknown[] = [];
      while (terminated.length === 0) terminated = await server.query(terminate, [applicationName, own?.pid]);
      expect(await other).toBeInstanceOf(DatabaseUnavailable);
      proxy.holds = false;
      expect(await transaction.query(one)).toEqual([{ one: 1 }]);
    });
    expect(await database.queryAs(tenant, one)).toEqual([{ one: 1 }]);
  });

  it.each(['manager', 'statement'])('while a transaction has it is an outage to its next %s', async (way) => {
    const broken = database.withTenant(tenant, async (transaction) => {
      const [own] = await transaction.query<{ pid: number }>(pid);
      await server.query('select pg_terminate_backend($1, 5000)', [own?.pid]);
      await wait(50);
      return way === 'manager' ? transaction.manager.query<unknown>('select 1') : transaction.query(one);
    });

    await expect(broken).rejects.toBeInstanceOf(DatabaseUnavailable);
  });
});
