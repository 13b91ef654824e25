import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { submitterRole } from '@pulser/context-bus';
import { AcceptedSignal, SignalBody, SignalName, TaskWaitsView } from '@pulser/contracts';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented } from '../docs/documented.js';
import { IdempotencyKey, IdempotencyKeyHeader, IdParameter, IdPipe, notFound } from '../rest/parameters.js';
import { Waits } from './waits.service.js';

@ApiTags('tasks')
@Controller('api/v1/tasks/:id')
export class WaitsController {
  constructor(private readonly waits: Waits) {}

  @Role(submitterRole)
  @IdParameter('the task')
  @ApiParam({
    name: 'name',
    description: 'Of the signal: a small letter, then up to 63 small letters, digits, underscores, dots and hyphens',
    schema: { type: 'string', pattern: '^[a-z][a-z0-9_.-]{0,63}$' },
  })
  @Documented({
    id: 'signalTask',
    summary: 'Send a signal to a task',
    description:
      'Wakes the task when it waits for a signal of this name; one that comes early is kept until it does, 1,000 for each ' +
      'task. Each signal goes to one wait, the oldest first. Needs the right to submit tasks of its type.',
    answers: [{ status: 202, description: 'The signal is durably kept', schema: AcceptedSignal }],
    problems: [...bodyProblems, 'not_found', 'forbidden', 'conflict', 'idempotency_conflict'],
  })
  @IdempotencyKeyHeader()
  @Post('signals/:name')
  @HttpCode(HttpStatus.ACCEPTED)
  signal(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('task')) taskId: string,
    @Param('name') name: string,
    @Body({ schema: SignalBody }) body: SignalBody,
    @IdempotencyKey() key: string | undefined,
  ): Promise<AcceptedSignal> {
    if (!SignalName.safeParse(name).success) throw notFound('signal');
    return this.waits.send(caller, taskId, name, body, key);
  }

  @Role('viewer')
  @IdParameter('the task')
  @Documented({
    id: 'getTaskWaits',
    summary: 'What a task waits for, and what it has waited for',
    answers: [{ status: 200, description: 'Waits, children and signals', schema: TaskWaitsView }],
    problems: ['not_found'],
  })
  @Get('waits')
  view(@TenantId() tenantId: string, @Param('id', new IdPipe('task')) taskId: string): Promise<TaskWaitsView> {
    return this.waits.view(tenantId, taskId);
  }
}
