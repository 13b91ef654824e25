import { Controller, Get, Module, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Explanation } from '@pulser/contracts';
import { LiveWorkers } from '@pulser/messaging';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { EventsModule } from '../events/events.module.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { Explanations, HeartbeatsConsumer } from './explain.service.js';

@ApiTags('tasks')
@Controller('api/v1/tasks/:id/explain')
export class ExplainController {
  constructor(private readonly explanations: Explanations) {}

  @Role('viewer')
  @Get()
  @IdParameter('the task')
  @Documented({
    id: 'explainTask',
    summary: 'Why a task waits',
    description: 'One sentence for people, and the same as data.',
    answers: [{ status: 200, description: 'Why the task is where it is', schema: Explanation }],
    problems: ['not_found'],
  })
  explain(@TenantId() tenantId: string, @Param('id', new IdPipe('task')) taskId: string): Promise<Explanation> {
    return this.explanations.explain(tenantId, taskId);
  }
}

@Module({
  imports: [EventsModule],
  controllers: [ExplainController, HeartbeatsConsumer],
  providers: [Explanations, LiveWorkers],
  exports: [LiveWorkers],
})
export class ExplainModule {}
