// Data for operations in tests: files that the test names, and what the operation keeps.
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import {
  datasetName,
  datasetReference,
  keptPreview,
  parquetMediaType,
  parseReference,
  TaskError,
} from '@pulser/contracts';

import type { DataCalls } from '../context/data-host.js';
import type { DatasetFacts } from '../skills/task-context.js';

/** A file that an operation may open. */
export interface GivenData {
  readonly path: string;
  /** `application/octet-stream` without, for what is no dataset. */
  readonly mediaType?: string;
  /** Of a dataset; none without. */
  readonly columns?: DatasetFacts['columns'];
  /** Of a dataset; 0 without. */
  readonly rows?: number;
}

/** A version that an operation kept. */
export interface KeptDataset extends DatasetFacts {
  readonly rejected: number;
  readonly preview: readonly (readonly unknown[])[];
  readonly report: unknown;
  /** Its Parquet file. */
  readonly content: Buffer;
}

type Artifacts = Map<string, { mediaType: string; content: Buffer }>;

/** When every dataset of a test was made. */
const createdAt = '2026-01-01T00:00:00.000Z';

const notFound = (reference: string): TaskError =>
  new TaskError('data_not_found', `There is no ${reference}`, { details: { reference } });

/** Opens what the test gives, and keeps what the operation makes. */
export class RecordedData {
  readonly datasets = new Map<string, KeptDataset>();
  readonly opened: string[] = [];
  readonly calls: DataCalls = {
    openData: async (asked) => {
      const { reference, given, facts } = this.find(asked);
      this.opened.push(reference);
      const content = await readFile(given.path);
      const mediaType = facts === undefined ? (given.mediaType ?? 'application/octet-stream') : parquetMediaType;
      const sha256 = createHash('sha256').update(content).digest('hex');
      const file = { reference, mediaType, bytes: content.length, sha256, path: given.path };
      return facts === undefined ? file : { ...file, dataset: facts };
    },
    describeDataset: (asked) =>
      Promise.resolve().then(() => {
        const { facts } = this.find(asked);
        if (facts === undefined) throw notFound(asked);
        return facts;
      }),
    keepDataset: async (name, { path, rows, rejected, columns, preview, report = null }) => {
      const content = await readFile(path);
      if (!datasetName.test(name) || content.toString('latin1', 0, 4) !== 'PAR1')
        throw new TaskError('handler_failed', `${name} is no name of a dataset, or its file no Parquet file`, {
          permanent: true,
        });
      const version = 1 + Math.max(0, ...this.versionsOf(name));
      const facts = { name, version, rows, columns, createdAt };
      const kept = this.datasets.get(name) ?? { ...facts, rejected, preview: keptPreview(preview), report, content };
      this.datasets.set(name, kept);
      const sha256 = createHash('sha256').update(kept.content).digest('hex');
      return { ...facts, reference: datasetReference(name, kept.version), sha256, bytes: kept.content.length };
    },
    keepFile: async (name, mediaType, path) => {
      this.artifacts.set(name, { mediaType, content: await readFile(path) });
    },
  };

  constructor(
    private readonly data: Readonly<Record<string, GivenData>>,
    private readonly artifacts: Artifacts,
  ) {}

  private find(asked: string): { reference: string; given: GivenData; facts?: DatasetFacts } {
    const parsed = parseReference(asked);
    if (parsed === undefined) throw notFound(asked);
    if (parsed.kind !== 'dataset') {
      const given = this.data[asked];
      if (given === undefined) throw notFound(asked);
      return { reference: asked, given };
    }
    const { name } = parsed;
    const version = parsed.version ?? Math.max(...this.versionsOf(name));
    const reference = datasetReference(name, version);
    const given = this.data[reference] ?? (version === 1 ? this.data[`dataset:${name}`] : undefined);
    if (given === undefined) throw notFound(asked);
    const { columns = [], rows = 0 } = given;
    return { reference, given, facts: { name, version, rows, columns, createdAt } };
  }

  private versionsOf(name: string): number[] {
    return Object.keys(this.data).flatMap((reference) => {
      const parsed = parseReference(reference);
      return parsed?.kind === 'dataset' && parsed.name === name ? [parsed.version ?? 1] : [];
    });
  }
}
