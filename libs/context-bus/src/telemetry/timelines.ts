// What a tenant's tasks did, in buckets of time: read from rollups and kept counts alone, however many tasks there are.
import { Injectable } from '@nestjs/common';
import type { AgentName, Priority, TaskStatus, TaskType, TelemetryLevel } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';
import { SketchSum } from '@pulser/sketch';

/** Tasks of which rows are read. */
export interface TaskSelection {
  readonly agent?: AgentName | undefined;
  readonly taskType?: TaskType | undefined;
  readonly operation?: string | undefined;
}

/** Buckets of time, and what makes a series in them. Times are whole seconds since 1970. */
export interface BucketQuery {
  readonly level: TelemetryLevel;
  readonly fromS: number;
  /** Exclusive. */
  readonly toS: number;
  readonly stepS: number;
  readonly by: Readonly<Record<'agent' | 'taskType' | 'operation', boolean>>;
  readonly only: TaskSelection;
  readonly maxSeries: number;
}

/** What makes a series; empty where the query does not tell by it. */
export interface SeriesKeys {
  readonly agent: string;
  readonly taskType: string;
  readonly operation: string;
}

interface Series extends SeriesKeys {
  /** How many there are, with those that are not read. */
  readonly series: number;
  /** Numbers of the buckets in which something happened, from 0, in no order. All lists are about these. */
  readonly buckets: readonly number[];
}

/** Numbers of tasks by bucket. */
export interface CountSeries extends Series {
  readonly submitted: readonly number[];
  readonly started: readonly number[];
  readonly completed: readonly number[];
  readonly failed: readonly number[];
  readonly cancelled: readonly number[];
  readonly retries: readonly number[];
}

/** 0.5, 0.95 and 0.99, in ms; null where nothing was measured. */
export type Quantiles = readonly [number | null, number | null, number | null];

/** Durations of tasks that completed, by bucket and over all. */
export interface DurationSeries extends Series {
  readonly completed: readonly number[];
  readonly waitMs: readonly number[];
  readonly runMs: readonly number[];
  readonly wait: readonly Quantiles[];
  readonly run: readonly Quantiles[];
  readonly totalWait: Quantiles;
  readonly totalRun: Quantiles;
}

/** Tasks that have not ended. */
export interface OpenCount {
  readonly agent: AgentName;
  readonly taskType: TaskType;
  readonly priority: Priority;
  readonly status: TaskStatus;
  readonly tasks: number;
}

/** By how many the open tasks of a type changed in a bucket. */
export interface OpenChange {
  /** Empty where the query does not tell by it. */
  readonly taskType: string;
  readonly bucket: number;
  readonly change: number;
}

/** Now, and since when each level has every task; -Infinity: since ever. In seconds since 1970. */
export interface TelemetryPresent {
  readonly nowS: number;
  readonly knownFromS: Readonly<Record<TelemetryLevel, number>>;
}

const present = statement(
  'telemetry.present',
  `select extract(epoch from now())::float8 as "nowS",
     max(extract(epoch from from_at)::float8) filter (where level = 'minute') as minute,
     max(extract(epoch from from_at)::float8) filter (where level = 'hour') as hour,
     max(extract(epoch from from_at)::float8) filter (where level = 'day') as day
   from telemetry_span where tenant_id = (select pulser.tenant_id())`,
);

// $1 level, $2 and $3 from and to, $4 seconds of a bucket, $5 to $7 whether to tell by agent, type and operation,
// $8 to $10 which of these, $11 how many series.
const keys = `(extract(epoch from at)::bigint - $2::bigint) / $4::int as bucket,
       case when $5::bool then agent_name else '' end as agent,
       case when $6::bool then task_type else '' end as type,
       case when $7::bool then operation else '' end as operation`;

const selection = `tenant_id = (select pulser.tenant_id()) and level = $1
       and at >= to_timestamp($2::bigint) and at < to_timestamp($3::bigint)
       and ($8::text is null or agent_name = $8) and ($9::text is null or task_type = $9)
       and ($10::text is null or operation = $10)`;

const happened = 'submitted + started + completed + failed + cancelled + retries';

const largest = `group by agent, type, operation order by sum(happened) desc, agent, type, operation limit $11`;

const counts = statement(
  'telemetry.counts',
  `with point as (
     select ${keys}, sum(submitted)::float8 as submitted, sum(started)::float8 as started,
       sum(completed)::float8 as completed, sum(failed)::float8 as failed, sum(cancelled)::float8 as cancelled,
       sum(retries)::float8 as retries, sum(${happened}) as happened
     from rollup_live where ${selection} group by 1, 2, 3, 4
   )
   select agent, type as "taskType", operation, count(*) over ()::int as series, array_agg(bucket::int) as buckets,
     array_agg(submitted) as submitted, array_agg(started) as started, array_agg(completed) as completed,
     array_agg(failed) as failed, array_agg(cancelled) as cancelled, array_agg(retries) as retries
   from point ${largest}`,
);

/** SQL: the lists of all rows as one text, in the order of the rows. */
const joined = (list: string): string => `string_agg(nullif(array_to_string(${list}, ','), ''), ',')`;

// Sketches leave the database as they are, a text for each point: to merge them there takes five times as long, and to read
// them as arrays here twice. What a list says of a sketch is in the same place of the other.
const durations = statement(
  'telemetry.durations',
  `with point as materialized (
     select ${keys}, ${joined('wait_buckets')} as wait_buckets, ${joined('wait_counts')} as wait_counts,
       ${joined('run_buckets')} as run_buckets, ${joined('run_counts')} as run_counts,
       sum(wait_ms) as wait_ms, sum(run_ms) as run_ms, sum(${happened}) as happened
     from rollup_live where ${selection} group by 1, 2, 3, 4
   ), largest as (
     select agent, type, operation, count(*) over ()::int as series,
       row_number() over (order by sum(happened) desc, agent, type, operation) as place
     from point group by agent, type, operation order by place limit $11
   )
   select agent, type as "taskType", operation, series, bucket::int, wait_ms as "waitMs", run_ms as "runMs",
     wait_buckets as "waitBuckets", wait_counts as "waitCounts", run_buckets as "runBuckets", run_counts as "runCounts"
   from largest join point using (agent, type, operation) order by place`,
);

/** A point of a series, with the sketches of its rollups one after the other; null: none. */
interface DurationPoint extends SeriesKeys {
  readonly series: number;
  readonly bucket: number;
  readonly waitMs: number;
  readonly runMs: number;
  readonly waitBuckets: string | null;
  readonly waitCounts: string | null;
  readonly runBuckets: string | null;
  readonly runCounts: string | null;
}

const numbersOf = (text: string | null): number[] => JSON.parse(`[${text ?? ''}]`) as number[];

const sumOf = (buckets: string | null, counts: string | null): SketchSum => {
  const sum = new SketchSum();
  sum.add(numbersOf(buckets), numbersOf(counts));
  return sum;
};

const totalOf = (sums: readonly SketchSum[]): SketchSum => {
  const total = new SketchSum();
  for (const sum of sums) total.addAll(sum);
  return total;
};

const quantilesOf = (sum: SketchSum): Quantiles => [sum.quantile(0.5), sum.quantile(0.95), sum.quantile(0.99)];

/** @param points all of one series, at least one */
const durationSeries = ([first, ...others]: readonly [DurationPoint, ...DurationPoint[]]): DurationSeries => {
  const points = [first, ...others];
  const waits = points.map(({ waitBuckets, waitCounts }) => sumOf(waitBuckets, waitCounts));
  const runs = points.map(({ runBuckets, runCounts }) => sumOf(runBuckets, runCounts));
  const { agent, taskType, operation, series } = first;
  return {
    ...{ agent, taskType, operation, series },
    buckets: points.map(({ bucket }) => bucket),
    completed: runs.map(({ count }) => count),
    waitMs: points.map(({ waitMs }) => waitMs),
    runMs: points.map(({ runMs }) => runMs),
    wait: waits.map(quantilesOf),
    run: runs.map(quantilesOf),
    totalWait: quantilesOf(totalOf(waits)),
    totalRun: quantilesOf(totalOf(runs)),
  };
};

// One statement, so that both are of the same moment. What happened after the last bucket counts as one bucket more.
const open = statement(
  'telemetry.open',
  `select (
     select coalesce(json_agg(c), '[]') from (
       select agent_name as agent, task_type as "taskType", priority, status, tasks from task_count_live
       where tenant_id = (select pulser.tenant_id()) and ($6::text is null or task_type = $6)
       order by agent_name, task_type, status, priority
     ) c
   ) as counts, (
     select coalesce(json_agg(d), '[]') from (
       select case when $5::bool then task_type else '' end as "taskType",
         (extract(epoch from least(at, to_timestamp($3::bigint)))::bigint - $2::bigint) / $4::int as bucket,
         sum(submitted - completed - failed - cancelled)::float8 as change
       from rollup_live
       where tenant_id = (select pulser.tenant_id()) and level = $1 and at >= to_timestamp($2::bigint)
         and ($6::text is null or task_type = $6)
       group by 1, 2
     ) d
   ) as changes`,
);

const valuesOf = ({ level, fromS, toS, stepS, by, only, maxSeries }: BucketQuery): readonly unknown[] => [
  ...[level, fromS, toS, stepS, by.agent, by.taskType, by.operation],
  ...[only.agent ?? null, only.taskType ?? null, only.operation ?? null, maxSeries],
];

/** Reads of one tenant's telemetry. All of them throw DatabaseUnavailable. */
@Injectable()
export class Timelines {
  constructor(private readonly database: Database) {}

  async present(tenantId: string): Promise<TelemetryPresent> {
    type Row = { readonly nowS: number } & Readonly<Record<TelemetryLevel, number | null>>;
    const [row] = await this.database.queryAs<Row>(tenantId, present);
    if (row === undefined) throw new Error('There is no present');
    const { nowS, minute, hour, day } = row;
    return { nowS, knownFromS: { minute: minute ?? -Infinity, hour: hour ?? -Infinity, day: day ?? -Infinity } };
  }

  /** Those with the most tasks first. */
  counts(tenantId: string, query: BucketQuery): Promise<CountSeries[]> {
    return this.database.queryAs<CountSeries>(tenantId, counts, valuesOf(query));
  }

  /** Those with the most tasks first, in the same order as {@link counts}. */
  async durations(tenantId: string, query: BucketQuery): Promise<DurationSeries[]> {
    const points = await this.database.queryAs<DurationPoint>(tenantId, durations, valuesOf(query));
    const bySeries = Map.groupBy(points, ({ agent, taskType, operation }) => [agent, taskType, operation].join('/'));
    return [...bySeries.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [durationSeries([first, ...others])],
    );
  }

  /** What is open now, and how that changed in each bucket since `fromS`; what happened after `toS` is one bucket more. */
  async open(
    tenantId: string,
    { level, fromS, toS, stepS, by, only }: Omit<BucketQuery, 'maxSeries'>,
  ): Promise<{ readonly counts: readonly OpenCount[]; readonly changes: readonly OpenChange[] }> {
    type Row = { readonly counts: readonly OpenCount[]; readonly changes: readonly OpenChange[] };
    const values = [level, fromS, toS, stepS, by.taskType, only.taskType ?? null];
    const [row] = await this.database.queryAs<Row>(tenantId, open, values);
    return row ?? { counts: [], changes: [] };
  }
}
