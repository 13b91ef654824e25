import { Controller, Get, Param } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Explanation } from '@pulser/contracts';

import { Role } from '../access/role.js';
import { TenantId } from '../access/tenant.js';
import { Documented } from '../docs/documented.js';
import { TaskIdPipe } from '../tasks/task-id.pipe.js';
import { taskIdParameter } from '../tasks/task-id-parameter.js';
import { Explanations } from './explanations.service.js';

@ApiTags('tasks')
@Controller('api/v1/tasks/:id/explain')
export class ExplainController {
  constructor(private readonly explanations: Explanations) {}

  @Role('viewer')
  @Get()
  @taskIdParameter
  @Documented({
    id: 'explainTask',
    summary: 'Why a task waits',
    description: 'One sentence for people, and the same as data.',
    answers: [{ status: 200, description: 'Why the task is where it is', schema: Explanation }],
    problems: ['not_found'],
  })
  explain(@TenantId() tenantId: string, @Param('id', TaskIdPipe) taskId: string): Promise<Explanation> {
    return this.explanations.explain(tenantId, taskId);
  }
}
