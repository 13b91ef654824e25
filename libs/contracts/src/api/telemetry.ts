/**
 * Telemetry over REST: figures of a caller's tasks in steps of time, in the shape that charts draw without reshaping. An
 * answer has one axis of times for all its series, and each series an array per column, as long as the axis; a bucket
 * without tasks is in it. So `[times, ...series.map(({ values }) => values.completed)]` is what uPlot takes as it is.
 */
import { z } from 'zod';

import { AgentName, TaskType } from '../agents.js';
import { Instant } from '../instant.js';
import { plainText } from '../json.js';
import { Priority, TaskStatus } from '../tasks.js';

/** Seconds of every step that may be asked for, the smallest first. Steps begin at whole multiples of UTC. */
export const telemetrySteps = {
  '1m': 60,
  '5m': 300,
  '15m': 900,
  '1h': 3_600,
  '6h': 21_600,
  '1d': 86_400,
} as const;
export const TelemetryStep = z.enum(
  Object.keys(telemetrySteps) as [keyof typeof telemetrySteps, ...(keyof typeof telemetrySteps)[]],
);
export type TelemetryStep = z.infer<typeof TelemetryStep>;

/** Figures are kept per minute for the newest time, per hour for longer, and per day for longest. */
export const telemetryLevels = ['minute', 'hour', 'day'] as const;
export const TelemetryLevel = z.enum(telemetryLevels);
export type TelemetryLevel = z.infer<typeof TelemetryLevel>;

/** By what tasks can be told apart. */
export const telemetryDimensions = ['agent', 'task_type', 'operation'] as const;
export const TelemetryDimension = z.enum(telemetryDimensions);
export type TelemetryDimension = z.infer<typeof TelemetryDimension>;

/** Most points of one series. */
export const maxTelemetryPoints = 1_000;
/** Most points of a series of latency in steps below a day: each has two sketches to be merged. */
export const maxLatencyPoints = 300;
/** Most series of one answer: those with the most tasks. */
export const maxTelemetrySeries = 50;

const maxDimensions = 2;

const dimensionsOf = (text: string): TelemetryDimension[] | undefined => {
  const parsed = z.array(TelemetryDimension).min(1).max(maxDimensions).safeParse(text.split(','));
  return parsed.success && new Set(parsed.data).size === parsed.data.length ? parsed.data : undefined;
};

const GroupBy = plainText(100)
  .transform((text, context) => {
    const dimensions = dimensionsOf(text);
    if (dimensions !== undefined) return dimensions;
    const message = `Must be one or two of ${telemetryDimensions.join(', ')}, with a comma between them`;
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  })
  .meta({
    description: `One or two of ${telemetryDimensions.join(', ')}, with a comma between them; without, one series of all`,
    examples: ['agent'],
  });

const range = {
  from: Instant.optional().meta({ description: 'Begin of the range (RFC 3339), an hour before its end by default' }),
  to: Instant.optional().meta({ description: 'End of the range (RFC 3339), the present by default and at most' }),
};

const format = z
  .enum(['json', 'csv'])
  .optional()
  .meta({ description: 'Goes before the header Accept, which may ask for `text/csv` too' });

/** What a chart may ask for. */
export const TelemetryQuery = z.strictObject({
  ...range,
  step: TelemetryStep.optional().meta({
    description: `Length of a bucket. Chosen by the range by default; a range has at most ${maxTelemetryPoints} buckets, one of latency below a day ${maxLatencyPoints}`,
  }),
  group_by: GroupBy.optional(),
  agent: AgentName.optional().meta({ description: 'Tasks of this agent only' }),
  task_type: TaskType.optional().meta({ description: 'Tasks of this type only' }),
  operation: plainText(200)
    .optional()
    .meta({ description: 'Tasks of this operation only; empty: those whose payload names none' }),
  format,
});
export type TelemetryQuery = z.infer<typeof TelemetryQuery>;

/** Open tasks have no history by agent, since back-ups take tasks over, nor by operation. */
export const DepthQuery = TelemetryQuery.omit({ group_by: true, agent: true, operation: true }).extend({
  group_by: z
    .literal('task_type', 'Must be task_type; `now` has the open tasks by agent, too')
    .optional()
    .meta({ description: 'Without, one series of all' }),
});
export type DepthQuery = z.infer<typeof DepthQuery>;

export const HealthQuery = z.strictObject({ ...range, format });
export type HealthQuery = z.infer<typeof HealthQuery>;

/** What makes a series: the dimensions that were asked for, and no others. */
export const SeriesKey = z.object({
  agent: z.string().optional(),
  task_type: z.string().optional(),
  operation: z.string().optional().meta({ description: 'Empty: the payload names none' }),
});
export type SeriesKey = z.infer<typeof SeriesKey>;

const instant = z.iso.datetime();

/** Units of columns: numbers of tasks, milliseconds, and parts of 1. */
export const telemetryUnits = { tasks: z.int().nullable(), ms: z.number().nullable(), ratio: z.number().nullable() };
export type TelemetryUnit = keyof typeof telemetryUnits;

type Columns = Readonly<Record<string, TelemetryUnit>>;
type Figures<C extends Columns> = { -readonly [Name in keyof C]: (typeof telemetryUnits)[C[Name]] };
type FigureLists<C extends Columns> = { -readonly [Name in keyof C]: z.ZodArray<(typeof telemetryUnits)[C[Name]]> };

const figures = <C extends Columns>(columns: C) =>
  z.object(
    Object.fromEntries(Object.entries(columns).map(([name, unit]) => [name, telemetryUnits[unit]])) as Figures<C>,
  );

const figureLists = <C extends Columns>(columns: C) =>
  z.object(
    Object.fromEntries(
      Object.entries(columns).map(([name, unit]) => [name, z.array(telemetryUnits[unit])]),
    ) as FigureLists<C>,
  );

/** Figures in steps of time. */
const timeline = <C extends Columns>(columns: C) =>
  z.object({
    from: instant.meta({ description: 'Begin of the first bucket: `from`, back to a whole step' }),
    to: instant.meta({ description: 'End of the last bucket: `to`, on to a whole step' }),
    step: TelemetryStep,
    step_s: z.int(),
    resolution: TelemetryLevel.meta({ description: 'At which level the figures are kept that the answer is made of' }),
    kept_from: instant.nullable().meta({
      description:
        'Buckets before this time are null, and not in the totals: at this resolution nothing is kept of them. Null when the whole range is kept',
    }),
    complete_until: instant.meta({ description: 'Buckets that end by this time do not change any more' }),
    group_by: z.array(TelemetryDimension),
    columns: z.array(z.object({ name: z.string(), unit: z.enum(['tasks', 'ms', 'ratio']) })),
    times: z.array(z.int()).meta({ description: 'Begin of each bucket, in seconds since 1970 (UTC)' }),
    series: z
      .array(
        z.object({
          key: SeriesKey,
          total: figures(columns).meta({
            description: 'Of the whole range; not what adding up the buckets would give',
          }),
          values: figureLists(columns).meta({ description: 'An array per column, with a value per bucket' }),
        }),
      )
      .meta({ description: `Those with the most tasks first, at most ${maxTelemetrySeries}` }),
    left_out: z.int().meta({ description: 'Series with fewer tasks that are not in the answer' }),
  });

/** By the time of what happened: a task that is submitted in one bucket may end in another. */
export const throughputColumns = {
  submitted: 'tasks',
  started: 'tasks',
  completed: 'tasks',
  failed: 'tasks',
  cancelled: 'tasks',
  retries: 'tasks',
} as const satisfies Columns;

export const TelemetryThroughput = timeline(throughputColumns).meta({ id: 'TelemetryThroughput' });
export type TelemetryThroughput = z.infer<typeof TelemetryThroughput>;

/**
 * Of the tasks that completed: `wait` from the time they could start to the start of the attempt that completed them, `run`
 * the length of that attempt. Quantiles are within 1 % of the exact ones. Null where nothing completed.
 */
export const latencyColumns = {
  completed: 'tasks',
  wait_mean_ms: 'ms',
  wait_p50_ms: 'ms',
  wait_p95_ms: 'ms',
  wait_p99_ms: 'ms',
  run_mean_ms: 'ms',
  run_p50_ms: 'ms',
  run_p95_ms: 'ms',
  run_p99_ms: 'ms',
} as const satisfies Columns;

export const TelemetryLatency = timeline(latencyColumns).meta({ id: 'TelemetryLatency' });
export type TelemetryLatency = z.infer<typeof TelemetryLatency>;

/** `error_rate` = failed / (completed + failed), null where nothing ended; a cancelled task is no error. */
export const errorColumns = {
  completed: 'tasks',
  failed: 'tasks',
  retries: 'tasks',
  error_rate: 'ratio',
} as const satisfies Columns;

export const TelemetryErrors = timeline(errorColumns).meta({ id: 'TelemetryErrors' });
export type TelemetryErrors = z.infer<typeof TelemetryErrors>;

/** Tasks that have not ended, at the end of the bucket; in one that has not ended, now. The total is the last value. */
export const depthColumns = { open: 'tasks' } as const satisfies Columns;

export const TelemetryDepth = timeline(depthColumns)
  .extend({
    now: z
      .array(
        z.object({ agent: z.string(), task_type: z.string(), priority: Priority, status: TaskStatus, tasks: z.int() }),
      )
      .meta({ description: 'Tasks that have not ended, now' }),
  })
  .meta({ id: 'TelemetryDepth' });
export type TelemetryDepth = z.infer<typeof TelemetryDepth>;

export const AgentState = z.enum(['up', 'silent']);
export type AgentState = z.infer<typeof AgentState>;

/** An agent as a tenant sees it: whether its workers live, and the tenant's own figures. */
export const AgentHealth = z.object({
  agent: AgentName,
  state: AgentState,
  reason: z.string().meta({ description: 'Why, in words' }),
  last_seen: instant,
  open: z.int().meta({ description: 'Tasks of the caller that have not ended, now' }),
  completed: z.int(),
  failed: z.int(),
  error_rate: z.number().nullable(),
  wait_p95_ms: z.number().nullable(),
  run_p95_ms: z.number().nullable(),
});
export type AgentHealth = z.infer<typeof AgentHealth>;

export const TelemetryHealth = z
  .object({
    from: instant.meta({ description: 'Begin of the time that the figures are about' }),
    to: instant,
    resolution: TelemetryLevel,
    kept_from: instant.nullable(),
    complete_until: instant,
    silent_after_s: z.int().meta({ description: 'An agent none of whose workers was heard of for so long is silent' }),
    agents: z.array(AgentHealth),
  })
  .meta({ id: 'TelemetryHealth' });
export type TelemetryHealth = z.infer<typeof TelemetryHealth>;
