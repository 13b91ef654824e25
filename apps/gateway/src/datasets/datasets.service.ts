// Datasets as the API shows them: their views, reading them, deleting them.
import { Injectable } from '@nestjs/common';
import { Contents, Datasets, type DatasetVersion, type DataUse } from '@pulser/context-bus';
import {
  type DatasetPage,
  type DatasetQuery,
  datasetReference,
  type DatasetVersionDetail,
  type DatasetVersionsQuery,
  type DatasetVersionView,
  type DatasetView,
  type DataUseView,
} from '@pulser/contracts';
import { Logger } from '@pulser/service-kit';

import type { RequestCaller } from '../access/caller.js';
import { nextCursor, notFound, startOfPage } from '../rest/parameters.js';
import { type SentFile, tagOfHash } from '../rest/file-answer.js';

// Names have nothing in them that a path would not take.
export const datasetPath = (name: string): string => `/api/v1/datasets/${name}`;

const versionPath = (name: string, version: number): string => `${datasetPath(name)}/versions/${version}`;

export const versionView = (version: DatasetVersion): DatasetVersionView => {
  const self = versionPath(version.name, version.version);
  return {
    version: version.version,
    reference: datasetReference(version.name, version.version),
    rows: version.rows,
    rejected: version.rejected,
    bytes: version.bytes,
    sha256: version.sha256.toString('hex'),
    columns: [...version.columns],
    created_at: version.createdAt.toISOString(),
    made_by: version.taskId,
    links: { self, rows: `${self}/rows`, content: `${self}/content` },
  };
};

const useView = ({ taskId, reference, sha256, bytes }: DataUse): DataUseView => ({
  task_id: taskId,
  reference,
  sha256: sha256.toString('hex'),
  bytes,
});

const maxUses = 100;

/** Reads and deletes the datasets of a tenant. */
@Injectable()
export class DatasetsService {
  constructor(
    private readonly datasets: Datasets,
    private readonly contents: Contents,
    private readonly logger: Logger,
  ) {}

  /** @throws HttpError `invalid_request` for a cursor that this API did not make */
  async page(tenantId: string, { cursor, limit, prefix }: DatasetQuery): Promise<DatasetPage> {
    const rows = await this.datasets.list(tenantId, startOfPage(cursor), limit, prefix);
    const datasets = rows.map(({ name, createdAt, versions, bytes, latest }) => ({
      name,
      created_at: createdAt.toISOString(),
      versions,
      bytes,
      latest: latest && versionView(latest),
      links: { self: datasetPath(name) },
    }));
    return { datasets, next_cursor: nextCursor(rows, limit, ({ datasetId }) => datasetId) };
  }

  /** @throws HttpError `not_found` */
  async view(tenantId: string, name: string, { before, limit, made_by }: DatasetVersionsQuery): Promise<DatasetView> {
    const dataset = await this.datasets.named(tenantId, name);
    if (dataset === undefined) throw notFound('dataset');
    const versions =
      made_by === undefined
        ? await this.datasets.versions(tenantId, name, { before, limit })
        : [await this.datasets.madeBy(tenantId, name, made_by)].filter((one) => one !== undefined);
    return {
      name,
      created_at: dataset.createdAt.toISOString(),
      versions: versions.map(versionView),
      next_before: versions.length < limit ? null : (versions.at(-1)?.version ?? null),
    };
  }

  /** @throws HttpError `not_found` */
  async find(tenantId: string, name: string, version: number): Promise<DatasetVersion> {
    const found = await this.datasets.find(tenantId, name, version);
    if (found === undefined) throw notFound('version');
    return found;
  }

  /** A version with its lineage. @throws HttpError `not_found` */
  async detail(tenantId: string, name: string, number: number): Promise<DatasetVersionDetail> {
    const version = await this.find(tenantId, name, number);
    const view = versionView(version);
    const [madeFrom, usedBy, report] = await Promise.all([
      this.datasets.madeFrom(tenantId, [version.taskId]),
      this.datasets.usedBy(tenantId, view.reference, maxUses),
      this.datasets.report(tenantId, name, number),
    ]);
    return { ...view, made_from: madeFrom.map(useView), used_by: usedBy.map(useView), report };
  }

  /** Its Parquet file. @throws HttpError `not_found` */
  async file(tenantId: string, version: DatasetVersion, mediaType: string): Promise<SentFile> {
    const content = await this.contents.find(tenantId, version.contentId);
    if (content === undefined) throw notFound('version');
    const { bytes, sha256 } = content;
    return { bytes, mediaType, etag: tagOfHash(sha256), read: (range) => this.contents.read(content, range) };
  }

  /** Deletes a dataset with all its versions and their files. @throws HttpError `not_found` */
  async drop({ tenantId, actor }: RequestCaller, name: string): Promise<void> {
    const contents = await this.datasets.drop(tenantId, actor, name);
    if (contents === undefined) throw notFound('dataset');
    await this.remove(tenantId, contents);
  }

  /** Deletes a version with its file. @throws HttpError `not_found` */
  async dropVersion({ tenantId, actor }: RequestCaller, name: string, version: number): Promise<void> {
    const content = await this.datasets.dropVersion(tenantId, actor, name, version);
    if (content === undefined) throw notFound('version');
    await this.remove(tenantId, [content]);
  }

  // Nothing finds them any more. What is not removed now is swept away by the router.
  private async remove(tenantId: string, contents: readonly string[]): Promise<void> {
    for (const contentId of contents) {
      await this.contents.remove({ tenantId, contentId }).catch((err: unknown) => {
        this.logger.warn({ err }, 'a file of a deleted version will be removed later');
      });
    }
  }
}
