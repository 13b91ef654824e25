// The messages between a worker and its sandbox processes. Loaded on both sides: npm packages and relative files only.
import type { Json } from '@duckdb/node-api';
import type { Chart } from '@pulser/charts';
import type { Column } from '@pulser/charts/table';
import type { ReadReport } from '@pulser/tabular';

import type { StagedSource } from '../../sources/sources.js';

/** An order to a sandbox: one statement of a user. */
export interface Job {
  readonly sources: readonly StagedSource[];
  readonly sql: string;
  /** Maximum number of rows to return; the others are only counted. */
  readonly keepRows: number;
  /** Checked against the columns before the statement runs. */
  readonly chart: Chart | undefined;
  readonly bounds?: Bounds;
}

/** An order to a sandbox: several statements over the same tables, in order, or one whose rows become a file. */
export interface Work {
  readonly sources: readonly StagedSource[];
  readonly statements: readonly Statement[];
  /**
   * The statements are a skill's own and hold no SQL of a user, so that Parquet files are read where they are, and what
   * returns no rows is allowed.
   */
  readonly trusted?: boolean;
  readonly bounds?: Bounds;
  /** A new file for the refused rows of all sources, as NDJSON of `{ source, line, reason }`. */
  readonly refusedInto?: string;
}

export interface Statement {
  readonly sql: string;
  /** Maximum number of rows to return; of rows that become a file as many are read back from it. */
  readonly keepRows: number;
  readonly chart?: Chart | undefined;
  /** Where the rows go. */
  readonly into?: Target | undefined;
}

/** A file to be made, in a private folder. */
export interface Target {
  readonly path: string;
  readonly format: 'parquet' | 'csv' | 'ndjson';
}

/** What a job may take; without, what a query may. */
export interface Bounds {
  /** Resident memory at which its process is ended, in bytes. */
  readonly memoryBytes: number;
  /** Of that what DuckDB's buffers may hold, in bytes. */
  readonly bufferBytes: number;
  /** A private folder for what has no room in the buffers, and bytes in it at most; without, the job fails then. */
  readonly spill?: { readonly folder: string; readonly maxBytes: number };
  /** 1 without. */
  readonly threads?: number;
  /** What a compressed source may become, in bytes; 256 MiB without. */
  readonly unpackedBytes?: number;
  /**
   * From how many bytes on a CSV file is read in passes, when there is a folder to spill to (8 MiB without), and by how
   * many bytes of its beginning its dialect is found (1 MiB without).
   */
  readonly passes?: { readonly fromBytes: number; readonly beginningBytes: number };
}

/** The rows of one statement. Of rows that became a file: its columns, its first rows, and how many it has. */
export interface StatementRows {
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Json[])[];
  /** Null when counting took too long. */
  readonly rowCount: number | null;
  readonly elapsedMs: number;
}

export interface Rows extends StatementRows {
  /** How each source was read. */
  readonly sources: readonly ReadReport[];
}

export interface WorkDone {
  readonly results: readonly StatementRows[];
  readonly sources: readonly ReadReport[];
  /** Highest resident memory of the process so far, in bytes. */
  readonly peakBytes: number;
}

/** A fault of the payload, in the shape of a TaskError. */
export interface Failure {
  readonly code: 'query_failed' | 'source_unreadable' | 'resource_limit' | 'result_too_large' | 'invalid_payload';
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** The message of a `resource_limit`. */
export const tooMuchMemory = (what: string): string => `${what} needs more memory than a task may use`;

/** The answer of a sandbox. */
export type Answer =
  | { readonly kind: 'rows'; readonly rows: Rows; readonly rssBytes: number }
  | { readonly kind: 'done'; readonly done: WorkDone; readonly rssBytes: number }
  | { readonly kind: 'refused'; readonly failure: Failure; readonly rssBytes: number }
  | { readonly kind: 'broken'; readonly message: string; readonly rssBytes: number };
