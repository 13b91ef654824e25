import type { MigrationInterface, QueryRunner } from 'typeorm';

import { runAsOwner } from './sql/owner.js';
import { tenantTable } from './sql/tenant-table.js';

// The index of all large files, wherever their bytes are. A content without a hash is being written: no reader finds it.
const content = `
  create table content (
    tenant_id uuid not null references tenant,
    content_id uuid not null default pulser.new_id(),
    store text not null check (store in ('database', 'files', 's3')),
    piece_bytes int not null check (piece_bytes > 0),
    bytes bigint not null default 0,
    sha256 bytea check (octet_length(sha256) = 32),
    writer uuid,
    touched_at timestamptz not null default now(),
    primary key (tenant_id, content_id)
  )`;

// No foreign key: removing a content takes its pieces first, in many small statements. Parquet and archives are
// compressed already.
const contentPiece = [
  `create table content_piece (
    tenant_id uuid not null references tenant,
    content_id uuid not null,
    n int not null,
    bytes bytea not null,
    primary key (tenant_id, content_id, n)
  )`,
  'alter table content_piece alter column bytes set storage external',
];

const upload = `
  create table upload (
    tenant_id uuid not null references tenant,
    sha256 bytea not null,
    content_id uuid not null,
    media_type text not null,
    used_at timestamptz not null default now(),
    primary key (tenant_id, sha256),
    foreign key (tenant_id, content_id) references content
  )`;

const dataset = `
  create table dataset (
    tenant_id uuid not null references tenant,
    dataset_id uuid not null default pulser.new_id(),
    name text not null check (name ~ '^[a-z0-9][a-z0-9_.-]{0,99}$'),
    last_version int not null default 0,
    created_at timestamptz not null default now(),
    primary key (tenant_id, dataset_id),
    unique (tenant_id, name)
  )`;

const datasetVersion = `
  create table dataset_version (
    tenant_id uuid not null references tenant,
    dataset_id uuid not null,
    version int not null check (version > 0),
    content_id uuid not null,
    task_id uuid not null,
    row_count bigint not null check (row_count >= 0),
    rejected_count bigint not null default 0 check (rejected_count >= 0),
    columns jsonb not null,
    preview jsonb not null,
    report jsonb,
    created_at timestamptz not null default now(),
    primary key (tenant_id, dataset_id, version),
    unique (tenant_id, dataset_id, task_id),
    foreign key (tenant_id, dataset_id) references dataset on delete cascade,
    foreign key (tenant_id, content_id) references content
  )`;

// What a task opened. A reference without a version is resolved once per task: later attempts get the same version.
const dataUse = `
  create table data_use (
    tenant_id uuid not null references tenant,
    task_id uuid not null,
    asked text not null,
    reference text not null,
    sha256 bytea not null,
    bytes bigint not null,
    opened_at timestamptz not null default now(),
    primary key (tenant_id, task_id, asked)
  )`;

const comments = [
  `comment on column content.sha256 is 'of the whole; null while it is being written'`,
  `comment on column content.writer is 'who writes it: a later writer takes over, and the earlier one can go on no more'`,
  `comment on column content.touched_at is 'when its last piece was written, or it was completed'`,
  `comment on column upload.sha256 is 'as the client says, until the content is complete'`,
  `comment on column dataset.last_version is 'the number given last: deleted versions leave gaps'`,
  `comment on column dataset_version.task_id is 'the task that made it'`,
  `comment on column dataset_version.preview is 'its first rows, each an array in the order of the columns'`,
  `comment on column data_use.asked is 'the reference as the task gave it'`,
  `comment on column task_artifact.content_id is 'of a large file, whose content is empty here'`,
  `comment on column tenant.max_content_bytes is 'bytes of datasets, uploads and large artifacts; null: the default of the installation'`,
];

const indexes = [
  `create index content_of_version on dataset_version (tenant_id, content_id)`,
  `create index content_of_upload on upload (tenant_id, content_id)`,
  `create index content_of_artifact on task_artifact (tenant_id, content_id) where content_id is not null`,
  `create index version_of_task on dataset_version (tenant_id, task_id)`,
  `create index data_use_reference on data_use (tenant_id, reference)`,
  `create index content_age on content (touched_at)`,
];

// What tasks make is not audited, what is taken away is.
const auditTriggers = [
  `create trigger audit_delete after delete on dataset referencing old table as old_table for each statement
   execute function pulser.audit_rows('dataset', '{name}', '{}')`,
  `create trigger audit_delete after delete on dataset_version referencing old table as old_table for each statement
   execute function pulser.audit_rows('dataset-version', '{dataset_id,version}', '{preview,report}')`,
];

const everything = ['select', 'insert', 'update', 'delete'] as const;

/** Large files in pieces, uploads, datasets with their versions, and what tasks opened. */
export class Datasets1763840000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      content,
      ...tenantTable('content', everything),
      ...contentPiece,
      ...tenantTable('content_piece', everything),
      upload,
      ...tenantTable('upload', everything),
      dataset,
      ...tenantTable('dataset', everything),
      datasetVersion,
      ...tenantTable('dataset_version', everything),
      dataUse,
      ...tenantTable('data_use', everything),
      'alter table task_artifact add column content_id uuid, add column content_bytes bigint',
      'alter table tenant add column max_content_bytes bigint check (max_content_bytes > 0)',
      ...comments,
      ...indexes,
      ...auditTriggers,
    ]);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runAsOwner(runner, [
      'alter table tenant drop column max_content_bytes',
      // Their content goes with the tables below.
      'drop index content_of_artifact',
      'alter table task_artifact drop column content_bytes, drop column content_id',
      'drop table data_use',
      'drop table dataset_version',
      'drop table dataset',
      'drop table upload',
      'drop table content_piece',
      'drop table content',
    ]);
  }
}
