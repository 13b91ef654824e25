// Datasets: names with numbered versions, each a Parquet file that one task made and that never changes.
import { Injectable } from '@nestjs/common';
import { databaseJson } from '@pulser/contracts';
import { Database, statement } from '@pulser/database';

import { type Actor, asActor } from '../audit/actor.js';
import type { ClaimRef } from '../tasks/claims.js';

export interface Column {
  readonly name: string;
  /** As DuckDB writes it. */
  readonly type: string;
}

/** A version without its preview and report. */
export interface DatasetVersion {
  readonly name: string;
  readonly version: number;
  readonly contentId: string;
  readonly bytes: number;
  readonly sha256: Buffer;
  readonly rows: number;
  /** Rows of the source that are not in it. */
  readonly rejected: number;
  readonly columns: readonly Column[];
  readonly createdAt: Date;
  /** The task that made it. */
  readonly taskId: string;
}

/** A dataset in a list. */
export interface DatasetRow {
  readonly datasetId: string;
  readonly name: string;
  readonly createdAt: Date;
  readonly versions: number;
  /** Of all versions. */
  readonly bytes: number;
  readonly latest: DatasetVersion | null;
}

/** What a task opened, or who opened something. */
export interface DataUse {
  readonly taskId: string;
  readonly reference: string;
  readonly sha256: Buffer;
  readonly bytes: number;
}

export interface NewVersion {
  readonly name: string;
  readonly contentId: string;
  readonly rows: number;
  readonly rejected: number;
  readonly columns: readonly Column[];
  /** Rows, each in the order of the columns. */
  readonly preview: unknown;
  readonly report?: unknown;
}

const versionColumns = `d.name, v.version, v.content_id as "contentId", c.bytes::float8 as bytes, c.sha256,
  v.row_count::float8 as rows, v.rejected_count::float8 as rejected, v.columns, v.created_at as "createdAt",
  v.task_id as "taskId"`;

const versionTables = `dataset d join dataset_version v on v.tenant_id = d.tenant_id and v.dataset_id = d.dataset_id
  join content c on c.tenant_id = v.tenant_id and c.content_id = v.content_id`;

const ofTenant = 'd.tenant_id = (select pulser.tenant_id())';

const find = statement(
  'datasets.find',
  `select ${versionColumns} from ${versionTables} where ${ofTenant} and d.name = $1 and v.version = coalesce($2, v.version)
   order by v.version desc limit 1`,
);

const madeBy = statement(
  'datasets.made-by',
  `select ${versionColumns} from ${versionTables} where ${ofTenant} and d.name = $1 and v.task_id = $2`,
);

const versions = statement(
  'datasets.versions',
  `select ${versionColumns} from ${versionTables} where ${ofTenant} and d.name = $1 and v.version < coalesce($2, 2147483647)
   order by v.version desc limit $3`,
);

const list = statement(
  'datasets.list',
  `select d.dataset_id as "datasetId", d.name, d.created_at as "createdAt", held.versions, held.bytes from dataset d
   cross join lateral (
     select count(*)::int as versions, coalesce(sum(c.bytes), 0)::float8 as bytes from dataset_version v
     join content c on c.tenant_id = v.tenant_id and c.content_id = v.content_id
     where v.tenant_id = d.tenant_id and v.dataset_id = d.dataset_id
   ) held
   where ${ofTenant} and d.dataset_id < coalesce($1::uuid, 'ffffffff-ffff-ffff-ffff-ffffffffffff')
     and ($3::text is null or starts_with(d.name, $3))
   order by d.dataset_id desc limit $2`,
);

const latestOf = statement(
  'datasets.latest',
  `select distinct on (d.dataset_id) ${versionColumns} from ${versionTables} where ${ofTenant} and d.name = any ($1)
   order by d.dataset_id, v.version desc`,
);

const named = statement(
  'datasets.named',
  `select dataset_id as "datasetId", name, created_at as "createdAt" from dataset d where ${ofTenant} and name = $1`,
);

const preview = statement(
  'datasets.preview',
  `select v.columns, v.preview, v.row_count::float8 as rows from dataset d
   join dataset_version v on v.tenant_id = d.tenant_id and v.dataset_id = d.dataset_id
   where ${ofTenant} and d.name = $1 and v.version = $2`,
);

const report = statement(
  'datasets.report',
  `select v.report from dataset d join dataset_version v on v.tenant_id = d.tenant_id and v.dataset_id = d.dataset_id
   where ${ofTenant} and d.name = $1 and v.version = $2`,
);

// Fenced by the epoch, as everything that an attempt writes. The number is taken in the same statement.
const keep = statement(
  'datasets.keep',
  `with task as (
     select task_id from task_queue
     where tenant_id = (select pulser.tenant_id()) and task_id = $1 and epoch = $2 and status = 'running'
   ), d as (
     insert into dataset as d (tenant_id, name, last_version) select (select pulser.tenant_id()), $3, 1 from task
     on conflict (tenant_id, name) do update set last_version = d.last_version + 1
     returning dataset_id, last_version
   )
   insert into dataset_version
     (tenant_id, dataset_id, version, content_id, task_id, row_count, rejected_count, columns, preview, report)
   select (select pulser.tenant_id()), dataset_id, last_version, $4, $1, $5, $6, $7::jsonb, $8::jsonb, $9::jsonb from d
   on conflict (tenant_id, dataset_id, task_id) do nothing
   returning version`,
);

const madeFrom = statement(
  'datasets.made-from',
  `select u.task_id as "taskId", u.reference, u.sha256, u.bytes::float8 as bytes from data_use u
   where u.tenant_id = (select pulser.tenant_id()) and u.task_id = any ($1) order by u.task_id, u.reference`,
);

const usedBy = statement(
  'datasets.used-by',
  `select distinct on (u.task_id) u.task_id as "taskId", u.reference, u.sha256, u.bytes::float8 as bytes from data_use u
   where u.tenant_id = (select pulser.tenant_id()) and u.reference = $1 order by u.task_id desc limit $2`,
);

const dropVersion = statement(
  'datasets.drop-version',
  `delete from dataset_version v using dataset d
   where ${ofTenant} and d.name = $1 and v.tenant_id = d.tenant_id and v.dataset_id = d.dataset_id and v.version = $2
   returning v.content_id as "contentId"`,
);

const dropVersions = statement(
  'datasets.drop-versions',
  `delete from dataset_version v using dataset d
   where ${ofTenant} and d.name = $1 and v.tenant_id = d.tenant_id and v.dataset_id = d.dataset_id
   returning v.content_id as "contentId"`,
);

const drop = statement(
  'datasets.drop',
  `delete from dataset d where ${ofTenant} and d.name = $1 returning d.dataset_id as "datasetId"`,
);

// Not the latest: a dataset that nobody adds to is not for that out of use.
const dropExpired = statement(
  'datasets.drop-expired',
  `delete from dataset_version where (tenant_id, dataset_id, version) in (
     select v.tenant_id, v.dataset_id, v.version from dataset_version v
     where v.created_at < now() - make_interval(days => $1) and exists (
       select from dataset_version n where n.tenant_id = v.tenant_id and n.dataset_id = v.dataset_id and n.version > v.version
     ) limit $2
   )
   returning tenant_id as "tenantId", content_id as "contentId"`,
);

// Lineage of a version is kept as long as the version, that of other tasks as long as the task.
const dropUses = statement(
  'datasets.drop-uses',
  `delete from data_use where (tenant_id, task_id, asked) in (
     select u.tenant_id, u.task_id, u.asked from data_use u
     where u.opened_at < now() - interval '1 day'
       and not exists (select from task_queue t where t.tenant_id = u.tenant_id and t.task_id = u.task_id)
       and not exists (select from dataset_version v where v.tenant_id = u.tenant_id and v.task_id = u.task_id)
     limit $1
   )`,
);

interface ContentOf {
  readonly contentId: string;
}

/** Datasets of tenants. What a method removes of the index, its caller removes of the store. */
@Injectable()
export class Datasets {
  constructor(private readonly database: Database) {}

  /** @param version the latest one without */
  async find(tenantId: string, name: string, version?: number): Promise<DatasetVersion | undefined> {
    const [row] = await this.database.queryAs<DatasetVersion>(tenantId, find, [name, version ?? null]);
    return row;
  }

  /** The version that a task made, whichever of its attempts. */
  async madeBy(tenantId: string, name: string, taskId: string): Promise<DatasetVersion | undefined> {
    const [row] = await this.database.queryAs<DatasetVersion>(tenantId, madeBy, [name, taskId]);
    return row;
  }

  /** Newest first. @param before only versions before this one */
  versions(
    tenantId: string,
    name: string,
    { before, limit }: { before?: number | undefined; limit: number },
  ): Promise<DatasetVersion[]> {
    return this.database.queryAs<DatasetVersion>(tenantId, versions, [name, before ?? null, limit]);
  }

  /** Newest first. @param after id of the last one of the page before @param prefix with which names begin */
  async list(tenantId: string, after: string | undefined, limit: number, prefix?: string): Promise<DatasetRow[]> {
    const rows = await this.database.queryAs<DatasetRow>(tenantId, list, [after ?? null, limit, prefix ?? null]);
    const latest = await this.database.queryAs<DatasetVersion>(tenantId, latestOf, [rows.map(({ name }) => name)]);
    const byName = new Map(latest.map((one) => [one.name, one]));
    return rows.map((row) => ({ ...row, latest: byName.get(row.name) ?? null }));
  }

  async named(tenantId: string, name: string): Promise<Pick<DatasetRow, 'name' | 'createdAt'> | undefined> {
    const [row] = await this.database.queryAs<DatasetRow>(tenantId, named, [name]);
    return row;
  }

  /** The first rows of a version. */
  async preview(
    tenantId: string,
    name: string,
    version: number,
  ): Promise<{ columns: Column[]; preview: unknown[][]; rows: number } | undefined> {
    const [row] = await this.database.queryAs<{ columns: Column[]; preview: unknown[][]; rows: number }>(
      tenantId,
      preview,
      [name, version],
    );
    return row;
  }

  /** What its task reported of a version. */
  async report(tenantId: string, name: string, version: number): Promise<unknown> {
    const [row] = await this.database.queryAs<{ report: unknown }>(tenantId, report, [name, version]);
    return row?.report ?? null;
  }

  /**
   * Makes the next version of a dataset in the name of an attempt.
   * @returns undefined when the attempt has lost its task, or the task has made a version of this name before
   */
  async keep(claim: ClaimRef, version: NewVersion): Promise<DatasetVersion | undefined> {
    const { tenantId, taskId, epoch } = claim;
    const rows = await this.database.queryAs<{ version: number }>(tenantId, keep, [
      ...[taskId, epoch, version.name, version.contentId, version.rows, version.rejected],
      // Names and texts of the file stand in them.
      ...[version.columns, version.preview].map((value) => databaseJson(JSON.stringify(value))),
      version.report === undefined ? null : databaseJson(JSON.stringify(version.report)),
    ]);
    return rows.length === 0 ? undefined : this.madeBy(tenantId, version.name, taskId);
  }

  /** What tasks opened. */
  madeFrom(tenantId: string, taskIds: readonly string[]): Promise<DataUse[]> {
    return this.database.queryAs<DataUse>(tenantId, madeFrom, [taskIds]);
  }

  /** Tasks that opened something, the newest first. */
  usedBy(tenantId: string, reference: string, limit: number): Promise<DataUse[]> {
    return this.database.queryAs<DataUse>(tenantId, usedBy, [reference, limit]);
  }

  /** @returns the content to be removed; undefined when there is no such version */
  async dropVersion(tenantId: string, actor: Actor, name: string, version: number): Promise<string | undefined> {
    return asActor(this.database, tenantId, actor, async (transaction) => {
      const [gone] = await transaction.query<ContentOf>(dropVersion, [name, version]);
      return gone?.contentId;
    });
  }

  /** @returns the contents to be removed; undefined when there is no such dataset */
  async drop(tenantId: string, actor: Actor, name: string): Promise<string[] | undefined> {
    return asActor(this.database, tenantId, actor, async (transaction) => {
      const gone = await transaction.query<ContentOf>(dropVersions, [name]);
      const [dataset] = await transaction.query(drop, [name]);
      return dataset && gone.map(({ contentId }) => contentId);
    });
  }

  /** Drops up to `limit` versions older than so many days, never the latest. Needs the service role. */
  dropExpired(days: number, limit: number): Promise<{ tenantId: string; contentId: string }[]> {
    return this.database.query(dropExpired, [days, limit]);
  }

  /** Drops up to `limit` rows of lineage that belong to nothing any more. Needs the service role. */
  async dropUses(limit: number): Promise<void> {
    await this.database.query(dropUses, [limit]);
  }
}
