import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  DeadLetterGroupQuery,
  DeadLetterGroups,
  DeadLetterPage,
  DeadLetterQuery,
  DeadLetterSummary,
  DeadLetterView,
} from '@pulser/contracts';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { DeadLetters, deadLetterView } from './dead-letters.service.js';

@ApiTags('dead letters')
@Controller('api/v1/dead-letters')
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLetters) {}

  @Role('viewer')
  @Documented({
    id: 'listDeadLetters',
    summary: 'List dead letters, newest first',
    description: 'Tasks that used up their attempts, and messages with your key that could not become a task.',
    answers: [{ status: 200, description: 'A page', schema: DeadLetterPage }],
    problems: ['invalid_request'],
  })
  @Exportable({
    name: 'dead-letters',
    row: DeadLetterSummary,
    rows: 'dead_letters',
    paging: { parameter: 'cursor', next: 'next_cursor' },
  })
  @Get()
  page(
    @TenantId() tenantId: string,
    @Query({ schema: DeadLetterQuery }) query: DeadLetterQuery,
  ): Promise<DeadLetterPage> {
    return this.deadLetters.page(tenantId, query);
  }

  @Role('viewer')
  @Documented({
    id: 'listDeadLetterGroups',
    summary: 'Count dead letters by cause',
    description: 'One group per fingerprint: task type, code and message without numbers, ids and quoted names.',
    answers: [{ status: 200, description: 'The largest groups first', schema: DeadLetterGroups }],
    problems: ['invalid_request'],
  })
  @Get('groups')
  groups(
    @TenantId() tenantId: string,
    @Query({ schema: DeadLetterGroupQuery }) query: DeadLetterGroupQuery,
  ): Promise<DeadLetterGroups> {
    return this.deadLetters.groups(tenantId, query);
  }

  @Role('viewer')
  @IdParameter('the dead letter')
  @Documented({
    id: 'getDeadLetter',
    summary: 'Get a dead letter with every attempt, or with the message as it came',
    answers: [{ status: 200, description: 'The dead letter', schema: DeadLetterView }],
    problems: ['not_found'],
  })
  @Get(':id')
  async view(
    @TenantId() tenantId: string,
    @Param('id', new IdPipe('dead letter')) deadLetterId: string,
  ): Promise<DeadLetterView> {
    return deadLetterView(await this.deadLetters.find(tenantId, deadLetterId));
  }
}
