// Datasets for tests: CSV texts as the Parquet files that the platform keeps.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { GivenData } from '@pulser/agent-runtime/testing';
import { sharedSandboxes } from '@pulser/data-sandbox';

export class TestDatasets {
  private readonly folder = mkdtempSync(join(tmpdir(), 'datasets-'));
  /** By reference, as `runOperation` takes them. */
  readonly data: Record<string, GivenData> = {};

  async add(name: string, csv: string): Promise<void> {
    const [source, path] = [join(this.folder, `${name}.csv`), join(this.folder, `${name}.parquet`)];
    writeFileSync(source, csv);
    const { results } = await sharedSandboxes.work(
      {
        sources: [{ name: 'file', path: source, borrowed: true, format: 'csv' }],
        statements: [{ sql: 'FROM file', keepRows: 1, into: { path, format: 'parquet' } }],
      },
      AbortSignal.timeout(100_000),
    );
    const [kept] = results;
    this.data[`dataset:${name}`] = { path, columns: kept?.columns ?? [], rows: kept?.rowCount ?? 0 };
  }

  remove(): void {
    sharedSandboxes.close();
    rmSync(this.folder, { recursive: true });
  }
}
