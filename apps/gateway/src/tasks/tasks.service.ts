import { Injectable } from '@nestjs/common';
import { TaskReads } from '@pulser/context-bus';
import { hasEnded, HttpError, type TaskPage, type TaskQuery, type TaskView } from '@pulser/contracts';

import { cursorAfter, taskIdOf } from './cursor.policy.js';
import { LongPolls } from './long-polls.service.js';
import { taskSummary, taskView } from './task-view.policy.js';

export interface WaitLimits {
  readonly seconds: number;
  /** Aborted when the client went away. */
  readonly gone: AbortSignal;
}

/** Reads of a tenant's tasks as the API shows them. */
@Injectable()
export class Tasks {
  constructor(
    private readonly reads: TaskReads,
    private readonly waits: LongPolls,
  ) {}

  /** @throws HttpError `not_found` */
  async view(tenantId: string, taskId: string): Promise<TaskView> {
    const task = await this.reads.find(tenantId, taskId);
    if (task === null) throw new HttpError('not_found');
    return taskView(task);
  }

  /** The view once the task has ended, or what it is when the time is over. @throws HttpError `not_found` */
  async viewAtEnd(tenantId: string, taskId: string, { seconds, gone }: WaitLimits): Promise<TaskView> {
    const wait = this.waits.begin(tenantId, taskId);
    try {
      const task = await this.view(tenantId, taskId);
      if (hasEnded(task.status)) return task;
      await wait.over(seconds * 1_000, gone);
      return await this.view(tenantId, taskId);
    } finally {
      wait.leave();
    }
  }

  /** @throws HttpError `invalid_request` for a cursor that is none of ours */
  async page(tenantId: string, query: TaskQuery): Promise<TaskPage> {
    const tasks = await this.reads.list(tenantId, { ...query, ...cursorFilter(query.cursor) });
    const last = tasks.length < query.limit ? undefined : tasks.at(-1);
    return { tasks: tasks.map(taskSummary), next_cursor: last === undefined ? null : cursorAfter(last.taskId) };
  }
}

const cursorFilter = (cursor: string | undefined): { cursor?: string } => {
  if (cursor === undefined) return {};
  const taskId = taskIdOf(cursor);
  if (taskId !== undefined) return { cursor: taskId };
  const detail = 'Not a cursor of this API: send `next_cursor` as it came, or none for the first page';
  throw new HttpError('invalid_request', { errors: [{ pointer: '/cursor', detail }] });
};
