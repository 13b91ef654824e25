import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post, Query, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Principal } from '@pulser/context-bus';
import {
  type AcceptedTask,
  SubmitTask,
  type TaskPage,
  TaskQuery,
  type TaskSummary,
  type TaskView,
} from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { Caller, type RequestCaller } from '../access/caller.js';
import { clientGone } from '../access/client-gone.js';
import { Role } from '../access/role.js';
import { TenantId } from '../access/tenant.js';
import { Cancellations } from './cancellation.service.js';
import { IdempotencyKey } from './idempotency-key.js';
import { Submissions } from './submission.service.js';
import { TaskIdPipe } from './task-id.pipe.js';
import { Tasks } from './tasks.service.js';
import { documentedTasks } from './tasks.documentation.js';
import { WaitQuery } from './wait.js';

@ApiTags('tasks')
@Controller('api/v1/tasks')
export class TasksController {
  constructor(
    private readonly submissions: Submissions,
    private readonly tasks: Tasks,
    private readonly cancellations: Cancellations,
  ) {}

  @Role('operator')
  @documentedTasks.submit
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  async submit(
    @Caller() caller: Principal,
    @Body({ schema: SubmitTask }) body: SubmitTask,
    @IdempotencyKey() key: string | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedTask> {
    const { task, replayed } = await this.submissions.submit(caller, body, key);
    reply.header('location', task.links.self);
    if (replayed) reply.header('idempotent-replayed', 'true');
    return task;
  }

  @Role('viewer')
  @documentedTasks.page
  @Get()
  page(@TenantId() tenantId: string, @Query({ schema: TaskQuery }) query: TaskQuery): Promise<TaskPage> {
    return this.tasks.page(tenantId, query);
  }

  @Role('viewer')
  @documentedTasks.view
  @Get(':id')
  view(
    @TenantId() tenantId: string,
    @Param('id', TaskIdPipe) taskId: string,
    @Query({ schema: WaitQuery }) { wait }: WaitQuery,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<TaskView> {
    if (wait === undefined) return this.tasks.view(tenantId, taskId);
    return this.tasks.viewAtEnd(tenantId, taskId, { seconds: wait, gone: clientGone(reply) });
  }

  @Role('operator')
  @documentedTasks.cancel
  @Post(':id/cancel')
  @HttpCode(HttpStatus.OK)
  cancel(@Caller() caller: RequestCaller, @Param('id', TaskIdPipe) taskId: string): Promise<TaskSummary> {
    return this.cancellations.cancel(caller, taskId);
  }
}
