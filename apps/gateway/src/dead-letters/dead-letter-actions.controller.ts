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
  replayMany(@Caller() caller: RequestCaller, @Body({ schema: ReplayMany }) order: ReplayMany): Promise<Replayed> {
    return this.manyReplays.replay(caller, order);
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
  discard(
    @Caller() caller: RequestCaller,
    @Param('id', new IdPipe('dead letter')) deadLetterId: string,
    @Body({ schema: DiscardOne }) { reason }: DiscardOne,
  ): Promise<DeadLetterSummary> {
    return this.deadLetters.discard(caller, deadLetterId, reason);
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
  discardMany(@Caller() caller: RequestCaller, @Body({ schema: DiscardMany }) order: DiscardMany): Promise<Discarded> {
    return this.deadLetters.discardMany(caller, order);
  }
}
