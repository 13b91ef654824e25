// Pulser's own servers: until all tools are listed, how long a list takes, and what coordinator and servers take of the machine.
import type { Round } from '../report/figures.policy.js';
import { figure, figuresOf, megabytes, percentile, spread, spreadText } from '../report/figures.policy.js';
import type { Finding } from '../report/report.js';
import type { Bench } from '../measurements/measurement.js';
import { cpuUsOf, memoryOf } from '../measurements/processes.js';
import type { McpInstallation, McpRunning } from './coordinator.js';
import { callTool, oneAfterAnother, parallel, readTools, toolsText } from './requests.js';
import { EmptyVendor } from './vendors.js';

/** Tools of the catalogue. */
const allTools = 98;
const callsOfEach = 1_000;
const lists = 200;
const callers = 8;

const modes = ['stdio', 'in-process'] as const;
type Mode = (typeof modes)[number];

/** The figures of one start. */
const startOf = async (installation: McpInstallation, mode: Mode): Promise<Round> => {
  const running = await installation.start(allTools, { MCP_SERVERS_MODE: mode });
  try {
    const cpu = cpuUsOf(running.pid) / 1_000;
    const times = await oneAfterAnother(lists, () => toolsText(running.target));
    return {
      listed: running.listedMs,
      cpu,
      memory: memoryOf(running.pid),
      list: percentile(times, 0.5),
      slowList: percentile(times, 0.99),
    };
  } finally {
    await running.stop();
  }
};

/** Calls every server that often, with what its tools give as an example. @returns requests that have reached the vendor */
const callAll = async ({ target }: McpRunning, vendor: EmptyVendor): Promise<number> => {
  for (const [, tools] of await readTools(target))
    await parallel(callsOfEach, callers, async (n) => {
      const tool = tools[n % tools.length];
      if (tool !== undefined) await callTool(target, tool.name, tool.example);
    });
  return vendor.asked;
};

interface Worked {
  readonly bytes: number;
  readonly asked: number;
}

/** Memory after calls that go all the way. */
const afterCalls = async (installation: McpInstallation, mode: Mode): Promise<Worked> => {
  const vendor = await EmptyVendor.start();
  const running = await installation.start(allTools, {
    MCP_SERVERS_MODE: mode,
    ...vendor.variables(installation.toolDatabaseUrl),
  });
  try {
    const asked = await callAll(running, vendor);
    return { bytes: memoryOf(running.pid), asked };
  } finally {
    await running.stop();
    vendor.close();
  }
};

const textOf = (rounds: readonly Round[], name: string): string => spreadText(spread(figuresOf(rounds, name)));

const rowOf = (mode: Mode, rounds: readonly Round[], worked: Worked): string[] => [
  mode === 'stdio' ? 'seven processes' : 'in that of the coordinator',
  textOf(rounds, 'listed'),
  textOf(rounds, 'cpu'),
  textOf(rounds, 'list'),
  textOf(rounds, 'slowList'),
  megabytes(figuresOf(rounds, 'memory').reduce((most, bytes) => Math.max(most, bytes), 0)),
  megabytes(worked.bytes),
  figure(worked.asked),
];

/** The table of Pulser's own servers. */
export const catalogue = async (bench: Bench, installation: McpInstallation): Promise<Finding> => {
  const rows: string[][] = [];
  for (const mode of modes) {
    const rounds: Round[] = [];
    for (let n = 0; n < bench.options.rounds; n += 1) {
      const round = await startOf(installation, mode);
      bench.say(
        `${mode}: ${Object.entries(round)
          .map(([name, value]) => `${name} ${figure(value ?? 0)}`)
          .join(', ')}`,
      );
      rounds.push(round);
    }
    rows.push(rowOf(mode, rounds, await afterCalls(installation, mode)));
  }
  return { tables: [tableOf(rows)], failures: [] };
};

const tableOf = (rows: string[][]) => ({
  title: 'MCP: the seven servers of the catalogue',
  columns: [
    'servers as',
    '98 tools listed after, ms',
    'CPU time until then, ms',
    'tools/list p50, ms',
    'p99, ms',
    'MB after the start',
    `MB after ${callsOfEach} calls of each`,
    'requests of these calls that reached a vendor',
  ],
  rows,
  notes: [
    'From the start of the process of the coordinator, without any credential. CPU time of the coordinator and its servers.',
    'Memory of the coordinator and all its servers together (PSS), the most of all rounds.',
    'The vendor is a server that answers 404 to everything; of supabase it is a database. After these calls the embedding model may still be in memory twice: of `find_tool` and of `supabase_memory_search`.',
  ],
});
