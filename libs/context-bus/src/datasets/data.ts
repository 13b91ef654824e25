// What a reference stands for: versions of datasets, artifacts and uploads, of one tenant; and what tasks opened of it.
import { createHash } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { type DataReference, datasetReference, parquetMediaType, parseReference } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { Artifacts } from '../artifacts/artifacts.js';
import { type Content, Contents } from '../content/contents.js';
import type { ClaimRef } from '../tasks/claims.js';
import { type DatasetVersion, Datasets } from './datasets.js';
import { Uploads } from './uploads.js';

/** What a reference stands for. */
export interface FoundData {
  /** With the version of a dataset. */
  readonly reference: string;
  readonly mediaType: string;
  readonly bytes: number;
  readonly sha256: Buffer;
  /** Where its bytes are: small artifacts are here already. */
  readonly content: Content | Buffer;
  readonly dataset?: DatasetVersion;
}

// A reference without a version means the same one in every attempt of a task.
const resolved = statement(
  'data.resolved',
  `select reference from data_use where tenant_id = (select pulser.tenant_id()) and task_id = $1 and asked = $2`,
);

const use = statement(
  'data.use',
  `insert into data_use (tenant_id, task_id, asked, reference, sha256, bytes)
   select tenant_id, task_id, $3, $4, $5, $6 from task_queue
   where tenant_id = (select pulser.tenant_id()) and task_id = $1 and epoch = $2 and status = 'running'
   on conflict (tenant_id, task_id, asked) do update set opened_at = data_use.opened_at
   returning reference`,
);

/** Finds data by its reference. */
@Injectable()
export class Data {
  constructor(
    private readonly database: Database,
    private readonly contents: Contents,
    private readonly datasets: Datasets,
    private readonly uploads: Uploads,
    private readonly artifacts: Artifacts,
  ) {}

  /** @returns undefined when it is no reference, or there is no such thing of the tenant's */
  async find(tenantId: string, reference: string): Promise<FoundData | undefined> {
    const parsed = parseReference(reference);
    return parsed && this.finders[parsed.kind](tenantId, parsed as never);
  }

  /**
   * The same for a task, with the version that it got when it asked before.
   * @param asked as the input of the task has it
   */
  async findFor(tenantId: string, taskId: string, asked: string): Promise<FoundData | undefined> {
    const [known] = await this.database.queryAs<{ reference: string }>(tenantId, resolved, [taskId, asked]);
    return this.find(tenantId, known?.reference ?? asked);
  }

  /** Records that an attempt opens it. @returns false when the attempt has lost its task */
  async recordUse({ tenantId, taskId, epoch }: ClaimRef, asked: string, found: FoundData): Promise<boolean> {
    const { reference, sha256, bytes } = found;
    const rows = await this.database.queryAs(tenantId, use, [taskId, epoch, asked, reference, sha256, bytes]);
    return rows.length > 0;
  }

  private readonly finders = {
    dataset: async (tenantId: string, { name, version }: Extract<DataReference, { kind: 'dataset' }>) => {
      const dataset = await this.datasets.find(tenantId, name, version);
      if (dataset === undefined) return undefined;
      const content = await this.contents.find(tenantId, dataset.contentId);
      if (content === undefined) return undefined;
      const { bytes, sha256 } = content;
      const reference = datasetReference(name, dataset.version);
      return { reference, mediaType: parquetMediaType, bytes, sha256, content, dataset };
    },
    artifact: async (tenantId: string, { taskId, name }: Extract<DataReference, { kind: 'artifact' }>) => {
      const artifact = await this.artifacts.find(tenantId, taskId, name);
      if (artifact === undefined) return undefined;
      const content = await this.artifactContent(tenantId, artifact);
      if (content === undefined) return undefined;
      const bytes = Buffer.isBuffer(content) ? content.length : content.bytes;
      const sha256 = Buffer.isBuffer(content) ? createHash('sha256').update(content).digest() : content.sha256;
      return { reference: `artifact:${taskId}/${name}`, mediaType: artifact.mediaType, bytes, sha256, content };
    },
    upload: async (tenantId: string, { sha256 }: Extract<DataReference, { kind: 'upload' }>) => {
      const upload = await this.uploads.use(tenantId, Buffer.from(sha256, 'hex'));
      if (upload === undefined) return undefined;
      const content = await this.contents.find(tenantId, upload.contentId);
      if (content === undefined) return undefined;
      const { bytes } = content;
      return { reference: `upload:${sha256}`, mediaType: upload.mediaType, bytes, sha256: content.sha256, content };
    },
  };

  private artifactContent(
    tenantId: string,
    artifact: { readonly content: Buffer; readonly contentId: string | null },
  ): Promise<Content | Buffer | undefined> {
    if (artifact.contentId === null) return Promise.resolve(artifact.content);
    return this.contents.find(tenantId, artifact.contentId);
  }
}
