// Tasks that read a version for whoever may read it: each is submitted once, and serves all who ask for the same.
import { Injectable } from '@nestjs/common';
import type { DatasetVersion, Principal } from '@pulser/context-bus';
import { type AcceptedTask, hasEnded, HttpError, type SubmitTask, type TaskView } from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { clientGone } from '../events/task-notifier.js';
import { Submissions } from '../tasks/submissions.service.js';
import { Tasks } from '../tasks/tasks.service.js';

/** Seconds that a client waits for the end. */
const waitS = 30;

/** The task that completed, or that still works. */
export type ReaderTask =
  { readonly kind: 'completed'; readonly view: TaskView } | { readonly kind: 'pending'; readonly task: AcceptedTask };

// A reader of a version may have it in any form: the task changes nothing that other clients see.
const reader = (caller: Principal): Principal => ({ ...caller, role: 'operator', allowedTaskTypes: null });

/** One task for each `what` of a version, for as long as idempotency keys are kept. A name may be given anew: the hash may not. */
export const readerKey = ({ name, version, sha256 }: DatasetVersion, what: string): string =>
  `${what}:${name}@${version}:${sha256.toString('hex').slice(0, 16)}`;

@Injectable()
export class ReaderTasks {
  constructor(
    private readonly submissions: Submissions,
    private readonly tasks: Tasks,
  ) {}

  /**
   * The task at its end, or as far as it is after 30 s. One that failed earlier is tried once more.
   * @throws HttpError `conflict` when it failed; what keeps it from being submitted
   */
  async run(caller: Principal, submit: SubmitTask, idempotencyKey: string, reply: FastifyReply): Promise<ReaderTask> {
    const first = await this.once(caller, submit, idempotencyKey, reply);
    const isOld = first.repeated && (first.view.status === 'failed' || first.view.status === 'cancelled');
    const { task, view } = isOld
      ? await this.once(caller, submit, `${idempotencyKey}:${first.task.task_id.slice(-12)}`, reply)
      : first;
    if (!hasEnded(view.status)) return { kind: 'pending', task };
    if (view.status !== 'completed') throw failed(view);
    return { kind: 'completed', view };
  }

  private async once(caller: Principal, submit: SubmitTask, idempotencyKey: string, reply: FastifyReply) {
    const wait = { seconds: waitS, gone: clientGone(reply) };
    const { task, repeated } = await this.submissions.submit(reader(caller), { submit, idempotencyKey });
    const ended = await this.tasks.findAtEnd(caller.tenantId, task.task_id, wait);
    return { task, repeated, view: await this.tasks.view(caller.tenantId, ended) };
  }
}

/** The refusal of what a task should have made. */
export const failed = ({ task_id, status, error }: TaskView): HttpError =>
  new HttpError('conflict', {
    detail: error?.message ?? 'The task that reads the version did not complete',
    extensions: { task_id, task_status: status, ...(error !== null && { task_error: error.code }) },
  });
