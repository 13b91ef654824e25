// Telemetry in the shape of the API: which buckets are read, and how the answers are put together.
import { Injectable } from '@nestjs/common';
import {
  type AgentHealth,
  depthColumns,
  type DepthQuery,
  errorColumns,
  type HealthQuery,
  latencyColumns,
  maxTelemetrySeries,
  type TelemetryDepth,
  type TelemetryDimension,
  type TelemetryErrors,
  type TelemetryHealth,
  type TelemetryLatency,
  type TelemetryQuery,
  type TelemetryThroughput,
  type TelemetryUnit,
  throughputColumns,
} from '@pulser/contracts';

import { Agents, type AgentVersion } from '../agents/agents.js';
import { depthSeries, errorSeries, latencySeries, throughputSeries } from './series.policy.js';
import { instantOf, maxDurationPoints, rangeOf, type TelemetryRange } from './telemetry-range.policy.js';
import { type BucketQuery, type OpenCount, Timelines } from './timelines.js';

/** As long as Agents takes one for live. */
const silentAfterS = 60;

const columnsOf = (columns: Readonly<Record<string, TelemetryUnit>>) =>
  Object.entries(columns).map(([name, unit]) => ({ name, unit }));

const spanOf = ({ fromS, toS, level, keptFromS, completeUntilS }: TelemetryRange) => ({
  from: instantOf(fromS),
  to: instantOf(toS),
  resolution: level,
  kept_from: keptFromS === null ? null : instantOf(keptFromS),
  complete_until: instantOf(completeUntilS),
});

const headOf = (
  range: TelemetryRange,
  by: readonly TelemetryDimension[],
  columns: Readonly<Record<string, TelemetryUnit>>,
) => ({
  ...spanOf(range),
  step: range.step,
  step_s: range.stepS,
  group_by: [...by],
  columns: columnsOf(columns),
  times: [...range.times],
});

/** A question without the form of its answer. */
type Asked = Omit<TelemetryQuery, 'format'>;

const bucketsOf = (
  { readFromS: fromS, toS, stepS, level }: TelemetryRange,
  { agent, task_type: taskType, operation, group_by: by = [] }: Asked,
  maxSeries = maxTelemetrySeries,
): BucketQuery => ({
  ...{ level, fromS, toS, stepS, maxSeries },
  by: { agent: by.includes('agent'), taskType: by.includes('task_type'), operation: by.includes('operation') },
  only: { agent, taskType, operation },
});

const leftOut = (rows: readonly { readonly series: number }[]): number => (rows[0]?.series ?? 0) - rows.length;

const minuteS = 60;
const hourS = 3_600;
const dayS = 86_400;

/** In words, to the largest unit that fits twice. */
const lengthOf = (seconds: number): string => {
  if (seconds >= 2 * dayS) return `${Math.floor(seconds / dayS)} days`;
  if (seconds >= 2 * hourS) return `${Math.floor(seconds / hourS)} hours`;
  return `${Math.max(1, Math.floor(seconds / minuteS))} minutes`;
};

const heartbeat = (
  versions: readonly AgentVersion[],
  nowS: number,
): Pick<AgentHealth, 'state' | 'reason' | 'last_seen'> => {
  const lastSeenMs = Math.max(...versions.map(({ lastSeenAt }) => lastSeenAt.getTime()));
  const last_seen = new Date(lastSeenMs).toISOString();
  if (versions.some(({ isLive }) => isLive))
    return { state: 'up', reason: 'A worker of it was heard of within the last minute', last_seen };
  return {
    state: 'silent',
    reason: `No worker of it was heard of for ${lengthOf(nowS - lastSeenMs / 1_000)}`,
    last_seen,
  };
};

const sumBy = <Item>(items: readonly Item[], keyOf: (item: Item) => string, valueOf: (item: Item) => number) => {
  const sums = new Map<string, number>();
  for (const item of items) sums.set(keyOf(item), (sums.get(keyOf(item)) ?? 0) + valueOf(item));
  return sums;
};

const openTasks = ({ tasks }: OpenCount): number => tasks;

/**
 * The figures of one tenant at a time. All throw HttpError `invalid_request` for a range that cannot be. `maxSeries` are those
 * with the most tasks.
 */
@Injectable()
export class TelemetryReads {
  constructor(
    private readonly timelines: Timelines,
    private readonly agents: Agents,
  ) {}

  async throughput(tenantId: string, query: Asked, maxSeries?: number): Promise<TelemetryThroughput> {
    const range = rangeOf(query, await this.timelines.present(tenantId));
    const { group_by: by = [] } = query;
    const rows = await this.timelines.counts(tenantId, bucketsOf(range, query, maxSeries));
    const series = throughputSeries(rows, by, range);
    return { ...headOf(range, by, throughputColumns), series, left_out: leftOut(rows) };
  }

  async errors(tenantId: string, query: Asked, maxSeries?: number): Promise<TelemetryErrors> {
    const range = rangeOf(query, await this.timelines.present(tenantId));
    const { group_by: by = [] } = query;
    const rows = await this.timelines.counts(tenantId, bucketsOf(range, query, maxSeries));
    return { ...headOf(range, by, errorColumns), series: errorSeries(rows, by, range), left_out: leftOut(rows) };
  }

  async latency(tenantId: string, query: Asked, maxSeries?: number): Promise<TelemetryLatency> {
    const range = rangeOf(query, await this.timelines.present(tenantId), maxDurationPoints);
    const { group_by: by = [] } = query;
    const rows = await this.timelines.durations(tenantId, bucketsOf(range, query, maxSeries));
    return { ...headOf(range, by, latencyColumns), series: latencySeries(rows, by, range), left_out: leftOut(rows) };
  }

  async depth(tenantId: string, { group_by, ...query }: Omit<DepthQuery, 'format'>): Promise<TelemetryDepth> {
    const range = rangeOf(query, await this.timelines.present(tenantId));
    const by = group_by === undefined ? [] : [group_by];
    const { counts, changes } = await this.timelines.open(tenantId, bucketsOf(range, { ...query, group_by: by }));
    const openNow = sumBy(counts, ({ taskType }) => (group_by === undefined ? '' : taskType), openTasks);
    const all = depthSeries(openNow, changes, by, range);
    const largest = all.toSorted((a, b) => (b.total.open ?? 0) - (a.total.open ?? 0)).slice(0, maxTelemetrySeries);
    const now = counts.map(({ taskType: task_type, ...rest }) => ({ ...rest, task_type }));
    return { ...headOf(range, by, depthColumns), series: largest, left_out: all.length - largest.length, now };
  }

  async health(tenantId: string, query: Omit<HealthQuery, 'format'>): Promise<TelemetryHealth> {
    const present = await this.timelines.present(tenantId);
    const range = rangeOf(query, present);
    // One bucket for each agent.
    const buckets = bucketsOf({ ...range, stepS: Math.max(1, range.toS - range.readFromS) }, { group_by: ['agent'] });
    const [versions, { counts: open }, counts, durations] = await Promise.all([
      this.agents.versions(),
      this.timelines.open(tenantId, buckets),
      this.timelines.counts(tenantId, buckets),
      this.timelines.durations(tenantId, buckets),
    ]);
    const openOf = sumBy(open, ({ agent }) => agent, openTasks);
    const agents = [...Map.groupBy(versions, ({ name }) => name)].map(([agent, ofAgent]): AgentHealth => {
      const count = counts.find((row) => row.agent === agent);
      const [completed, failed] = [count?.completed[0] ?? 0, count?.failed[0] ?? 0];
      const duration = durations.find((row) => row.agent === agent);
      return {
        agent,
        ...heartbeat(ofAgent, present.nowS),
        open: openOf.get(agent) ?? 0,
        ...{ completed, failed, error_rate: completed + failed === 0 ? null : failed / (completed + failed) },
        wait_p95_ms: duration?.totalWait[1] ?? null,
        run_p95_ms: duration?.totalRun[1] ?? null,
      };
    });
    return { ...spanOf(range), silent_after_s: silentAfterS, agents };
  }
}
