import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { type Principal, submitterRole } from '@pulser/context-bus';
import { AcceptedTask, SubmitTask, TaskPage, TaskQuery, TaskSummary, TaskView } from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { BodyExample, bodyProblems, Documented, submissionExample } from '../docs/documented.js';
import { IdempotencyKey, IdempotencyKeyHeader, IdParameter, IdPipe } from '../rest/parameters.js';
import { clientGone, WaitQuery } from '../events/task-notifier.js';
import { Submissions } from './submissions.service.js';
import { Tasks } from './tasks.service.js';

const submissionHeaders = {
  Location: 'Where the task is',
  'Idempotent-Replayed': '`true` when the key was used before: this is the task of that time',
};

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
    answers: [{ status: 202, description: 'The task is accepted', schema: AcceptedTask, headers: submissionHeaders }],
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
    @IdempotencyKey() idempotencyKey: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedTask> {
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
  @Get()
  page(@TenantId() tenantId: string, @Query({ schema: TaskQuery }) query: TaskQuery): Promise<TaskPage> {
    return this.tasks.page(tenantId, query);
  }

  @Role('viewer')
  @IdParameter('the task')
  @Documented({
    id: 'getTask',
    summary: 'Get a task with its result, or wait for it',
    answers: [{ status: 200, description: 'The task as it is now', schema: TaskView }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':id')
  view(
    @TenantId() tenantId: string,
    @Param('id', new IdPipe('task')) taskId: string,
    @Query({ schema: WaitQuery }) { wait }: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TaskView> {
    if (wait === undefined) return this.tasks.view(tenantId, taskId);
    return this.tasks.viewAtEnd(tenantId, taskId, { seconds: wait, gone: clientGone(reply) });
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
}
