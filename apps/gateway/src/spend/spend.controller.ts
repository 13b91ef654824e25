// What a tenant spent on language models.
import { Controller, Get, Module, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SpendQuery, SpendView, TaskSpend } from '@pulser/contracts';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { SpendService } from './spend.service.js';

const description = `Money is whole micro-dollars, by the prices of the configuration. A request is counted on the day (UTC) on which it was sent.`;

@ApiTags('spend')
@Controller('api/v1')
export class SpendController {
  constructor(private readonly spend: SpendService) {}

  @Role('viewer')
  @Documented({
    id: 'getSpend',
    summary: 'What was spent on models, and what is left of today',
    description,
    answers: [{ status: 200, description: 'Sums, and the budget of the day', schema: SpendView }],
    problems: ['invalid_request'],
  })
  @Get('spend')
  of(@TenantId() tenantId: string, @Query({ schema: SpendQuery }) query: SpendQuery): Promise<SpendView> {
    return this.spend.of(tenantId, query);
  }

  @Role('viewer')
  @IdParameter('the task')
  @Documented({
    id: 'getTaskSpend',
    summary: 'What a task spent on models, request by request',
    description,
    answers: [{ status: 200, description: 'Its budgets and requests', schema: TaskSpend }],
    problems: ['not_found'],
  })
  @Get('tasks/:id/spend')
  ofTask(@TenantId() tenantId: string, @Param('id', new IdPipe('task')) taskId: string): Promise<TaskSpend> {
    return this.spend.ofTask(tenantId, taskId);
  }
}

@Module({ controllers: [SpendController], providers: [SpendService] })
export class SpendModule {}
