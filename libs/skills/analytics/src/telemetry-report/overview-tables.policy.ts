// The figures of an overview as tables.
import type { TelemetryLatency, TelemetryThroughput } from '@pulser/contracts';

import type { DocumentTable } from '../print/document.js';
import { count, duration, errorRate, percent, unknown } from './figures.policy.js';
import { type Overview, totalsOf } from './overview.js';

/** Rows of a table; those beyond are added up. */
const maxRows = 20;

type Counts = TelemetryThroughput['series'][number];
type Durations = TelemetryLatency['series'][number]['total'];

const numeric = (name: string) => ({ name, isNumeric: true });
const text = (name: string) => ({ name, isNumeric: false });

const figureColumns = [
  ...['submitted', 'completed', 'failed', 'error rate'].map(numeric),
  ...['wait P50', 'wait P95', 'wait P99', 'run P50', 'run P95', 'run P99'].map(numeric),
];

const countCells = ({ submitted, completed, failed }: Pick<Counts['total'], 'submitted' | 'completed' | 'failed'>) => [
  ...[submitted, completed, failed].map(count),
  percent(errorRate(completed, failed)),
];

const durationCells = (total: Durations | undefined): string[] =>
  total === undefined
    ? Array.from({ length: 6 }, () => unknown)
    : [
        ...[total.wait_p50_ms, total.wait_p95_ms, total.wait_p99_ms].map(duration),
        ...[total.run_p50_ms, total.run_p95_ms, total.run_p99_ms].map(duration),
      ];

const sameKey = (one: Counts['key'], other: Counts['key']): boolean =>
  one.agent === other.agent && one.operation === other.operation;

/** A table with what must be known of it. */
export interface TableWithNotes {
  readonly table: DocumentTable;
  readonly notes: readonly string[];
}

const sums = (rows: readonly Counts[]) => {
  const sum = (name: 'submitted' | 'completed' | 'failed'): number =>
    rows.reduce((total, row) => total + (row.total[name] ?? 0), 0);
  return { submitted: sum('submitted'), completed: sum('completed'), failed: sum('failed') };
};

const rowsOf = (
  { throughput, latency }: Overview['operations'],
  names: (key: Counts['key']) => readonly string[],
  what: string,
): { rows: (readonly string[])[]; notes: string[] } => {
  const named = throughput.series.slice(0, maxRows);
  const others = throughput.series.slice(maxRows);
  const rows = named.map(({ key, total }) => [
    ...names(key),
    ...countCells(total),
    ...durationCells(latency.series.find((one) => sameKey(one.key, key))?.total),
  ]);
  const rest = [
    `${count(others.length)} more`,
    ...names({})
      .slice(1)
      .map(() => ''),
  ];
  const notes = [
    ...(others.length === 0
      ? []
      : [`The ${maxRows} ${what} with the most tasks; the last row adds up the others, whose quantiles are not known`]),
    ...(throughput.left_out === 0
      ? []
      : [`${count(throughput.left_out)} more ${what} with fewer tasks are in neither this table nor its sums`]),
  ];
  return {
    rows: others.length === 0 ? rows : [...rows, [...rest, ...countCells(sums(others)), ...durationCells(undefined)]],
    notes,
  };
};

/** By agent, with a row of all. */
export const agentTable = (overview: Overview): TableWithNotes => {
  const { rows, notes } = rowsOf(overview, ({ agent = '' }) => [agent], 'agents');
  const all = ['all', ...countCells(totalsOf(overview)), ...durationCells(overview.all?.series[0]?.total)];
  return {
    table: { kind: 'table', columns: [text('agent'), ...figureColumns], rows: [...rows, all] },
    notes: [
      ...notes,
      ...(overview.all === undefined ? ['Quantiles of several agents out of many are not added up'] : []),
    ],
  };
};

/** By agent and operation. */
export const operationTable = ({ operations }: Overview): TableWithNotes => {
  const names = ({ agent = '', operation = '' }: Counts['key']) => [agent, operation === '' ? '(none)' : operation];
  const { rows, notes } = rowsOf(operations, names, 'operations');
  const hasUnnamed = operations.throughput.series.slice(0, maxRows).some(({ key }) => key.operation === '');
  return {
    table: { kind: 'table', columns: [text('agent'), text('operation'), ...figureColumns], rows },
    notes: [...notes, ...(hasUnnamed ? ['(none): the payload names no operation'] : [])],
  };
};

/** Tasks that have not ended, by agent, type and state. */
export const openTable = ({ depth }: Overview): TableWithNotes => {
  const groups = Map.groupBy(depth.now, ({ agent, task_type: type, status }) => JSON.stringify([agent, type, status]));
  const sorted = [...groups.values()]
    .map((rows) => ({ ...rows[0], tasks: rows.reduce((sum, { tasks }) => sum + tasks, 0) }))
    .toSorted((a, b) => b.tasks - a.tasks);
  const others = sorted.slice(maxRows);
  const rows = sorted
    .slice(0, maxRows)
    .map(({ agent = '', task_type: type = '', status = '', tasks }) => [agent, type, status, count(tasks)]);
  const rest = [`${count(others.length)} more`, '', '', count(others.reduce((sum, { tasks }) => sum + tasks, 0))];
  return {
    table: {
      kind: 'table',
      columns: [text('agent'), text('task type'), text('state'), numeric('open now')],
      rows: others.length === 0 ? rows : [...rows, rest],
    },
    notes: [],
  };
};

const trend = (recent: number, earlier: number): string => {
  if (recent === earlier) return recent === 0 ? 'none new' : 'as many';
  return recent > earlier ? 'growing' : 'fewer';
};

/** Dead letters by reason, those that grow first. */
export const letterTable = ({ letters }: Overview): TableWithNotes => {
  const sorted = letters.reasons.toSorted(
    (a, b) => Number(b.recent > b.earlier) - Number(a.recent > a.earlier) || b.recent - a.recent || b.open - a.open,
  );
  const others = sorted.slice(maxRows);
  const sum = (which: 'open' | 'recent' | 'earlier'): string =>
    count(others.reduce((total, row) => total + row[which], 0));
  const rows = sorted
    .slice(0, maxRows)
    .map(({ reason, agent, open, recent, earlier }) => [
      ...[reason, agent ?? unknown, trend(recent, earlier), count(recent), count(earlier), count(open)],
    ]);
  const rest = [`${count(others.length)} more`, '', '', sum('recent'), sum('earlier'), sum('open')];
  return {
    table: {
      kind: 'table',
      columns: [
        ...[text('reason'), text('agent'), text('trend')],
        ...[numeric('new in this time'), numeric('new in the time before'), numeric('open now')],
      ],
      rows: others.length === 0 ? rows : [...rows, rest],
    },
    notes: letters.isComplete
      ? []
      : ['More dead letters came than are read (5,000 of each time, the newest): there were at least so many new ones'],
  };
};
