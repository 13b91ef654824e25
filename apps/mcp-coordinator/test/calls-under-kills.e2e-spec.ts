// Calls of tools while their servers and the coordinator are killed with -9: no effect is doubled, and each is in the audit. The
// coordinator is the process that was built: dist.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { systemActor, TenantKeys, Tenants } from '@pulser/context-bus';
import { Database, migrateUp } from '@pulser/database';
import { eventually, testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';
import {
  auditedReads,
  auditedWrites,
  brokenEffects,
  type CallEnd,
  EffectServers,
  endOf,
  missingReads,
  readCalls,
  unrecordedIn,
  unwrittenEffects,
  writeCalls,
} from '@pulser/testing/tool-calls';
import { z } from 'zod';

/** Of servers, and as many of the coordinator. More with MCP_CALL_KILLS=30. */
const kills = Number(process.env['MCP_CALL_KILLS'] ?? 2);
const servers = ['one', 'two'] as const;
/** Milliseconds of a call before its effect and after it: kills hit both. */
const effectMs = 30;
const callers = 6;
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const CallProblem = z.object({ may_have_run: z.boolean().optional(), key_spent: z.boolean().optional() });

const Reply = z.object({
  result: z.object({
    isError: z.boolean().optional(),
    _meta: z.object({ 'io.pulser/error': CallProblem.optional() }).optional(),
  }),
});

describe('calls of tools while what makes them is killed', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let folder: string;
  let upstreams: EffectServers;
  let key: string;
  let coordinator: { readonly process: ChildProcess; readonly url: string };
  const ends = new Map<string, CallEnd>();
  /** When each was answered. */
  const reads = new Map<string, number>();
  let number = 0;

  beforeAll(async () => {
    database = await testDatabase(migrateUp);
    broker = testBroker();
    folder = mkdtempSync(join(tmpdir(), 'mcp-coordinator-'));
    upstreams = new EffectServers({ names: servers, file: join(folder, 'effects.jsonl'), effectMs });
    const { tenantId, made } = await tenantWithKey(database);
    key = made;
    writeFileSync(join(folder, 'mcp.json'), upstreams.configuration([tenantId]));
    coordinator = await start();
  });

  afterAll(async () => {
    coordinator.process.kill('SIGTERM');
    await once(coordinator.process, 'exit');
    await broker.drop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const start = async (): Promise<typeof coordinator> => {
    const child = spawn(process.execPath, [main], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        PATH: process.env['PATH'] ?? '',
        HOST: '127.0.0.1',
        PORT: '0',
        DATABASE_URL: database.url('pulser_service'),
        AMQP_URL: broker.url,
        AMQP_NAMESPACE: broker.namespace,
        MCP_SERVERS_MODE: 'off',
        MCP_CONFIG_FILE: join(folder, 'mcp.json'),
      },
    });
    const listening = Promise.withResolvers<string>();
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { url } = JSON.parse(line) as { url?: string };
      if (url !== undefined) listening.resolve(url);
    });
    child.once('exit', () => {
      listening.reject(new Error('It does not listen'));
    });
    return { process: child, url: await listening.promise };
  };

  /** @returns undefined when no answer came */
  const ask = async (name: string, ref: string): Promise<z.infer<typeof Reply>['result'] | undefined> => {
    try {
      const answer = await fetch(`${coordinator.url}/mcp`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${key}`,
          'content-type': 'application/json',
          accept: 'application/json, text/event-stream',
        },
        body: JSON.stringify({
          ...{ jsonrpc: '2.0', id: 1, method: 'tools/call' },
          params: { name, arguments: { ref }, _meta: { 'io.pulser/idempotency-key': ref } },
        }),
        signal: AbortSignal.timeout(30_000),
      });
      const text = await answer.text();
      const line =
        text
          .split('\n')
          .find((one) => one.startsWith('data: '))
          ?.slice('data: '.length) ?? text;
      return Reply.safeParse(JSON.parse(line)).data?.result;
    } catch {
      return undefined;
    }
  };

  /** Repeats the call with its key until an end is known. */
  const apply = async (server: string, ref: string): Promise<void> => {
    for (;;) {
      const result = await ask(`${server}__apply`, ref);
      const end = result && endOf(result.isError !== true, result._meta?.['io.pulser/error']);
      if (end !== undefined) return void ends.set(ref, end);
      await wait(50);
    }
  };

  const look = async (server: string, ref: string): Promise<void> => {
    const result = await ask(`${server}__look`, ref);
    if (result !== undefined && result.isError !== true) reads.set(ref, Date.now());
  };

  /** Calls go on while something is killed. */
  const underLoad = async (work: () => Promise<void>): Promise<void> => {
    let isOver = false;
    const caller = async (at: number): Promise<void> => {
      for (; !isOver;) {
        const ref = `ref-${(number += 1)}`;
        const server = servers[at % servers.length] ?? servers[0];
        await apply(server, ref);
        await look(server, ref);
      }
    };
    const all = Array.from({ length: callers }, (_, at) => caller(at));
    await work().finally(() => (isOver = true));
    await Promise.all(all);
  };

  /** Resolves when so many more calls have come to their end, as seen by their callers. */
  const more = async (count: number): Promise<void> => {
    const wanted = [...ends.values()].filter((end) => end === 'done').length + count;
    await eventually(() => {
      expect([...ends.values()].filter((end) => end === 'done').length).toBeGreaterThanOrEqual(wanted);
    });
  };

  const killServers = async (): Promise<void> => {
    for (let n = 0; n < kills; n += 1) {
      await more(10);
      const name = servers[n % servers.length];
      const pid = upstreams.starts().findLast(({ server }) => server === name)?.pid ?? 0;
      process.kill(pid, 'SIGKILL');
      await eventually(() => {
        expect(upstreams.starts().findLast(({ server }) => server === name)?.pid).not.toBe(pid);
      });
    }
    await more(10);
  };

  const killCoordinator = async (): Promise<void> => {
    for (let n = 0; n < kills; n += 1) {
      await more(10);
      coordinator.process.kill('SIGKILL');
      await once(coordinator.process, 'exit');
      coordinator = await start();
    }
    await more(10);
  };

  it(`have every read in the audit but those that the counter counts: ${kills} kills of servers`, async () => {
    await underLoad(killServers);
    const metrics = await (await fetch(`${coordinator.url}/metrics`)).text();
    const running = new Map([[coordinator.process.pid ?? 0, unrecordedIn(metrics)]]);
    await eventually(async () => {
      const written = await auditedReads((text) => database.query(text));
      expect(missingReads(readCalls(reads, upstreams.served(), written), running)).toEqual([]);
    });
    expect(reads.size).toBeGreaterThan(10);
  });

  it(`have doubled no effect, and each is in the audit: as many kills of the coordinator`, async () => {
    await underLoad(killCoordinator);
    const written = await auditedWrites((text) => database.query(text));
    const calls = writeCalls(ends, upstreams.served(), written);
    expect([...brokenEffects(calls), ...unwrittenEffects(calls)]).toEqual([]);
    expect(calls.length).toBeGreaterThan(20 * kills);
    if (process.env['MCP_CALL_KILLS'] !== undefined) {
      const of = (wanted: CallEnd): number => calls.filter(({ end }) => end === wanted).length;
      const effects = calls.reduce((sum, one) => sum + one.effects.length, 0);
      process.stdout.write(
        `${calls.length} calls that write: ${of('done')} done, ${of('unknown')} may have run, ${of('not made')} not made; ` +
          `${effects} effects, ${written.size} in the audit; ${reads.size} reads\n`,
      );
    }
  });
});

const tenantWithKey = async (server: TestDatabase): Promise<{ readonly tenantId: string; readonly made: string }> => {
  const database = new Database({
    settings: { DATABASE_URL: server.url('pulser_service'), DATABASE_POOL_MAX: 2, DATABASE_PREPARE: true },
    applicationName: 'mcp-kills-test',
    synchronousCommit: 'on',
    entities: [],
    onIdleError: () => undefined,
  });
  await database.connect();
  const tenantId = await new Tenants(database).ensure('acme');
  const grant = { name: 'test', role: 'operator', allowedTaskTypes: null, expiresInS: null, tools: ['*'] } as const;
  const { key: made } = await new TenantKeys(database).create(tenantId, systemActor('test'), grant);
  await database.close();
  return { tenantId, made };
};
