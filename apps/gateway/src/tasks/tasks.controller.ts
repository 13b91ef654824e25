import { Body, Controller, Get, Headers, HttpCode, HttpStatus, Param, Patch, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import { type Principal, submitterRole, type WholeTask } from '@pulser/context-bus';
import {
  AcceptedTask,
  CheckedTask,
  SubmitQuery,
  SubmitTask,
  TaskPage,
  TaskPatch,
  TaskQuery,
  TaskSummary,
  TaskView,
} from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { BodyExample, bodyProblems, Documented, OptionalBody, submissionExample } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { IdempotencyKey, IdempotencyKeyHeader, IdParameter, IdPipe } from '../rest/parameters.js';
import { clientGone, WaitQuery } from '../events/task-notifier.js';
import { Submissions } from './submissions.service.js';
import { Tasks, taskTag } from './tasks.service.js';

const submissionHeaders = {
  Location: 'Where the task is',
  'Idempotent-Replayed': '`true` when the key was used before: this is the task of that time',
};

const taskHeaders = { ETag: 'Of this version of the task, for If-Match' };

/** Without a body nothing is changed. */
const OptionalPatch = TaskPatch.nullish();

@ApiTags('tasks')
@Controller('api/v1/tasks')
export class TasksController {
  constructor(
    private readonly submissions: Submissions,
    private readonly tasks: Tasks,
  ) {}

  @Role(submitterRole)
  @Documented({
    id: 'submitTask',
    summary: 'Submit a task',
    description: 'The task is durably kept when this answers. It may not have started yet.',
    answers: [
      { status: 200, description: 'With `dry_run`: what would become of it', schema: CheckedTask },
      { status: 202, description: 'The task is accepted', schema: AcceptedTask, headers: submissionHeaders },
    ],
    problems: [
      ...bodyProblems,
      'idempotency_conflict',
      'task_type_not_served',
      'invalid_payload',
      'queue_full',
      'daily_quota_spent',
    ],
  })
  @IdempotencyKeyHeader()
  @BodyExample(submissionExample)
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  async submit(
    @Caller() caller: Principal,
    @Body({ schema: SubmitTask }) body: SubmitTask,
    @Query({ schema: SubmitQuery }) query: SubmitQuery,
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedTask | CheckedTask> {
    if (query.dry_run === 'true') {
      reply.status(HttpStatus.OK);
      return this.submissions.check(caller, body);
    }
    const { task, repeated } = await this.submissions.submit(caller, { submit: body, idempotencyKey });
    reply.header('location', task.links.self);
    if (repeated) reply.header('idempotent-replayed', 'true');
    return task;
  }

  @Role('viewer')
  @Documented({
    id: 'listTasks',
    summary: 'List tasks, newest first',
    description: 'Pages stay stable while tasks come and go.',
    answers: [{ status: 200, description: 'A page', schema: TaskPage }],
    problems: ['invalid_request'],
  })
  @Exportable({ name: 'tasks', row: TaskSummary, rows: 'tasks', paging: { parameter: 'cursor', next: 'next_cursor' } })
  @Get()
  page(@TenantId() tenantId: string, @Query({ schema: TaskQuery }) query: TaskQuery): Promise<TaskPage> {
    return this.tasks.page(tenantId, query);
  }

  @Role('viewer')
  @IdParameter('the task')
  @Documented({
    id: 'getTask',
    summary: 'Get a task with its result, or wait for it',
    answers: [{ status: 200, description: 'The task as it is now', schema: TaskView, headers: taskHeaders }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':id')
  async view(
    @TenantId() tenantId: string,
    @Param('id', new IdPipe('task')) taskId: string,
    @Query({ schema: WaitQuery }) { wait }: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TaskView> {
    if (wait === undefined) return this.shown(reply, tenantId, await this.tasks.find(tenantId, taskId));
    const limits = { seconds: wait, gone: clientGone(reply) };
    return this.shown(reply, tenantId, await this.tasks.findAtEnd(tenantId, taskId, limits));
  }

  @Role('operator')
  @IdParameter('the task')
  @ApiHeader({ name: 'If-Match', description: 'Only if the task has one of these ETags', required: false })
  @Documented({
    id: 'changeTask',
    summary: 'Change priority, start or deadline of a task that waits',
    description:
      'A JSON merge patch (RFC 7396): members that are missing stay, null removes. For tasks that are scheduled, queued or ' +
      'retrying. One that is on its way to a worker already may start in its old order.',
    answers: [{ status: 200, description: 'The task as it is now', schema: TaskView, headers: taskHeaders }],
    problems: [...bodyProblems, 'not_found', 'conflict', 'precondition_failed'],
  })
  @OptionalBody()
  @Patch(':id')
  async change(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('task')) taskId: string,
    @Headers('if-match') ifMatch: string | undefined,
    @Body({ schema: OptionalPatch }) patch: TaskPatch | null | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TaskView> {
    return this.shown(reply, caller.tenantId, await this.tasks.amend(caller, taskId, patch ?? {}, ifMatch));
  }

  @Role('operator')
  @IdParameter('the task')
  @Documented({
    id: 'cancelTask',
    summary: 'Cancel a task',
    description: 'A running attempt is stopped, and its result is not kept.',
    answers: [{ status: 200, description: 'The task, cancelled', schema: TaskSummary }],
    problems: ['not_found', 'conflict'],
  })
  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  cancel(@Caller() caller: RequestCaller, @Param('id', new IdPipe('task')) taskId: string): Promise<TaskSummary> {
    return this.tasks.cancel(caller, taskId);
  }

  private shown(reply: FastifyReply, tenantId: string, task: WholeTask): Promise<TaskView> {
    reply.header('etag', taskTag(task));
    return this.tasks.view(tenantId, task);
  }
}
