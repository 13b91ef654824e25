// The messages between a worker and its sandbox processes. Loaded on both sides: npm packages and relative files only.
import type { Json } from '@duckdb/node-api';
import type { ReadReport } from '@pulser/tabular';

import type { Chart } from '../../chart/chart-input.js';
import type { Column } from '../../chart/table.policy.js';
import type { StagedSource } from '../../sources/sources.js';

/** An order to a sandbox. */
export interface Job {
  readonly sources: readonly StagedSource[];
  readonly sql: string;
  /** Maximum number of rows to return; the others are only counted. */
  readonly keepRows: number;
  /** Checked against the columns before the statement runs. */
  readonly chart: Chart | undefined;
}

export interface Rows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Json[])[];
  /** Null when counting took too long. */
  readonly rowCount: number | null;
  readonly elapsedMs: number;
  /** How each source was read. */
  readonly sources: readonly ReadReport[];
}

/** A fault of the payload, in the shape of a TaskError. */
export interface Failure {
  readonly code: 'query_failed' | 'source_unreadable' | 'resource_limit' | 'invalid_payload';
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The message of a `resource_limit`. */
export const tooMuchMemory = (what: string): string => `${what} needs more memory than a task may use`;

/** The answer of a sandbox. */
export type Answer =
  | { readonly kind: 'rows'; readonly rows: Rows; readonly rssBytes: number }
  | { readonly kind: 'refused'; readonly failure: Failure; readonly rssBytes: number }
  | { readonly kind: 'broken'; readonly message: string; readonly rssBytes: number };
