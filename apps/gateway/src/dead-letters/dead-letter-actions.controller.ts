import { Body, Controller, HttpCode, HttpStatus, Param, Post, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  type AcceptedTask,
  type DeadLetterSummary,
  type Discarded,
  DiscardMany,
  DiscardOne,
  type Replayed,
  ReplayEdit,
  ReplayMany,
} from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { Caller, type RequestCaller } from '../access/caller.js';
import { Role } from '../access/role.js';
import { TaskIdPipe } from '../tasks/task-id.pipe.js';
import { documentedDeadLetters } from './dead-letters.documentation.js';
import { Discards } from './discards.service.js';
import { ManyReplays } from './many-replays.service.js';
import { Replays } from './replays.service.js';

const OptionalEdit = ReplayEdit.nullish();

@ApiTags('dead letters')
@Controller('api/v1/dead-letters')
export class DeadLetterActionsController {
  constructor(
    private readonly replays: Replays,
    private readonly manyReplays: ManyReplays,
    private readonly discards: Discards,
  ) {}

  @Role('operator')
  @documentedDeadLetters.replay
  @Post(':id/replay')
  @HttpCode(HttpStatus.ACCEPTED)
  async replay(
    @Caller() caller: RequestCaller,
    @Param('id', TaskIdPipe) letterId: string,
    @Body({ schema: OptionalEdit }) edit: ReplayEdit | null | undefined,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<AcceptedTask> {
    const { task } = await this.replays.replay(caller, letterId, edit ?? {});
    reply.header('location', task.links.self);
    return task;
  }

  @Role('operator')
  @documentedDeadLetters.replayMany
  @Post('replay')
  @HttpCode(HttpStatus.OK)
  replayMany(@Caller() caller: RequestCaller, @Body({ schema: ReplayMany }) order: ReplayMany): Promise<Replayed> {
    return this.manyReplays.replay(caller, order);
  }

  @Role('operator')
  @documentedDeadLetters.discard
  @Post(':id/discard')
  @HttpCode(HttpStatus.OK)
  discard(
    @Caller() caller: RequestCaller,
    @Param('id', TaskIdPipe) letterId: string,
    @Body({ schema: DiscardOne }) { reason }: DiscardOne,
  ): Promise<DeadLetterSummary> {
    return this.discards.discard(caller, letterId, reason);
  }

  @Role('operator')
  @documentedDeadLetters.discardMany
  @Post('discard')
  @HttpCode(HttpStatus.OK)
  discardMany(@Caller() caller: RequestCaller, @Body({ schema: DiscardMany }) order: DiscardMany): Promise<Discarded> {
    return this.discards.discardMany(caller, order);
  }
}
