// The seven servers that come with Pulser, as processes and in that of the coordinator, without any credential. As processes
// they are what was built: dist.
import { readFileSync } from 'node:fs';

import { mcpCatalogue, mcpServerNames } from '@pulser/roster';
import { eventually } from '@pulser/testing';

import { newClient } from './clients.js';
import { CoordinatorUnderTest } from './coordinator-under-test.js';

const print = (text: string): void => {
  if (process.env['MCP_FIGURES'] !== undefined) process.stdout.write(`${text}\n`);
};

/** Megabytes (10^6) of memory that are a process's own. */
const megabytesOf = (pid: number): number => {
  const pss = /^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
  return Math.round((Number(pss) * 1_024) / 1_000_000);
};

const childrenOf = (pid: number): number[] =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .split(' ')
    .filter((text) => text !== '')
    .map(Number);

describe.each(['stdio', 'in-process'] as const)('the servers that come with Pulser, %s', (mode) => {
  let under: CoordinatorUnderTest;
  let began: number;

  beforeAll(async () => {
    const before = new Set(childrenOf(process.pid));
    under = await CoordinatorUnderTest.start({}, { MCP_SERVERS_MODE: mode });
    began = performance.now();
    await eventually(
      () => {
        expect(under.registry.list()).toHaveLength(mcpCatalogue.length);
      },
      { everyMs: 20 },
    );
    print(`${mode}: 98 tools after ${Math.round(performance.now() - began)} ms`);
    const own = childrenOf(process.pid).filter((pid) => !before.has(pid));
    print(`${mode}: ${own.length} processes with ${own.map(megabytesOf).reduce((sum, one) => sum + one, 0)} MB`);
  });

  afterAll(() => under.close());

  it('list all tools of the catalogue, with its rights, and none that waits for a review', () => {
    const listed = under.registry.list();
    expect(listed.map(({ exposedName }) => exposedName).sort()).toEqual(
      mcpCatalogue.map(({ exposedName }) => exposedName).sort(),
    );
    expect(listed.filter(({ isQuarantined }) => isQuarantined)).toEqual([]);
    expect(
      listed.flatMap(({ exposedName, warnings }) => (warnings.length > 0 ? [[exposedName, warnings]] : [])),
    ).toEqual([]);
    expect(under.upstreams.states().map(({ server, state }) => [server, state])).toEqual(
      mcpServerNames.map((server) => [server, 'ready']),
    );
  });

  it('answer at once, and invent nothing: each says which variable it lacks', async () => {
    const client = await newClient(under.url, await under.key(['read']));
    const examples = under.registry.list().filter(({ flag, needsHost }) => flag === 'read' && !needsHost);
    const codes = new Map<string, number>();
    for (const { exposedName, inputSchema } of examples) {
      const [args] = (inputSchema['examples'] ?? [{}]) as Record<string, unknown>[];
      const { isError, _meta: meta } = await client.call(exposedName, args);
      const { code, message } = (meta as Record<string, { code: string; message: string }>)['io.pulser/error'] ?? {};
      codes.set(code ?? '', (codes.get(code ?? '') ?? 0) + 1);
      expect([exposedName, isError, code]).toEqual([exposedName, true, 'not_configured']);
      expect(message).toMatch(/[A-Z]+_[A-Z_]+/);
    }
    await client.close();
    expect([...codes]).toEqual([['not_configured', examples.length]]);
  });

  it('tell of themselves', async () => {
    const client = await newClient(under.url, await under.key());
    expect(await client.call('pulser-hub__get_mcp_ecosystem_status')).toMatchObject({
      structuredContent: { summary: { servers: 7, ready: 7, tools: 98 } },
    });
    await client.close();
  });
});
