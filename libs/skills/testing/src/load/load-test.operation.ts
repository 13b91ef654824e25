// The operation `load_test`: how a host answers under a steady load, when operator, tenant and host agree to that.
import { operation } from '@pulser/agent-runtime/skill';
import { headersOf, type LoadLimits, OutgoingRefused } from '@pulser/outgoing/client';

import { HeaderSecrets, type WithTexts } from '../targets/header-values.js';
import { Targets } from '../targets/targets.js';
import { testingErrors } from '../testing-errors.js';
import { latencyChart } from './latency-chart.js';
import { requireConsent } from './load-consent.js';
import { loadTestExample, LoadTestInput, type LoadTestResult } from './load-contract.js';
import { LoadRun } from './load-run.js';

const chart = 'latency.svg';

const notAllowed = (why: string): Error => testingErrors.error('load_not_allowed', why);

const requireWithin = ({ rate_per_s, connections, seconds }: WithTexts<LoadTestInput>, limits: LoadLimits): void => {
  if (limits.maxRate === 0) throw notAllowed('Load tests are switched off: OUTGOING_LOAD_MAX_RATE of the agent is 0');
  const asked = [
    ['rate_per_s', rate_per_s, limits.maxRate, 'OUTGOING_LOAD_MAX_RATE'],
    ['connections', connections, limits.maxConnections, 'OUTGOING_LOAD_MAX_CONNECTIONS'],
    ['seconds', seconds, limits.maxSeconds, 'OUTGOING_LOAD_MAX_S'],
  ] as const;
  for (const [name, value, most, variable] of asked)
    if (value > most) throw notAllowed(`${name} is ${value}, and at most ${most} (${variable} of the agent)`);
};

const headersFor = (input: WithTexts<LoadTestInput>): ReturnType<typeof headersOf> => {
  try {
    return headersOf(input.headers);
  } catch (error) {
    if (error instanceof OutgoingRefused) throw testingErrors.error('check_invalid', error.message);
    throw error;
  }
};

/** Checks everything without which no load may be put on the host, and then puts it there. */
export const runLoad = async (
  input: WithTexts<LoadTestInput>,
  { targets, tenantId, signal }: { readonly targets: Targets; readonly tenantId: string; readonly signal: AbortSignal },
): Promise<LoadRun> => {
  const { url, method, body, rate_per_s: rate, connections, seconds } = input;
  if (targets.approve(url).load_test !== true)
    throw notAllowed(
      `The setting allowed-hosts allows ${url.host}, but no load tests of it: its entry needs "load_test": true`,
    );
  requireWithin(input, targets.load);
  const headers = headersFor(input);
  const found = await targets.route(url);
  // Of several machines, the one that agrees is the one that is asked.
  const via = { ...found, addresses: found.addresses.slice(0, 1) };
  await requireConsent(url, { tenantId, rate, signal }, { targets, via });
  const run = new LoadRun({ url, via, method, headers, body, rate, connections, seconds, signal });
  await run.run();
  return run;
};

const shareOfErrors = (run: LoadRun): number => {
  const failed = Object.entries(run.byStatus).reduce(
    (sum, [status, count]) => sum + (Number(status) >= 500 ? count : 0),
    0,
  );
  const all = run.latencies.total + run.errors + run.timeouts;
  return all === 0 ? 1 : (failed + run.errors + run.timeouts) / all;
};

const checksOf = ({ expect }: LoadTestInput, run: LoadRun): LoadTestResult['checks'] => {
  const latency = run.latencies.percentiles();
  const wanted: [string, number | undefined, number | null][] = [
    ['p95 in ms', expect.p95_ms, latency?.p95 ?? null],
    ['p99 in ms', expect.p99_ms, latency?.p99 ?? null],
    ['share of errors', expect.max_error_share, shareOfErrors(run)],
  ];
  return wanted.flatMap(([what, most, found]) =>
    most === undefined ? [] : [{ what: `${what} is at most ${most}`, passed: found !== null && found <= most, found }],
  );
};

const notesOf = (input: LoadTestInput, run: LoadRun): string[] => {
  const reached = run.latencies.total / Math.max(run.seconds, 0.001);
  const behind = reached < 0.9 * input.rate_per_s;
  return [
    'The requests of each second are sent as fast as the connections take them, then the rest of it is waited for',
    ...(run.latencies.total < 1_000
      ? [`With ${run.latencies.total} answers, p99.9 is hardly more than the slowest one`]
      : []),
    ...(behind
      ? [
          `Only ${reached.toFixed(1)} a second were answered: requests that had to wait for a connection are not in the percentiles, so that users would wait longer`,
        ]
      : []),
    'The certificate was checked when the host was asked for its consent, over the same address; the connections of the load do not check it again',
  ].slice(0, input.url.protocol === 'https:' ? undefined : -1);
};

const rounded = (value: number): number => Number(value.toFixed(2));

const resultOf = (input: LoadTestInput, run: LoadRun): LoadTestResult => {
  const { sent, errors, timeouts, byStatus, bytes, seconds, latencies } = run;
  const checks = checksOf(input, run);
  const latency = latencies.percentiles();
  const answered = latencies.total;
  return {
    passed: checks.every(({ passed }) => passed) && answered > 0 && run.stoppedEarly === undefined,
    summary:
      latency === null
        ? `None of ${sent} requests was answered`
        : `${answered} answers in ${rounded(seconds)} s: p50 ${latency.p50} ms, p95 ${latency.p95} ms, p99 ${latency.p99} ms`,
    requests: {
      sent,
      answered,
      by_status: byStatus,
      errors,
      timeouts,
      cut_off: Math.max(0, sent - answered - errors - timeouts),
    },
    seconds: rounded(seconds),
    rate_per_s: { asked: input.rate_per_s, answered: rounded(answered / Math.max(seconds, 0.001)) },
    bytes_read: bytes,
    latency_ms: latency,
    checks,
    ...(run.stoppedEarly !== undefined && { stopped_early: run.stoppedEarly }),
    notes: notesOf(input, run),
    artifacts: latency === null ? [] : [chart],
  };
};

/** Puts a bounded load on a host that agrees to it. */
export const loadTest = operation({
  name: 'load_test',
  summary: 'Puts a bounded load on a host that agrees to it, and measures its latencies',
  input: LoadTestInput,
  example: loadTestExample,
  errors: testingErrors,
  secrets: true,
  handle: async (input, context): Promise<LoadTestResult> => {
    const targets = await Targets.of(context);
    const secrets = await HeaderSecrets.in([input.headers], input.url, context);
    const ready = { ...input, headers: secrets.texts(input.headers) };
    const run = await runLoad(ready, { targets, tenantId: context.tenantId, signal: context.signal });
    const result = resultOf(input, run);
    if (result.latency_ms !== null) {
      const about = `${input.method} ${input.url.origin}${input.url.pathname}, ${input.rate_per_s} a second asked for, ${result.rate_per_s.answered} answered`;
      await context.artifact(chart, 'image/svg+xml', Buffer.from(latencyChart(run.latencies, about)));
    }
    return result;
  },
});
