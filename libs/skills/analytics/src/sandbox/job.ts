import type { Json } from '@duckdb/node-api';
import type { TaskErrorCode } from '@pulser/contracts';

import type { Chart } from '../chart/chart-input.js';
import type { Column } from '../chart/table.policy.js';
import type { CsvDialect } from '../sources/csv-dialect.policy.js';

/** A source in a file of its own. */
export type StagedSource = { readonly name: string; readonly path: string } & (
  { readonly format: 'csv'; readonly dialect: CsvDialect } | { readonly format: 'json' | 'ndjson' }
);

/** What a sandbox is asked to do. */
export interface Job {
  readonly sources: readonly StagedSource[];
  readonly sql: string;
  /** Rows to bring back; the others are only counted. */
  readonly keepRows: number;
  /** Checked against the columns before the statement runs. */
  readonly chart: Chart | undefined;
}

export interface Rows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Json[])[];
  /** Null when the count was given up. */
  readonly rowCount: number | null;
  readonly elapsedMs: number;
}

/** A fault of the payload, in the words of a TaskError. */
export interface Failure {
  readonly code: TaskErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The message of a `resource_limit`. */
export const tooMuchMemory = (what: string): string => `${what} needs more memory than a task may use`;

/** What a sandbox answers to a job. */
export type Answer =
  | { readonly kind: 'rows'; readonly rows: Rows; readonly rssBytes: number }
  | { readonly kind: 'refused'; readonly failure: Failure; readonly rssBytes: number }
  | { readonly kind: 'broken'; readonly message: string; readonly rssBytes: number };
