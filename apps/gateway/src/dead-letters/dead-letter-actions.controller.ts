// What ends a dead letter: submitting it again or giving it up, one or many.
import { Body, Controller, HttpCode, HttpStatus, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  AcceptedTask,
  DeadLetterSummary,
  Discarded,
  DiscardMany,
  DiscardOne,
  Replayed,
  ReplayEdit,
  ReplayMany,
} from '@pulser/contracts';
import { StreamedTenants } from '@pulser/messaging';
import type { FastifyReply } from 'fastify';

import { Caller, type RequestCaller } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented, OptionalBody } from '../docs/documented.js';
import { IdParameter, IdPipe } from '../rest/parameters.js';
import { DeadLetters } from './dead-letters.service.js';
import { ManyReplays, Replays } from './replays.service.js';

const OptionalEdit = ReplayEdit.nullish();

@ApiTags('dead letters')
@Controller('api/v1/dead-letters')
export class DeadLetterActionsController {
  constructor(
    private readonly deadLetters: DeadLetters,
    private readonly replays: Replays,
    private readonly manyReplays: ManyReplays,
    private readonly streamed: StreamedTenants,
  ) {}

  @Role('operator')
  @IdParameter('the dead letter')
  @Documented({
    id: 'replayDeadLetter',
    summary: 'Submit it again, as it was or changed',
    description:
      'A new task with fresh attempts. Without a body it is submitted as it was. A dead letter is replayed ' +
      'once: after that the answer is a conflict that names the task.',
    answers: [
      {
        status: 202,
        description: 'The new task is accepted',
        schema: AcceptedTask,
        headers: { Location: 'Where the task is' },
      },
    ],
    problems: [
      ...bodyProblems,
      'not_found',
      'conflict',
      'idempotency_conflict',
      'task_type_not_served',
      'invalid_payload',
      'unknown_destination',
      'queue_full',
      'daily_quota_spent',
    ],
  })
  @OptionalBody()
  @Post(':id/replay')
  @HttpCode(HttpStatus.ACCEPTED)
  async replay(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('dead letter')) deadLetterId: string,
    @Body({ schema: OptionalEdit }) edit: ReplayEdit | null | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedTask> {
    const { task } = await this.replays.replay(caller, deadLetterId, edit ?? {});
    this.streamed.publishChanged(caller.tenantId, 'dead-letters');
    reply.header('location', task.links.self);
    return task;
  }

  @Role('operator')
  @Documented({
    id: 'replayDeadLetters',
    summary: 'Submit up to 10,000 failed tasks again, oldest first',
    description:
      'They are submitted like any task, within the quotas of the tenant, a hundred per commit. No dead letter is taken ' +
      'twice, and what had no room stays open.',
    answers: [{ status: 200, description: 'How many were taken, and how many are left', schema: Replayed }],
    problems: bodyProblems,
  })
  @Post('replay')
  @HttpCode(HttpStatus.OK)
  async replayMany(
    @Caller() caller: RequestCaller,
    @Body({ schema: ReplayMany }) order: ReplayMany,
  ): Promise<Replayed> {
    const replayed = await this.manyReplays.replay(caller, order);
    this.streamed.publishChanged(caller.tenantId, 'dead-letters', 'tasks');
    return replayed;
  }

  @Role('operator')
  @IdParameter('the dead letter')
  @Documented({
    id: 'discardDeadLetter',
    summary: 'Discard it, with a reason',
    answers: [{ status: 200, description: 'The dead letter, discarded', schema: DeadLetterSummary }],
    problems: [...bodyProblems, 'not_found', 'conflict'],
  })
  @Post(':id/discard')
  @HttpCode(HttpStatus.OK)
  async discard(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('dead letter')) deadLetterId: string,
    @Body({ schema: DiscardOne }) { reason }: DiscardOne,
  ): Promise<DeadLetterSummary> {
    const discarded = await this.deadLetters.discard(caller, deadLetterId, reason);
    this.streamed.publishChanged(caller.tenantId, 'dead-letters');
    return discarded;
  }

  @Role('operator')
  @IdParameter('the dead letter')
  @Documented({
    id: 'reopenDeadLetter',
    summary: 'Take its discard back: it is open again',
    answers: [{ status: 200, description: 'The dead letter, open', schema: DeadLetterSummary }],
    problems: ['not_found', 'conflict'],
  })
  @Post(':id/reopen')
  @HttpCode(HttpStatus.OK)
  async reopen(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('dead letter')) deadLetterId: string,
  ): Promise<DeadLetterSummary> {
    const reopened = await this.deadLetters.reopen(caller, deadLetterId);
    this.streamed.publishChanged(caller.tenantId, 'dead-letters');
    return reopened;
  }

  @Role('operator')
  @Documented({
    id: 'discardDeadLetters',
    summary: 'Discard up to 10,000 of them, oldest first',
    answers: [{ status: 200, description: 'How many were discarded, and how many are left', schema: Discarded }],
    problems: bodyProblems,
  })
  @Post('discard')
  @HttpCode(HttpStatus.OK)
  async discardMany(
    @Caller() caller: RequestCaller,
    @Body({ schema: DiscardMany }) order: DiscardMany,
  ): Promise<Discarded> {
    const discarded = await this.deadLetters.discardMany(caller, order);
    this.streamed.publishChanged(caller.tenantId, 'dead-letters');
    return discarded;
  }
}
