// Datasets: what a tenant has, versions with their rows and files, and what makes new ones.
import {
  Body,
  Controller,
  Delete,
  Get,
  HttpCode,
  HttpStatus,
  Param,
  type PipeTransform,
  Post,
  Put,
  Query,
  Req,
  Res,
  type StreamableFile,
} from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiHeader, ApiParam, ApiTags } from '@nestjs/swagger';
import { type Principal, submitterRole } from '@pulser/context-bus';
import {
  AcceptedIngest,
  AcceptedTask,
  ContentQuery,
  datasetName,
  DatasetPage,
  DatasetQuery,
  DatasetRows,
  RowsQuery,
  DatasetSummary,
  DatasetVersionDetail,
  DatasetVersionsQuery,
  DatasetView,
  HttpError,
  type HttpErrorCode,
  IngestOrder,
  IngestQuery,
  parquetMediaType,
} from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented } from '../docs/documented.js';
import { answerWithFile, fileHeaders } from '../rest/file-answer.js';
import { Exportable } from '../rest/list-exports.js';
import { IdempotencyKey, IdempotencyKeyHeader, notFound } from '../rest/parameters.js';
import { DatasetsService } from './datasets.service.js';
import { Exports } from './exports.service.js';
import { type IngestAnswer, IngestService } from './ingest.service.js';
import { RowsService } from './rows.service.js';
import { FileBody } from './uploads.controller.js';

/** The name of a dataset that is there. Text that is no name is answered like one that nothing has. */
class NamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (!datasetName.test(name)) throw notFound('dataset');
    return name;
  }
}

const namePattern = datasetName.source;

/** The name of a dataset that may be new. @throws HttpError `invalid_request` */
class NewNamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (datasetName.test(name)) return name;
    throw new HttpError('invalid_request', { errors: [{ pointer: '/name', detail: `Must match ${namePattern}` }] });
  }
}

const version = /^[1-9]\d{0,8}$/;

class VersionPipe implements PipeTransform<string, number> {
  transform(text: string): number {
    if (!version.test(text)) throw notFound('version');
    return Number(text);
  }
}

const NameParameter = (): MethodDecorator =>
  ApiParam({ name: 'name', description: 'Name of the dataset', schema: { type: 'string', pattern: namePattern } });

const VersionParameter = (): MethodDecorator =>
  ApiParam({ name: 'version', description: 'Number of the version', schema: { type: 'integer', minimum: 1 } });

const acceptedHeaders = {
  Location: 'Where the task is',
  'Idempotent-Replayed': '`true` when the key was used before: this is the task of that time',
};

const accepted = {
  status: 202,
  description: 'The task that makes the next version is accepted',
  schema: AcceptedIngest,
  headers: acceptedHeaders,
};

const submissionProblems = [
  ...(['idempotency_conflict', 'task_type_not_served', 'invalid_payload', 'queue_full', 'daily_quota_spent'] as const),
] satisfies HttpErrorCode[];

const answered = (reply: FastifyReply, { accepted: answer, repeated }: IngestAnswer): AcceptedIngest => {
  reply.header('location', answer.links.self);
  if (repeated) reply.header('idempotent-replayed', 'true');
  return answer;
};

@ApiTags('datasets')
@Controller('api/v1/datasets')
export class DatasetsController {
  constructor(
    private readonly datasets: DatasetsService,
    private readonly ingest: IngestService,
    private readonly exports: Exports,
    private readonly pages: RowsService,
  ) {}

  @Role('viewer')
  @Documented({
    id: 'listDatasets',
    summary: 'List datasets, newest first',
    description: 'Pages stay stable while datasets come and go.',
    answers: [{ status: 200, description: 'A page', schema: DatasetPage }],
    problems: ['invalid_request'],
  })
  @Exportable({
    name: 'datasets',
    row: DatasetSummary,
    rows: 'datasets',
    paging: { parameter: 'cursor', next: 'next_cursor' },
  })
  @Get()
  page(@TenantId() tenantId: string, @Query({ schema: DatasetQuery }) query: DatasetQuery): Promise<DatasetPage> {
    return this.datasets.page(tenantId, query);
  }

  @Role('viewer')
  @NameParameter()
  @Documented({
    id: 'getDataset',
    summary: 'Get a dataset with its versions',
    answers: [{ status: 200, description: 'The dataset', schema: DatasetView }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':name')
  view(
    @TenantId() tenantId: string,
    @Param('name', NamePipe) name: string,
    @Query({ schema: DatasetVersionsQuery }) query: DatasetVersionsQuery,
  ): Promise<DatasetView> {
    return this.datasets.view(tenantId, name, query);
  }

  @Role(submitterRole)
  @NameParameter()
  @ApiHeader({
    name: 'Content-Digest',
    description:
      '`sha-256=:<base64>:` (RFC 9530). Of a file that is there already nothing is read, and one that breaks off can go on',
    required: false,
  })
  @IdempotencyKeyHeader()
  @FileBody()
  @Documented({
    id: 'putDataset',
    summary: 'Send a file that becomes the next version of a dataset',
    description:
      'The body is kept as it comes, and a task of the type `data_pipeline` reads it: rows that it cannot read are an ' +
      'artifact of the task, with line and reason.',
    answers: [accepted],
    problems: [
      ...([
        'invalid_request',
        'request_timeout',
        'conflict',
        'upload_offset_mismatch',
        'content_quota_exceeded',
      ] as const),
      ...(['payload_too_large', 'digest_mismatch', 'content_unavailable'] as const),
      ...submissionProblems,
    ],
  })
  @RouteConfig({ streamsBody: true })
  @Put(':name')
  @HttpCode(HttpStatus.ACCEPTED)
  async put(
    @Caller() caller: Principal,
    @Param('name', NewNamePipe) name: string,
    @Query({ schema: IngestQuery }) query: IngestQuery,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedIngest> {
    return answered(reply, await this.ingest.receive(caller, name, query, request, idempotencyKey));
  }

  @Role(submitterRole)
  @NameParameter()
  @IdempotencyKeyHeader()
  @Documented({
    id: 'makeDataset',
    summary: 'Make the next version of a dataset of what is elsewhere',
    description:
      'The body is the `source` of the operation `ingest`: an upload, an artifact, another dataset, a URL. It may have the ' +
      'options by which it is read.',
    answers: [accepted],
    problems: [...bodyProblems, ...submissionProblems],
  })
  @Post(':name')
  @HttpCode(HttpStatus.ACCEPTED)
  async make(
    @Caller() caller: Principal,
    @Param('name', NewNamePipe) name: string,
    @Body({ schema: IngestOrder }) source: IngestOrder,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedIngest> {
    return answered(reply, await this.ingest.submit(caller, name, { source, idempotencyKey }));
  }

  @Role('operator')
  @NameParameter()
  @Documented({
    id: 'deleteDataset',
    summary: 'Delete a dataset with all its versions',
    description: 'A dataset that gets the name later begins with version 1.',
    answers: [{ status: 204, description: 'It is deleted, and its files are gone' }],
    problems: ['not_found'],
  })
  @Delete(':name')
  @HttpCode(HttpStatus.NO_CONTENT)
  drop(@Caller() caller: RequestCaller, @Param('name', NamePipe) name: string): Promise<void> {
    return this.datasets.drop(caller, name);
  }

  @Role('viewer')
  @NameParameter()
  @VersionParameter()
  @Documented({
    id: 'getDatasetVersion',
    summary: 'Get a version with its lineage',
    answers: [{ status: 200, description: 'The version', schema: DatasetVersionDetail }],
    problems: ['not_found'],
  })
  @Get(':name/versions/:version')
  version(
    @TenantId() tenantId: string,
    @Param('name', NamePipe) name: string,
    @Param('version', VersionPipe) number: number,
  ): Promise<DatasetVersionDetail> {
    return this.datasets.detail(tenantId, name, number);
  }

  @Role('operator')
  @NameParameter()
  @VersionParameter()
  @Documented({
    id: 'deleteDatasetVersion',
    summary: 'Delete a version',
    description: 'Its number is not given again.',
    answers: [{ status: 204, description: 'It is deleted, and its file is gone' }],
    problems: ['not_found'],
  })
  @Delete(':name/versions/:version')
  @HttpCode(HttpStatus.NO_CONTENT)
  dropVersion(
    @Caller() caller: RequestCaller,
    @Param('name', NamePipe) name: string,
    @Param('version', VersionPipe) number: number,
  ): Promise<void> {
    return this.datasets.dropVersion(caller, name, number);
  }

  @Role('viewer')
  @NameParameter()
  @VersionParameter()
  @Documented({
    id: 'getDatasetRows',
    summary: 'Get rows of a version, in pages',
    description:
      'The first 100 rows are kept with a version and answered at once, as far as they are asked for. Others are read by a ' +
      'task, once a page, which counts against the quotas. After 30 s the answer is that task: ask again when it has ended.',
    answers: [
      { status: 200, description: 'Its columns and a page of its rows', schema: DatasetRows },
      { status: 202, description: 'The task that still reads the page', schema: AcceptedTask },
    ],
    problems: [
      ...(['invalid_request', 'not_found', 'conflict', 'task_type_not_served', 'invalid_payload'] as const),
      ...(['queue_full', 'daily_quota_spent'] as const),
    ],
  })
  @Get(':name/versions/:version/rows')
  async rows(
    @Caller() caller: Principal,
    @Param('name', NamePipe) name: string,
    @Param('version', VersionPipe) number: number,
    @Query({ schema: RowsQuery }) query: RowsQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<DatasetRows | AcceptedTask> {
    const version = await this.datasets.find(caller.tenantId, name, number);
    const answer = await this.pages.page(caller, version, query, reply);
    return answer.kind === 'rows' ? answer.page : stillAtWork(reply, answer.task);
  }

  @Role('viewer')
  @NameParameter()
  @VersionParameter()
  @ApiHeader({ name: 'If-None-Match', description: 'ETags of what the client has, or `*`', required: false })
  @ApiHeader({ name: 'Range', description: 'One range of bytes', required: false })
  @ApiHeader({ name: 'If-Range', description: 'The range only of the content with this ETag', required: false })
  @Documented({
    id: 'getDatasetContent',
    summary: 'Download a version',
    description:
      'CSV and NDJSON are made by a task, once a version and format, which counts against the quotas. After 30 s the answer ' +
      'is that task: ask again when it has ended.',
    answers: [
      { status: 200, description: 'The file', headers: fileHeaders, content: { '*/*': {} } },
      { status: 202, description: 'The task that still makes the file', schema: AcceptedTask },
      { status: 206, description: 'The part that Range asks for', content: { '*/*': {} } },
      { status: 304, description: 'The client has it already' },
    ],
    problems: [
      ...(['invalid_request', 'not_found', 'conflict', 'range_not_satisfiable', 'content_unavailable'] as const),
      ...(['task_type_not_served', 'invalid_payload', 'queue_full', 'daily_quota_spent'] as const),
    ],
  })
  @Get(':name/versions/:version/content')
  async content(
    @Caller() caller: Principal,
    @Param('name', NamePipe) name: string,
    @Param('version', VersionPipe) number: number,
    @Query({ schema: ContentQuery }) { format }: ContentQuery,
    @Req() request: FastifyRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile | AcceptedTask | undefined> {
    const found = await this.datasets.find(caller.tenantId, name, number);
    const fileName = `${name}-v${number}.${format}`;
    if (format === 'parquet') {
      const file = await this.datasets.file(caller.tenantId, found, parquetMediaType);
      return answerWithFile(request, saved(reply, fileName), file);
    }
    const exported = await this.exports.file(caller, found, format, reply);
    if (exported.kind === 'file') return answerWithFile(request, saved(reply, fileName), exported.file);
    return stillAtWork(reply, exported.task);
  }
}

/** 202 with the task that makes what was asked for. */
const stillAtWork = (reply: FastifyReply, task: AcceptedTask): AcceptedTask => {
  reply.status(HttpStatus.ACCEPTED).header('location', task.links.self);
  return task;
};

/** A browser saves it, and runs nothing that is in it. */
const saved = (reply: FastifyReply, fileName: string): FastifyReply =>
  reply.headers({
    'content-disposition': `attachment; filename="${fileName}"`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-cache',
  });
