// The charts of an overview: throughput, P95, error rates and open tasks, each with what it cannot show.
import { Chart, type Json, type Table } from '@pulser/charts';

import { count, errorRate, stepText } from './figures.policy.js';
import type { Overview } from './overview.js';
import { onClock, timeText } from './zone.policy.js';

/** A chart with its rows, and the file in which its picture is kept. */
export interface OverviewChart {
  readonly file: string;
  readonly chart: Chart;
  readonly table: Table;
  readonly notes: readonly string[];
}

/** More lines or areas over each other cannot be told apart. */
const maxNamed = 7;
const maxMapped = 30;

const size = { width: 800, height: 280 };

/** Begin of each step, as the axis has it. */
const timesOf = ({ throughput, zone }: Overview): string[] => throughput.times.map((s) => onClock(s * 1_000, zone));

const agentOf = ({ key }: { readonly key: { readonly agent?: string | undefined } }): string => key.agent ?? '';

const timeLabel = ({ zone }: Overview): string => `time (${zone.label})`;

/** Steps of which nothing is known any more, and a last one that is not over. */
const timeNotes = ({ throughput, now, zone }: Overview): string[] => {
  const { kept_from: keptFrom, to, step } = throughput;
  const isOpen = Date.parse(to) > Date.parse(now.at);
  return [
    ...(keptFrom === null ? [] : [`Nothing is kept of the time before ${timeText(Date.parse(keptFrom), zone)}`]),
    ...(isOpen ? [`The last ${stepText(step)} is not over`] : []),
  ];
};

type Row = readonly Json[];

/** Completed tasks by agent over each other; those with the least are one area. */
export const throughputChart = (overview: Overview): OverviewChart | undefined => {
  const { series, step } = overview.throughput;
  const times = timesOf(overview);
  const sorted = series
    .filter(({ total }) => (total.completed ?? 0) > 0)
    .toSorted((a, b) => (b.total.completed ?? 0) - (a.total.completed ?? 0));
  if (sorted.length === 0) return undefined;
  const named = sorted.slice(0, sorted.length > maxNamed ? maxNamed - 1 : maxNamed);
  const others = sorted.slice(named.length);
  const rowsOf = (name: string, valueOf: (at: number) => number | null): Row[] =>
    times.flatMap((time, at) => (valueOf(at) === null ? [] : [[time, name, valueOf(at)]]));
  const rows = [
    ...named.flatMap((one) => rowsOf(agentOf(one), (at) => one.values.completed[at] ?? null)),
    ...(others.length === 0
      ? []
      : rowsOf(`${count(others.length)} others`, (at) =>
          others[0]?.values.completed[at] === null
            ? null
            : others.reduce((sum, { values }) => sum + (values.completed[at] ?? 0), 0),
        )),
  ];
  return {
    file: 'throughput.png',
    chart: Chart.parse({
      ...{ kind: 'area', x: 'time', y: 'tasks', series: 'agent', ...size },
      x_label: timeLabel(overview),
      y_label: `tasks per ${stepText(step)}`,
      title: `Completed tasks per ${stepText(step)}, by agent`,
    }),
    table: { columns: columnsOf('agent', 'tasks'), rows },
    notes: timeNotes(overview),
  };
};

const columnsOf = (name: string, value: string): Table['columns'] => [
  { name: 'time', type: 'TIMESTAMP' },
  { name, type: 'VARCHAR' },
  { name: value, type: 'DOUBLE' },
];

/** What durations of this size are drawn in. */
const unitFor = (largestMs: number): { readonly ms: number; readonly word: string } => {
  if (largestMs >= 600_000) return { ms: 60_000, word: 'min' };
  return largestMs >= 2_000 ? { ms: 1_000, word: 's' } : { ms: 1, word: 'ms' };
};

/** The P95 of run times by agent; a step in which nothing completed has none. */
export const latencyChart = (overview: Overview): OverviewChart | undefined => {
  const { series, step } = overview.latency;
  const measured = series.filter(({ values }) => values.run_p95_ms.some((value) => value !== null));
  if (measured.length === 0) return undefined;
  const named = measured.slice(0, maxNamed);
  const largest = Math.max(...named.flatMap(({ values }) => values.run_p95_ms.map((value) => value ?? 0)));
  const unit = unitFor(largest);
  const times = timesOf(overview);
  const rows = named.flatMap((one) =>
    times.map((time, at): Row => {
      const ms = one.values.run_p95_ms[at] ?? null;
      return [time, agentOf(one), ms === null ? null : ms / unit.ms];
    }),
  );
  const left = measured.length - named.length;
  return {
    file: 'latency.png',
    chart: Chart.parse({
      ...{ kind: 'line', x: 'time', y: 'p95', series: 'agent', ...size },
      x_label: timeLabel(overview),
      y_label: `P95, ${unit.word}`,
      title: `P95 of the run time per ${stepText(step)}, by agent`,
    }),
    table: { columns: columnsOf('agent', 'p95'), rows },
    notes: [
      'A gap: nothing completed',
      ...timeNotes(overview),
      ...(left === 0 ? [] : [`The ${maxNamed} agents with the most tasks; ${count(left)} more are in the tables`]),
    ],
  };
};

/** What share of the tasks that ended failed, by agent and step; where nothing ended, the cell is blank. */
export const errorChart = (overview: Overview): OverviewChart | undefined => {
  const { step, series } = overview.throughput;
  const ended = series.filter(({ total }) => (total.completed ?? 0) + (total.failed ?? 0) > 0);
  if (ended.length === 0) return undefined;
  const named = ended.slice(0, maxMapped);
  const times = timesOf(overview);
  const rows = named.flatMap((one) =>
    times.map((time, at): Row => {
      const rate = errorRate(one.values.completed[at] ?? null, one.values.failed[at] ?? null);
      return [time, agentOf(one), rate === null ? null : rate * 100];
    }),
  );
  const left = ended.length - named.length;
  return {
    file: 'errors.png',
    chart: Chart.parse({
      ...{ kind: 'heatmap', x: 'time', y: 'agent', value: 'rate', width: size.width },
      ...{ min: 0, max: 10, x_label: timeLabel(overview), y_label: '' },
      value_label: 'failed of those that completed or failed, %',
      title: `Error rate per ${stepText(step)}, by agent`,
    }),
    table: { columns: columnsOf('agent', 'rate'), rows },
    notes: [
      'Blank: nothing ended',
      ...timeNotes(overview),
      ...(left === 0 ? [] : [`The ${maxMapped} agents with the most tasks; ${count(left)} more are in the tables`]),
    ],
  };
};

/** Tasks that had not ended at the end of each step. */
export const depthChart = (overview: Overview): OverviewChart | undefined => {
  const { depth, zone, now, agents } = overview;
  const open = depth.series[0]?.values.open ?? [];
  if (open.every((value) => value === null || value === 0)) return undefined;
  const ends = depth.times.map((s) => Math.min((s + depth.step_s) * 1_000, Date.parse(now.at)));
  const rows = open.flatMap((value, at): Row[] =>
    value === null ? [] : [[onClock(ends[at] ?? 0, zone), 'open', value]],
  );
  return {
    file: 'depth.png',
    chart: Chart.parse({
      ...{ kind: 'area', x: 'time', y: 'open', ...size },
      x_label: timeLabel(overview),
      y_label: 'open tasks',
      title: `Tasks that had not ended, at the end of each ${stepText(depth.step)}`,
    }),
    table: {
      columns: columnsOf('state', 'open'),
      rows,
    },
    notes: [
      ...timeNotes(overview).slice(0, depth.kept_from === null ? 0 : 1),
      ...(agents === undefined ? [] : ['Of all agents: back-ups take tasks over, so there is no history by agent']),
    ],
  };
};
