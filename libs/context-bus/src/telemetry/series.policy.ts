// From rows of buckets in which something happened to series with a value for every bucket.
import type {
  SeriesKey,
  TelemetryDepth,
  TelemetryDimension,
  TelemetryErrors,
  TelemetryLatency,
  TelemetryThroughput,
} from '@pulser/contracts';

import type { TelemetryRange } from './telemetry-range.policy.js';
import type { CountSeries, DurationSeries, OpenChange, Quantiles, SeriesKeys } from './timelines.js';

type Value = number | null;

/** Names in answers are those of rows, but for the type. */
const keyOf = ({ agent, taskType: task_type, operation }: SeriesKeys, by: readonly TelemetryDimension[]): SeriesKey => {
  const all = { agent, task_type, operation };
  return Object.fromEntries(by.map((dimension) => [dimension, all[dimension]]));
};

/**
 * A value for every bucket.
 * @param buckets numbers of those that have values, counted from where reading began
 * @param empty where nothing happened; before reading began it is null
 */
const spread = (
  { times, fromS, readFromS, stepS }: TelemetryRange,
  buckets: readonly number[],
  values: readonly Value[],
  empty: Value,
): Value[] => {
  const first = (readFromS - fromS) / stepS;
  const all = times.map((_, n) => (n < first ? null : empty));
  buckets.forEach((bucket, place) => {
    all[first + bucket] = values[place] ?? empty;
  });
  return all;
};

const sum = (values: readonly Value[]): number => values.reduce<number>((total, value) => total + (value ?? 0), 0);

const ratio = (part: number, whole: number): Value => (whole === 0 ? null : part / whole);

/** The series of no rows: without a dimension there is one of all tasks, and with one there is none. */
const orEmpty = <Row extends SeriesKeys>(rows: readonly Row[], by: readonly TelemetryDimension[], empty: Row) =>
  rows.length === 0 && by.length === 0 ? [empty] : rows;

const nothing = { agent: '', taskType: '', operation: '', series: 1, buckets: [] };

const noCounts: CountSeries = {
  ...nothing,
  ...{ submitted: [], started: [], completed: [], failed: [], cancelled: [], retries: [] },
};

const unmeasured: Quantiles = [null, null, null];

const noDurations: DurationSeries = {
  ...nothing,
  ...{ completed: [], waitMs: [], runMs: [], wait: [], run: [], totalWait: unmeasured, totalRun: unmeasured },
};

/** What happened. */
export const throughputSeries = (
  rows: readonly CountSeries[],
  by: readonly TelemetryDimension[],
  range: TelemetryRange,
): TelemetryThroughput['series'] =>
  orEmpty(rows, by, noCounts).map((row) => {
    const counts = (name: keyof typeof row & keyof TelemetryThroughput['series'][number]['values']): Value[] =>
      spread(range, row.buckets, row[name], 0);
    const values = {
      submitted: counts('submitted'),
      started: counts('started'),
      completed: counts('completed'),
      failed: counts('failed'),
      cancelled: counts('cancelled'),
      retries: counts('retries'),
    };
    const total = {
      submitted: sum(values.submitted),
      started: sum(values.started),
      completed: sum(values.completed),
      failed: sum(values.failed),
      cancelled: sum(values.cancelled),
      retries: sum(values.retries),
    };
    return { key: keyOf(row, by), total, values };
  });

/** How many tasks failed. */
export const errorSeries = (
  rows: readonly CountSeries[],
  by: readonly TelemetryDimension[],
  range: TelemetryRange,
): TelemetryErrors['series'] =>
  throughputSeries(rows, by, range).map(({ key, total, values }) => ({
    key,
    total: {
      completed: total.completed,
      failed: total.failed,
      retries: total.retries,
      error_rate: ratio(total.failed ?? 0, (total.completed ?? 0) + (total.failed ?? 0)),
    },
    values: {
      completed: values.completed,
      failed: values.failed,
      retries: values.retries,
      error_rate: values.failed.map((failed, n) => ratio(failed ?? 0, (values.completed[n] ?? 0) + (failed ?? 0))),
    },
  }));

/** How long tasks waited and ran. */
export const latencySeries = (
  rows: readonly DurationSeries[],
  by: readonly TelemetryDimension[],
  range: TelemetryRange,
): TelemetryLatency['series'] =>
  orEmpty(rows, by, noDurations).map((row) => {
    const over = (values: readonly Value[], empty: Value = null): Value[] => spread(range, row.buckets, values, empty);
    const means = (ms: readonly number[]): Value[] => over(ms.map((all, n) => ratio(all, row.completed[n] ?? 0)));
    const quantiles = (of: readonly Quantiles[], which: 0 | 1 | 2): Value[] => over(of.map((all) => all[which]));
    const completed = sum(row.completed);
    return {
      key: keyOf(row, by),
      total: {
        completed,
        wait_mean_ms: ratio(sum(row.waitMs), completed),
        wait_p50_ms: row.totalWait[0],
        wait_p95_ms: row.totalWait[1],
        wait_p99_ms: row.totalWait[2],
        run_mean_ms: ratio(sum(row.runMs), completed),
        run_p50_ms: row.totalRun[0],
        run_p95_ms: row.totalRun[1],
        run_p99_ms: row.totalRun[2],
      },
      values: {
        completed: over(row.completed, 0),
        wait_mean_ms: means(row.waitMs),
        wait_p50_ms: quantiles(row.wait, 0),
        wait_p95_ms: quantiles(row.wait, 1),
        wait_p99_ms: quantiles(row.wait, 2),
        run_mean_ms: means(row.runMs),
        run_p50_ms: quantiles(row.run, 0),
        run_p95_ms: quantiles(row.run, 1),
        run_p99_ms: quantiles(row.run, 2),
      },
    };
  });

/**
 * Tasks that had not ended at the end of each bucket: those that have not ended now, less what came since, and with what
 * ended since.
 * @param openNow by type, or all of them under the empty name
 * @param changes since the begin of the range; what happened after its end is one bucket more
 */
export const depthSeries = (
  openNow: ReadonlyMap<string, number>,
  changes: readonly OpenChange[],
  by: readonly TelemetryDimension[],
  range: TelemetryRange,
): TelemetryDepth['series'] => {
  const ofType = Map.groupBy(changes, ({ taskType }) => taskType);
  const names = [...new Set([...openNow.keys(), ...ofType.keys()])];
  const rows = orEmpty(
    names.map((taskType) => ({ ...nothing, taskType })),
    by,
    nothing,
  );
  const buckets = [...Array((range.toS - range.readFromS) / range.stepS).keys()];
  return rows.map((row) => {
    const change = new Map((ofType.get(row.taskType) ?? []).map((one) => [one.bucket, one.change]));
    let open = openNow.get(row.taskType) ?? 0;
    const backwards = buckets.toReversed().map((bucket) => (open -= change.get(bucket + 1) ?? 0));
    const values = spread(range, buckets, backwards.toReversed(), null);
    return { key: keyOf(row, by), total: { open: values.at(-1) ?? null }, values: { open: values } };
  });
};
