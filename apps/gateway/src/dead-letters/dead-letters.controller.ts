import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  DeadLetterGroupQuery,
  type DeadLetterGroups,
  type DeadLetterPage,
  DeadLetterQuery,
  type DeadLetterView,
} from '@pulser/contracts';

import { Role } from '../access/role.js';
import { TenantId } from '../access/tenant.js';
import { TaskIdPipe } from '../tasks/task-id.pipe.js';
import { deadLetterView } from './dead-letter-view.policy.js';
import { documentedDeadLetters } from './dead-letters.documentation.js';
import { DeadLetters } from './dead-letters.service.js';

@ApiTags('dead letters')
@Controller('api/v1/dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLetters) {}

  @Role('viewer')
  @documentedDeadLetters.page
  @Get()
  page(
    @TenantId() tenantId: string,
    @Query({ schema: DeadLetterQuery }) query: DeadLetterQuery,
  ): Promise<DeadLetterPage> {
    return this.letters.page(tenantId, query);
  }

  @Role('viewer')
  @documentedDeadLetters.groups
  @Get('groups')
  groups(
    @TenantId() tenantId: string,
    @Query({ schema: DeadLetterGroupQuery }) query: DeadLetterGroupQuery,
  ): Promise<DeadLetterGroups> {
    return this.letters.groups(tenantId, query);
  }

  @Role('viewer')
  @documentedDeadLetters.view
  @Get(':id')
  async view(@TenantId() tenantId: string, @Param('id', TaskIdPipe) letterId: string): Promise<DeadLetterView> {
    return deadLetterView(await this.letters.find(tenantId, letterId));
  }
}
