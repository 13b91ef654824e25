import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Pauses, type PauseTarget } from '@pulser/context-bus';
import { PauseList, PauseOrder } from '@pulser/contracts';

import { Caller, type RequestCaller } from '../access/caller.js';
import { Role } from '../access/role.js';
import { TenantId } from '../access/tenant.js';
import { PausedAgentPipe, PausedTypePipe } from './pause-target.pipe.js';
import { pauseView } from './pause-view.policy.js';
import { documentedPauses } from './pauses.documentation.js';

/** Every route answers with all pauses that hold now. */
@ApiTags('pauses')
@Controller('api/v1')
export class PausesController {
  constructor(private readonly pauses: Pauses) {}

  @Role('viewer')
  @documentedPauses.list
  @Get('pauses')
  async list(@TenantId() tenantId: string): Promise<PauseList> {
    return { pauses: (await this.pauses.list(tenantId)).map(pauseView) };
  }

  @Role('operator')
  @documentedPauses.pauseAgent
  @Post('agents/:name/pause')
  @HttpCode(HttpStatus.OK)
  pauseAgent(
    @Caller() caller: RequestCaller,
    @Param('name', PausedAgentPipe) target: PauseTarget,
    @Body({ schema: PauseOrder }) order: PauseOrder,
  ): Promise<PauseList> {
    return this.pause(caller, target, order);
  }

  @Role('operator')
  @documentedPauses.resumeAgent
  @Post('agents/:name/resume')
  @HttpCode(HttpStatus.OK)
  resumeAgent(
    @Caller() caller: RequestCaller,
    @Param('name', PausedAgentPipe) target: PauseTarget,
  ): Promise<PauseList> {
    return this.resume(caller, target);
  }

  @Role('operator')
  @documentedPauses.pauseType
  @Post('task-types/:name/pause')
  @HttpCode(HttpStatus.OK)
  pauseType(
    @Caller() caller: RequestCaller,
    @Param('name', PausedTypePipe) target: PauseTarget,
    @Body({ schema: PauseOrder }) order: PauseOrder,
  ): Promise<PauseList> {
    return this.pause(caller, target, order);
  }

  @Role('operator')
  @documentedPauses.resumeType
  @Post('task-types/:name/resume')
  @HttpCode(HttpStatus.OK)
  resumeType(@Caller() caller: RequestCaller, @Param('name', PausedTypePipe) target: PauseTarget): Promise<PauseList> {
    return this.resume(caller, target);
  }

  private async pause(
    { tenantId, actor }: RequestCaller,
    target: PauseTarget,
    { reason }: PauseOrder,
  ): Promise<PauseList> {
    await this.pauses.pause(tenantId, actor, target, reason);
    return this.list(tenantId);
  }

  private async resume({ tenantId, actor }: RequestCaller, target: PauseTarget): Promise<PauseList> {
    await this.pauses.resume(tenantId, actor, target);
    return this.list(tenantId);
  }
}
