// Runs operations after each other, so that what one keeps the next one opens.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { type GivenData, type OperationRun, runOperation } from '@pulser/agent-runtime/testing';

import { dataPipeline } from '../src/index.js';

const publicFolder = join(dirname(createRequire(import.meta.url).resolve('vega-datasets')), '../data');

/** A file of the package vega-datasets. */
export const publicFile = (name: string): Buffer => readFileSync(join(publicFolder, name));

/** What one tenant has: its datasets, uploads and files of tasks. */
export class Pipeline {
  readonly data: Record<string, GivenData> = {};
  /** Origins on this machine that the operator has opened. */
  readonly reachable: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'pulser-pipeline-test-'));

  /** Runs an operation; the datasets that it keeps can be opened afterwards. */
  async run(payload: Readonly<Record<string, unknown>>): Promise<OperationRun> {
    const run = await runOperation(dataPipeline, payload, {
      data: this.data,
      artifactMaxBytes: 1e9,
      ...(this.reachable.length > 0 && { outgoing: { origins: this.reachable } }),
    });
    for (const { name, version, rows, columns, content } of run.datasets.values()) {
      this.data[`dataset:${name}@${version}`] = {
        path: this.file(`${name}@${version}.parquet`, content),
        rows,
        columns,
      };
    }
    return run;
  }

  /** Something that can be opened as `reference`. */
  give(reference: string, content: string | Uint8Array): void {
    this.data[reference] = { path: this.file(reference.replaceAll(/[^\w.]/g, '_'), content) };
  }

  file(name: string, content: string | Uint8Array): string {
    const path = join(this.folder, name);
    writeFileSync(path, content);
    return path;
  }

  /** Ingests a text. */
  ingest(dataset: string, content: string, options: Readonly<Record<string, unknown>> = {}): Promise<OperationRun> {
    return this.run({ operation: 'ingest', dataset, source: { content, ...options } });
  }

  /** The rows of a dataset, by a way of its own: as the export writes them. */
  async rowsOf(dataset: string): Promise<Record<string, unknown>[]> {
    const { artifacts } = await this.run({ operation: 'export', dataset, format: 'ndjson' });
    const [file] = artifacts.values();
    const text = file?.content.toString().trim() ?? '';
    return text === '' ? [] : text.split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  }

  close(): void {
    rmSync(this.folder, { recursive: true });
  }
}
