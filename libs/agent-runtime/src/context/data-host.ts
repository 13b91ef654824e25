// What a handler may do with data: open, describe and keep datasets, keep files. The worker's side of it.
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, link, open, readFile, stat, writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { Injectable } from '@nestjs/common';
import {
  Artifacts,
  type Content,
  ContentDamaged,
  ContentQuotaExceeded,
  Contents,
  ContentUnavailable,
  Data,
  Datasets,
  type DatasetVersion,
  type FoundData,
} from '@pulser/context-bus';
import { datasetName, datasetReference, keptPreview, keptText, parseReference, TaskError } from '@pulser/contracts';

import { AgentEnv } from '../agent/agent.env.js';
import { DataMeter } from '../reporting/data-meter.js';
import { checkArtifact } from '../skills/payload-and-result.js';
import type { DataFile, DatasetDraft, DatasetFacts, TaskContext } from '../skills/task-context.js';
import { type Attempt, LeaseLost } from './attempt.js';
import { LocalFiles } from './local-files.js';

/** The functions of a context that are about data. */
export type DataCalls = Pick<TaskContext, 'openData' | 'describeDataset' | 'keepDataset' | 'keepFile'>;

type Kept = Awaited<ReturnType<TaskContext['keepDataset']>>;

/** One attempt's access to data. */
export interface OpenData {
  readonly calls: DataCalls;
  /** The files that it opened go. */
  readonly release: () => Promise<void>;
}

const megabyte = 1_048_576;

/** Artifacts up to this size are kept in their row. */
const inlineBytes = megabyte;

const notFound = (reference: string): TaskError =>
  new TaskError('data_not_found', `There is no ${keptText(reference, 200)}`, {
    details: { reference: keptText(reference, 400) },
  });

const refusedName = (name: string): TaskError =>
  new TaskError(
    'handler_failed',
    'The name of a dataset has small letters, digits, "_", "-" and ".", from 1 to 100, the first a letter or a digit',
    { permanent: true, details: { name: keptText(name, 200) } },
  );

const noParquet = (path: string): TaskError =>
  new TaskError('handler_failed', `The file to be kept as a dataset is no Parquet file: ${path}`, { permanent: true });

const factsOf = ({ name, version, rows, columns, createdAt }: DatasetVersion): DatasetFacts => ({
  name,
  version,
  rows,
  columns,
  createdAt: createdAt.toISOString(),
});

const keptOf = (version: DatasetVersion): Kept => ({
  ...factsOf(version),
  reference: datasetReference(version.name, version.version),
  sha256: version.sha256.toString('hex'),
  bytes: version.bytes,
});

/** Errors of the stores as those of an attempt. */
const translated = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (error instanceof ContentUnavailable) throw new TaskError(error.code, error.message, { cause: error });
    if (error instanceof ContentDamaged) throw new TaskError('data_damaged', error.message, { cause: error });
    if (error instanceof ContentQuotaExceeded) {
      const { quota, used } = error;
      const facts = { details: { quota_bytes: quota, used_bytes: used }, cause: error };
      throw new TaskError('dataset_quota_exceeded', error.message, facts);
    }
    throw error;
  }
};

const magic = Buffer.from('PAR1');

/** https://parquet.apache.org/docs/file-format: the file begins and ends with these four bytes. */
const isParquet = async (path: string): Promise<boolean> => {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size < 3 * magic.length) return false;
    const ends = Buffer.alloc(2 * magic.length);
    await file.read(ends, 0, magic.length, 0);
    await file.read(ends, magic.length, magic.length, size - magic.length);
    return ends.equals(Buffer.concat([magic, magic]));
  } finally {
    await file.close();
  }
};

/** Does what handlers ask of data. Every write carries the claim of its attempt. */
@Injectable()
export class DataHost {
  constructor(
    private readonly data: Data,
    private readonly datasets: Datasets,
    private readonly contents: Contents,
    private readonly artifacts: Artifacts,
    private readonly files: LocalFiles,
    private readonly meter: DataMeter,
    private readonly env: AgentEnv,
  ) {}

  open(attempt: Attempt): OpenData {
    const held = new HeldFiles(this.files);
    return {
      calls: {
        openData: (reference) => translated(() => this.openData(attempt, held, reference)),
        describeDataset: (reference) => translated(() => this.describe(attempt, reference)),
        keepDataset: (name, draft) => translated(() => this.keepDataset(attempt, name, draft)),
        keepFile: (name, mediaType, path) => translated(() => this.keepFile(attempt, { name, mediaType, path })),
      },
      release: () => held.release(),
    };
  }

  private async openData(attempt: Attempt, held: HeldFiles, asked: string): Promise<DataFile> {
    const claim = await attempt.claimed();
    const found = await this.data.findFor(claim.tenantId, claim.taskId, asked);
    if (found === undefined) throw notFound(asked);
    if (!(await this.data.recordUse(claim, asked, found))) throw attempt.lose();
    const sha256 = found.sha256.toString('hex');
    const path = await held.hold(sha256, (place) => this.fetch(found, place));
    const { reference, mediaType, bytes, dataset } = found;
    this.meter.opened(bytes);
    return { reference, mediaType, bytes, sha256, path, ...(dataset !== undefined && { dataset: factsOf(dataset) }) };
  }

  private async describe({ tenantId }: Attempt, reference: string): Promise<DatasetFacts> {
    const parsed = parseReference(reference);
    if (parsed?.kind !== 'dataset') throw notFound(reference);
    const version = await this.datasets.find(tenantId, parsed.name, parsed.version);
    if (version === undefined) throw notFound(reference);
    return factsOf(version);
  }

  private async keepDataset(attempt: Attempt, name: string, draft: DatasetDraft): Promise<Kept> {
    if (!datasetName.test(name)) throw refusedName(name);
    const claim = await attempt.claimed();
    const { tenantId, taskId } = claim;
    const made = await this.datasets.madeBy(tenantId, name, taskId);
    if (made !== undefined) {
      this.meter.version('known');
      return keptOf(made);
    }
    if (!(await isParquet(draft.path))) throw noParquet(draft.path);
    const content = await this.keepContent(attempt, draft.path).catch((error: unknown) => {
      this.meter.version('refused');
      throw error;
    });
    const { rows, rejected, columns, report } = draft;
    const preview = keptPreview(draft.preview);
    const version = { name, contentId: content.contentId, rows, rejected, columns, preview, report };
    const kept = await this.datasets.keep(claim, version);
    if (kept !== undefined) {
      this.meter.version('kept');
      return keptOf(kept);
    }
    // Another call of this attempt was faster, or the task is another worker's.
    await this.contents.remove(content);
    const other = await this.datasets.madeBy(tenantId, name, taskId);
    if (other === undefined) throw attempt.lose();
    return keptOf(other);
  }

  private async keepFile(
    attempt: Attempt,
    { name, mediaType, path }: { name: string; mediaType: string; path: string },
  ): Promise<void> {
    const { size } = await stat(path);
    checkArtifact(name, mediaType, new Uint8Array(), this.env.ARTIFACT_MAX_BYTES);
    const claim = await attempt.claimed();
    if (size <= Math.min(inlineBytes, this.env.ARTIFACT_MAX_BYTES)) {
      await this.artifacts.put(claim, { name, mediaType, content: await readFile(path) });
      return;
    }
    const content = await this.keepContent(attempt, path);
    const { contentId, bytes } = content;
    if (await this.artifacts.putLarge(claim, { name, mediaType, contentId, bytes })) return;
    await this.contents.remove(content);
    throw attempt.lose();
  }

  private async keepContent({ tenantId, signal }: Attempt, path: string): Promise<Content> {
    const source = createReadStream(path, { highWaterMark: megabyte, signal }) as AsyncIterable<Buffer>;
    const limits = { maxBytes: Infinity, usualQuota: this.env.CONTENT_QUOTA_BYTES };
    const content = await this.contents.write(tenantId, source, limits);
    this.meter.kept(content.bytes);
    return content;
  }

  private async fetch({ content }: FoundData, path: string): Promise<void> {
    if (Buffer.isBuffer(content)) {
      await writeFile(path, content, { flag: 'wx' });
      return;
    }
    const file = this.contents.fileOf(content);
    if (file !== undefined) {
      await linkOrCopy(file, path);
      return;
    }
    const pieces = Readable.from(this.contents.readChecked(content), { objectMode: false });
    await pipeline(pieces, createWriteStream(path, { flags: 'wx' }));
  }
}

/** A link costs nothing; the file of the store may be removed meanwhile. */
const linkOrCopy = async (file: string, path: string): Promise<void> => {
  try {
    await link(file, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && (error.code === 'EXDEV' || error.code === 'EPERM'))) throw error;
    await copyFile(file, path);
  }
};

/** Files that one attempt has opened. */
class HeldFiles {
  private readonly paths = new Map<string, Promise<string>>();
  private released = false;

  constructor(private readonly files: LocalFiles) {}

  async hold(key: string, fill: (path: string) => Promise<void>): Promise<string> {
    if (this.released) throw new LeaseLost();
    const known = this.paths.get(key);
    if (known !== undefined) return known;
    const path = this.files.acquire(key, fill);
    this.paths.set(key, path);
    path.catch(() => this.paths.delete(key));
    return path;
  }

  async release(): Promise<void> {
    this.released = true;
    await Promise.allSettled([...this.paths].map(([key, path]) => path.then(() => this.files.release(key))));
  }
}
