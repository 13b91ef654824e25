// Versions in other formats than the one they are kept in: a task writes the file once, and it is sent to all who ask.
import { Injectable } from '@nestjs/common';
import type { DatasetVersion, Principal } from '@pulser/context-bus';
import { type AcceptedTask, datasetReference, SubmitTask } from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { ArtifactFiles } from '../artifacts/artifacts.controller.js';
import type { SentFile } from '../rest/file-answer.js';
import { failed, readerKey, ReaderTasks } from './reader-tasks.service.js';

export type ExportFormat = 'csv' | 'ndjson';

/** The file, or the task that still works on it. */
export type Exported =
  { readonly kind: 'file'; readonly file: SentFile } | { readonly kind: 'pending'; readonly task: AcceptedTask };

const orderOf = ({ name, version }: DatasetVersion, format: ExportFormat): SubmitTask =>
  SubmitTask.parse({
    task_type: 'data_pipeline',
    priority: 'high',
    payload: { operation: 'export', dataset: datasetReference(name, version), format },
  });

@Injectable()
export class Exports {
  constructor(
    private readonly tasks: ReaderTasks,
    private readonly artifacts: ArtifactFiles,
  ) {}

  /** @throws HttpError `conflict` when the task failed; what keeps it from being submitted */
  async file(caller: Principal, version: DatasetVersion, format: ExportFormat, reply: FastifyReply): Promise<Exported> {
    const key = readerKey(version, `export:${format}`);
    const ran = await this.tasks.run(caller, orderOf(version, format), key, reply);
    if (ran.kind === 'pending') return ran;
    const { task_id: taskId, artifacts } = ran.view;
    const [artifact] = artifacts;
    if (artifact === undefined) throw failed(ran.view);
    return { kind: 'file', file: await this.artifacts.find(caller.tenantId, taskId, artifact.name) };
  }
}
