import { Controller, Get, Module, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { TaskSpans } from '@pulser/context-bus';
import { TaskTrace } from '@pulser/contracts';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { IdParameter, IdPipe, notFound } from '../rest/parameters.js';

const description = `Spans as a list: the task first, then by time; every parent is in the list. What follows from the row is \`derived\`:
waits, attempts, back-offs. Of some tasks services store more, under the ids of the exported trace: of a share of them, and of
attempts that failed or were slow. Times of stored spans are by the clock of their service.`;

@ApiTags('tasks')
@Controller('api/v1/tasks/:id/trace')
export class TracesController {
  constructor(private readonly spans: TaskSpans) {}

  @Role('viewer')
  @IdParameter('the task')
  @Documented({
    id: 'getTaskTrace',
    summary: 'Where the time of a task went',
    description,
    answers: [{ status: 200, description: 'Its spans', schema: TaskTrace }],
    problems: ['not_found'],
  })
  @Get()
  async trace(@TenantId() tenantId: string, @Param('id', new IdPipe('task')) taskId: string): Promise<TaskTrace> {
    const trace = await this.spans.of(tenantId, taskId);
    if (trace === undefined) throw notFound('task');
    return trace;
  }
}

@Module({ controllers: [TracesController] })
export class TracesModule {}
