import { Body, Controller, HttpCode, HttpStatus, Post } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiTags } from '@nestjs/swagger';
import type { Principal } from '@pulser/context-bus';
import { type BatchAnswer, SubmitBatch } from '@pulser/contracts';

import { Caller } from '../access/caller.js';
import { Role } from '../access/role.js';
import { Batches } from './batch.service.js';
import { IdempotencyKey } from './idempotency-key.js';
import { documentedTasks } from './tasks.documentation.js';

const batchBytes = 16_777_216;

@ApiTags('tasks')
@Controller('api/v1/tasks/batch')
export class BatchController {
  constructor(private readonly batches: Batches) {}

  @Role('operator')
  @documentedTasks.batch
  @Post()
  @HttpCode(HttpStatus.ACCEPTED)
  @RouteConfig({ bodyLimit: batchBytes })
  submit(
    @Caller() caller: Principal,
    @Body({ schema: SubmitBatch }) { tasks }: SubmitBatch,
    @IdempotencyKey() key: string | undefined,
  ): Promise<BatchAnswer> {
    return this.batches.submit(caller, tasks, key);
  }
}
