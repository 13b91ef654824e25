// From a file, or where one is, to the task that makes it a version of a dataset.
import { Injectable } from '@nestjs/common';
import { type Principal, submissionRefusal } from '@pulser/context-bus';
import {
  type AcceptedIngest,
  fieldProblems,
  HttpError,
  type IngestOrder,
  type IngestQuery,
  readJson,
  SubmitTask,
  type UploadView,
} from '@pulser/contracts';
import type { FastifyRequest } from 'fastify';

import { refusalToHttp, Submissions } from '../tasks/submissions.service.js';
import { digestOf, formatOf } from './data-formats.policy.js';
import { datasetPath } from './datasets.service.js';
import { UploadsService } from './uploads.service.js';

/** The task type whose agent reads files, and what it is asked. */
const taskType = 'data_pipeline';

export interface IngestAnswer {
  readonly accepted: AcceptedIngest;
  /** The task was accepted before with the same idempotency key. */
  readonly repeated: boolean;
}

/** Submits the tasks that make datasets. */
@Injectable()
export class IngestService {
  constructor(
    private readonly uploads: UploadsService,
    private readonly submissions: Submissions,
  ) {}

  /** Receives the body of a request, and submits its ingest. @throws HttpError */
  async receive(
    caller: Principal,
    name: string,
    query: IngestQuery,
    request: FastifyRequest,
    idempotencyKey: string | undefined,
  ): Promise<IngestAnswer> {
    // The body is read only when the client may submit it and the request can be right.
    requireMaySubmit(caller);
    const options = optionsOf(query);
    const sha256 = digestOf(request.headers['content-digest'] as string | undefined);
    const upload = await this.take(caller, request, sha256);
    const format = query.format ?? formatOf(upload.media_type);
    const source = { ...options, ...(format !== undefined && { format }), upload: upload.sha256 };
    return this.submit(caller, name, { source, upload, idempotencyKey });
  }

  /** @throws HttpError when the task is refused, its source among the reasons */
  async submit(
    caller: Principal,
    name: string,
    {
      source,
      upload = null,
      idempotencyKey,
    }: { source: IngestOrder; upload?: UploadView | null; idempotencyKey: string | undefined },
  ): Promise<IngestAnswer> {
    const payload = { operation: 'ingest', dataset: name, source };
    const submit = SubmitTask.safeParse({ task_type: taskType, payload });
    if (!submit.success) throw new HttpError('invalid_request', { errors: fieldProblems(submit.error) });
    const { task, repeated } = await this.submissions.submit(caller, { submit: submit.data, idempotencyKey });
    const href = datasetPath(name);
    const dataset = { name, href, version_href: `${href}?made_by=${task.task_id}` };
    return { accepted: { ...task, dataset, upload }, repeated };
  }

  private take(caller: Principal, request: FastifyRequest, sha256: Buffer | undefined): Promise<UploadView> {
    if (sha256 !== undefined)
      return this.uploads.receivePart(caller.tenantId, request, { sha256, offset: 0, last: true });
    return this.uploads.receive(caller.tenantId, request);
  }
}

const requireMaySubmit = (caller: Principal): void => {
  const code = submissionRefusal(caller, taskType);
  if (code === 'forbidden') throw refusalToHttp({ code, role: caller.role });
  if (code !== undefined) throw refusalToHttp({ code, taskType, allowed: caller.allowedTaskTypes ?? [] });
};

/** @throws HttpError `invalid_request` when they are no JSON object */
const optionsOf = ({ options }: IngestQuery): Readonly<Record<string, unknown>> => {
  if (options === undefined) return {};
  const reading = readJson(Buffer.from(options));
  const value = reading.kind === 'read' ? reading.value : undefined;
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new HttpError('invalid_request', { errors: [{ pointer: '/options', detail: 'Must be a JSON object' }] });
};
