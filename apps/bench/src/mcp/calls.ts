// What a call costs: seven servers that answer what they get, behind the coordinator and behind the SDK alone, in rounds that
// alternate.
import { Service } from '@pulser/harness';

import type { Bench } from '../measurements/measurement.js';
import { cpuUsOf } from '../measurements/processes.js';
import { figure, figuresOf, percentile, ratios, type Round, spread, spreadText } from '../report/figures.policy.js';
import type { Finding, Table } from '../report/report.js';
import { echoServers, type McpInstallation, type McpRunning } from './coordinator.js';
import { callEcho, type McpTarget, oneAfterAnother, parallel } from './requests.js';

const quietCalls = 1_000;
/** Callers at the same time, where it is about how many calls there are a second. */
const callers = 32;
/** So many calls for each second that is asked for. */
const callsPerSecond = 1_000;

const coordinator = 'the coordinator';
const sdk = 'the SDK alone';

const call = (target: McpTarget, n: number): Promise<void> =>
  callEcho(target, echoServers[n % echoServers.length] ?? echoServers[0], `text ${n}`);

/** Figures of one contestant in one round. */
interface Stretch {
  readonly p50: number;
  readonly p99: number;
  readonly perS: number;
  /** CPU time of a call in its process, and of the servers, in microseconds. */
  readonly cpuUs: number;
}

const stretchOf = async (target: McpTarget, pid: number, seconds: number): Promise<Stretch> => {
  await parallel(200, callers, (n) => call(target, n));
  const times = await oneAfterAnother(quietCalls, (n) => call(target, n));
  const calls = callsPerSecond * seconds;
  const [cpu, began] = [cpuUsOf(pid), performance.now()];
  await parallel(calls, callers, (n) => call(target, n));
  return {
    p50: percentile(times, 0.5),
    p99: percentile(times, 0.99),
    perS: (calls * 1_000) / (performance.now() - began),
    cpuUs: (cpuUsOf(pid) - cpu) / calls,
  };
};

/** Of the same calls: how long each was in the coordinator and not with its server, in milliseconds. */
const ownTimeOf = async (running: McpRunning): Promise<Pick<Round, string>> => {
  await running.ownTimes();
  await oneAfterAnother(quietCalls, (n) => call(running.target, n));
  const quiet = await running.ownTimes();
  await parallel(callsPerSecond, echoServers.length, (n) => call(running.target, n));
  const busy = await running.ownTimes();
  return {
    'quiet p50': percentile(quiet, 0.5) / 1_000,
    'quiet p99': percentile(quiet, 0.99) / 1_000,
    'busy p50': percentile(busy, 0.5) / 1_000,
    'busy p99': percentile(busy, 0.99) / 1_000,
  };
};

interface Rounds {
  readonly stretches: readonly Readonly<Record<string, Stretch>>[];
  readonly own: readonly Round[];
}

const measured = async (bench: Bench, running: McpRunning, peer: Service): Promise<Rounds> => {
  const { options, say } = bench;
  const targets = {
    [coordinator]: [running.target, running.pid],
    [sdk]: [{ url: `${peer.url}/mcp`, key: 'none' }, peer.pid],
  } as const satisfies Record<string, readonly [McpTarget, number]>;
  const [stretches, own]: [Record<string, Stretch>[], Round[]] = [[], []];
  for (let n = 0; n < options.rounds; n += 1) {
    const found: Record<string, Stretch> = {};
    const order = Object.entries(targets);
    for (const [name, [target, pid]] of n % 2 === 0 ? order : order.toReversed()) {
      found[name] = await stretchOf(target, pid, options.seconds);
      say(
        `round ${n + 1}: ${name}: ${JSON.stringify(found[name], (_, value: unknown) => (typeof value === 'number' ? Number(value.toPrecision(3)) : value))}`,
      );
    }
    stretches.push(found);
    own.push(await ownTimeOf(running));
  }
  return { stretches, own };
};

const columnOf = (rounds: Rounds['stretches'], kind: keyof Stretch): Round[] =>
  rounds.map((round) => Object.fromEntries(Object.entries(round).map(([name, one]) => [name, one[kind]])));

const kinds = {
  p50: 'p50, ms',
  p99: 'p99, ms',
  perS: `calls a second, ${callers} callers`,
  cpuUs: 'CPU time of a call with its server, µs',
} as const satisfies Record<keyof Stretch, string>;

const comparison = ({ stretches }: Rounds): Table => {
  const columns = Object.keys(kinds).map((kind) => columnOf(stretches, kind as keyof Stretch));
  return {
    title: 'MCP: a call through /mcp',
    columns: ['', ...Object.values(kinds)],
    rows: [
      ...[coordinator, sdk].map((name) => [
        name,
        ...columns.map((rounds) => spreadText(spread(figuresOf(rounds, name)))),
      ]),
      [
        'the first to the second, by round',
        ...columns.map((rounds) => spreadText(spread(ratios(rounds, coordinator, sdk)))),
      ],
    ],
    notes: [
      `Seven servers of SDK 1.x that answer what they get, called in turn: ${quietCalls} calls one after the other, then ${callers} callers at a time. Every answer is checked.`,
      'The SDK alone: its server and its client, as in the coordinator, in a process without keys, views, checks, limits and audit.',
    ],
  };
};

const ownTimes = ({ own }: Rounds): Table => ({
  title: 'MCP: time of a call that reads inside the coordinator, without its server',
  columns: ['', 'p50, ms', 'p99, ms'],
  rows: [
    ['one call after the other', 'quiet'],
    [`${echoServers.length} callers at the same time`, 'busy'],
  ].map(([text = '', kind = '']) => [
    text,
    ...['p50', 'p99'].map((rank) => spreadText(spread(figuresOf(own, `${kind} ${rank}`)))),
  ]),
  notes: ['From the order of a caller who is known to its reply, less the time with the server.'],
});

/** The tables of calls. */
export const calls = async (bench: Bench, installation: McpInstallation): Promise<Finding> => {
  const running = await installation.start(echoServers.length, { MCP_SERVERS_MODE: 'off' });
  const peer = await Service.start({
    name: 'pass-through',
    main: 'apps/bench/dist/mcp/pass-through.js',
    arguments: echoServers,
    folder: bench.machine.folder,
    variables: {},
  });
  try {
    const rounds = await measured(bench, running, peer);
    const { median = 0 } =
      spread(columnOf(rounds.stretches, 'perS').flatMap((round) => round[coordinator] ?? [])) ?? {};
    bench.say(`${figure(median)} calls a second`);
    return { tables: [comparison(rounds), ownTimes(rounds)], failures: [] };
  } finally {
    await Promise.all([running.stop(), peer.stop()]);
  }
};
