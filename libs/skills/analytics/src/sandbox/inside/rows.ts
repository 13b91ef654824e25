import {
  VARCHAR,
  type DuckDBDataChunk,
  type DuckDBResult,
  type DuckDBType,
  type DuckDBValue,
  type Json,
} from '@duckdb/node-api';

import type { Rows } from '../job.js';
import { jsonValue } from './json-value.js';

/** A result beyond this is cut, however many rows were asked for: four times what a payload may hold. */
const keepBytes = 4 * 1_048_576;
/** How long rows beyond the kept ones are counted, in milliseconds. */
const countMs = 1_000;

class Kept {
  readonly rows: Json[][] = [];
  full = false;
  private readonly types: readonly DuckDBType[];
  private readonly limit: number;
  private bytes = 0;

  // The types of the result: those of a chunk have forgotten which VARCHAR is JSON.
  constructor(types: readonly DuckDBType[], limit: number) {
    this.types = types;
    this.limit = limit;
  }

  take(chunk: DuckDBDataChunk): void {
    for (let index = 0; index < chunk.rowCount && !this.full; index += 1) {
      this.keep(chunk.getRowValues(index).map((value, column) => this.convert(value, column)));
    }
  }

  private convert(value: DuckDBValue, column: number): Json {
    return jsonValue(value, this.types[column] ?? VARCHAR, jsonValue);
  }

  private keep(row: Json[]): void {
    this.bytes += Buffer.byteLength(JSON.stringify(row));
    if (this.bytes <= keepBytes) this.rows.push(row);
    this.full = this.bytes > keepBytes || this.rows.length >= this.limit;
  }
}

/** Reads the first rows of a streamed result and counts the others, without ever holding more than a chunk of them. */
export const readRows = async (result: DuckDBResult, limit: number): Promise<Pick<Rows, 'rows' | 'rowCount'>> => {
  const kept = new Kept(result.columnTypes(), limit);
  let count = 0;
  let countUntil = Infinity;
  for await (const chunk of result) {
    kept.take(chunk);
    count += chunk.rowCount;
    if (kept.full) countUntil = Math.min(countUntil, performance.now() + countMs);
    if (performance.now() > countUntil) return { rows: kept.rows, rowCount: null };
  }
  return { rows: kept.rows, rowCount: count };
};
