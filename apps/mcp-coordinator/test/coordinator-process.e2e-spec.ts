// The coordinator as a process of its own, killed with all its servers running. Reads what was built: dist.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

import { migrateUp } from '@pulser/database';
import { eventually, testBroker, type TestBroker, testDatabase, type TestDatabase } from '@pulser/testing';

import { isAlive, programOf } from './upstreams-under-test.js';

/** More with UPSTREAM_KILLS=30. */
const kills = Number(process.env['UPSTREAM_KILLS'] ?? 1);
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));

const node = (...args: string[]) => ({ command: process.execPath, args: [programOf('plain'), ...args] });

describe('a coordinator that is killed', () => {
  let database: TestDatabase;
  let broker: TestBroker;
  let folder: string;

  beforeAll(async () => {
    database = await testDatabase(migrateUp);
    broker = testBroker();
    folder = mkdtempSync(join(tmpdir(), 'mcp-coordinator-'));
    const mcpServers = {
      ordinary: node('{}'),
      stubborn: node(JSON.stringify({ stubborn: true })),
      helped: node(JSON.stringify({ stubborn: true, helper: true })),
    };
    writeFileSync(join(folder, 'mcp.json'), JSON.stringify({ mcpServers }));
  });

  afterAll(async () => {
    await broker.drop();
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  const start = async (): Promise<{ process: ChildProcess; url: string }> => {
    const coordinator = spawn(process.execPath, [main], {
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
    for await (const line of createInterface({ input: coordinator.stdout })) {
      const { url } = JSON.parse(line) as { url?: string };
      if (url !== undefined) return { process: coordinator, url };
    }
    throw new Error('It does not listen');
  };

  it(`leaves no server and nothing that these have started: ${kills} kills`, async () => {
    for (let n = 0; n < kills; n += 1) {
      const coordinator = await start();
      const children = await childrenOf(coordinator, 5);
      coordinator.process.kill('SIGKILL');
      await once(coordinator.process, 'exit');
      await eventually(() => {
        expect(children.filter(isAlive)).toEqual([]);
      });
    }
  });

  it('leaves none when it is asked to end either', async () => {
    const coordinator = await start();
    const children = await childrenOf(coordinator, 5);
    coordinator.process.kill('SIGTERM');
    const [code] = (await once(coordinator.process, 'exit')) as [number];
    expect(code).toBe(0);
    await eventually(() => {
      expect(children.filter(isAlive)).toEqual([]);
    });
  });
});

/** Of /proc: parent of a process, by its number. */
const parents = (): Map<number, number> => {
  const all = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
      all.set(Number(name), Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]));
    } catch {
      // It has ended meanwhile.
    }
  }
  return all;
};

/** Everything that a process has started, once there are so many: three servers, the guard and a helper. */
const childrenOf = async ({ process: root }: { process: ChildProcess }, count: number): Promise<number[]> => {
  let found: number[] = [];
  await eventually(() => {
    const all = parents();
    const isBelow = (pid: number): boolean => {
      const parent = all.get(pid);
      return parent !== undefined && (parent === root.pid || isBelow(parent));
    };
    found = [...all.keys()].filter(isBelow);
    expect(found.length).toBeGreaterThanOrEqual(count);
  });
  return found;
};
