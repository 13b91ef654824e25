// Pauses of all tenants. What they do is what a tenant's pause does, for everybody.
import { Body, Controller, Get, HttpCode, HttpStatus, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { PauseTarget } from '@pulser/context-bus';
import type { PauseList, PauseOrder } from '@pulser/contracts';

import { type InstallationCaller, OfInstallation } from '../access/caller.js';
import { InstallationRole } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import {
  AgentParameter,
  answersOf,
  DocumentedPause,
  DocumentedResume,
  OptionalOrder,
  PausedAgentPipe,
  PausedTypePipe,
  TypeParameter,
} from '../pauses/pauses.controller.js';
import { PausesService } from '../pauses/pauses.service.js';

const holding = 'All pauses that hold for all tenants now';

const paused =
  'No task of any tenant starts there until it is resumed; what runs goes on, what is submitted waits. Tenants see that ' +
  'it is paused, since when and the reason.';

const resumed = 'Pauses that tenants have made for themselves go on.';

/** Every route answers with all pauses of all tenants that hold now. */
@ApiTags('installation')
@Controller('api/v1/installation')
export class InstallationPausesController {
  constructor(private readonly pauses: PausesService) {}

  @InstallationRole('viewer')
  @Documented({ id: 'listPausesForAll', summary: 'List what is paused for all tenants', answers: answersOf(holding) })
  @Get('pauses')
  list(): Promise<PauseList> {
    return this.pauses.list(undefined);
  }

  @InstallationRole('operator')
  @AgentParameter
  @DocumentedPause({ id: 'pauseAgentForAll', summary: 'Pause an agent for all tenants', description: paused }, holding)
  @Post('agents/:name/pause')
  @HttpCode(HttpStatus.OK)
  pauseAgent(
    @OfInstallation() caller: InstallationCaller,
    @Param('name', PausedAgentPipe) target: PauseTarget,
    @Body({ schema: OptionalOrder }) order: PauseOrder | null | undefined,
  ): Promise<PauseList> {
    return this.pauses.pause(caller, target, order);
  }

  @InstallationRole('operator')
  @AgentParameter
  @DocumentedResume(
    { id: 'resumeAgentForAll', summary: 'Resume an agent for all tenants', description: resumed },
    holding,
  )
  @Post('agents/:name/resume')
  @HttpCode(HttpStatus.OK)
  resumeAgent(
    @OfInstallation() caller: InstallationCaller,
    @Param('name', PausedAgentPipe) target: PauseTarget,
  ): Promise<PauseList> {
    return this.pauses.resume(caller, target);
  }

  @InstallationRole('operator')
  @TypeParameter
  @DocumentedPause(
    { id: 'pauseTaskTypeForAll', summary: 'Pause a task type for all tenants', description: paused },
    holding,
  )
  @Post('task-types/:name/pause')
  @HttpCode(HttpStatus.OK)
  pauseType(
    @OfInstallation() caller: InstallationCaller,
    @Param('name', PausedTypePipe) target: PauseTarget,
    @Body({ schema: OptionalOrder }) order: PauseOrder | null | undefined,
  ): Promise<PauseList> {
    return this.pauses.pause(caller, target, order);
  }

  @InstallationRole('operator')
  @TypeParameter
  @DocumentedResume(
    { id: 'resumeTaskTypeForAll', summary: 'Resume a task type for all tenants', description: resumed },
    holding,
  )
  @Post('task-types/:name/resume')
  @HttpCode(HttpStatus.OK)
  resumeType(
    @OfInstallation() caller: InstallationCaller,
    @Param('name', PausedTypePipe) target: PauseTarget,
  ): Promise<PauseList> {
    return this.pauses.resume(caller, target);
  }
}
