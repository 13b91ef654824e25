// Answers of telemetry as tables: a row for every bucket of every series.
import type { AgentHealth, SeriesKey, TelemetryDimension, TelemetryHealth } from '@pulser/contracts';

import { acceptedFormat, csvField } from '../rest/list-export.policy.js';

/** Whether a client wants a table: the parameter `format` decides, else the header Accept. */
export const wantsCsv = (format: 'json' | 'csv' | undefined, accept: string | undefined): boolean =>
  (format ?? acceptedFormat(accept)) === 'csv';

const csvOf = (head: readonly string[], rows: readonly (readonly unknown[])[]): string =>
  [head, ...rows].map((row) => `${row.map(csvField).join(',')}\r\n`).join('');

interface Timeline {
  readonly step_s: number;
  readonly complete_until: string;
  readonly group_by: readonly TelemetryDimension[];
  readonly columns: readonly { readonly name: string }[];
  readonly times: readonly number[];
  readonly series: readonly {
    readonly key: SeriesKey;
    readonly values: Readonly<Record<string, readonly (number | null)[]>>;
  }[];
}

/** `complete` says whether the bucket does not change any more; a cell is empty where nothing is known. */
export const timelineCsv = ({ step_s, complete_until, group_by, columns, times, series }: Timeline): string => {
  const names = columns.map(({ name }) => name);
  const completeS = Date.parse(complete_until) / 1_000;
  const rows = series.flatMap(({ key, values }) =>
    times.map((time, n) => [
      new Date(time * 1_000).toISOString(),
      ...group_by.map((dimension) => key[dimension] ?? ''),
      ...names.map((name) => values[name]?.[n] ?? null),
      time + step_s <= completeS,
    ]),
  );
  return csvOf(['at', ...group_by, ...names, 'complete'], rows);
};

const healthColumns = [
  ...(['agent', 'state', 'reason', 'last_seen', 'open', 'completed', 'failed', 'error_rate'] as const),
  ...(['wait_p95_ms', 'run_p95_ms'] as const),
] satisfies (keyof AgentHealth)[];

export const healthCsv = ({ agents }: TelemetryHealth): string =>
  csvOf(
    healthColumns,
    agents.map((agent) => healthColumns.map((column) => agent[column])),
  );
