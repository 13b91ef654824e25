import {
  applyDecorators,
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Injectable,
  Module,
  Param,
  type PipeTransform,
  Post,
} from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { type PauseTarget, TaskTypes } from '@pulser/context-bus';
import { builtInAgents, builtInTaskTypes, namePattern, PauseList, PauseOrder } from '@pulser/contracts';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented, OptionalBody } from '../docs/documented.js';
import { notFound } from '../rest/parameters.js';
import { PausesService } from './pauses.service.js';

/** An agent's name in a path. @throws HttpError `not_found` for one that neither comes with Pulser nor has registered */
@Injectable()
export class PausedAgentPipe implements PipeTransform<string, Promise<PauseTarget>> {
  constructor(private readonly types: TaskTypes) {}

  async transform(agent: string): Promise<PauseTarget> {
    if (builtInAgents.includes(agent)) return { agent };
    const served = [...(await this.types.current()).values()];
    if (served.some((type) => type.agent === agent || type.backups.includes(agent))) return { agent };
    throw notFound('agent');
  }
}

/** A task type in a path. @throws HttpError `not_found` for one that is neither built in nor registered */
@Injectable()
export class PausedTypePipe implements PipeTransform<string, Promise<PauseTarget>> {
  constructor(private readonly types: TaskTypes) {}

  async transform(taskType: string): Promise<PauseTarget> {
    if (builtInTaskTypes.includes(taskType) || (await this.types.current()).has(taskType)) return { taskType };
    throw notFound('task type');
  }
}

const NameParameter = (description: string): MethodDecorator =>
  ApiParam({ name: 'name', description, schema: { type: 'string', pattern: namePattern.source } });

export const AgentParameter = NameParameter('Name of the agent');
export const TypeParameter = NameParameter('Name of the task type');

const holding = 'All pauses that hold now';

export const answersOf = (description: string) => [{ status: 200, description, schema: PauseList }];

export const OptionalOrder = PauseOrder.nullish();

interface PauseText {
  readonly id: string;
  readonly summary: string;
  readonly description?: string;
}

/** A route that pauses, and answers with all pauses that hold then. @param answer what the list is of */
export const DocumentedPause = (text: PauseText, answer = holding): MethodDecorator =>
  applyDecorators(
    OptionalBody(),
    Documented({ ...text, answers: answersOf(answer), problems: [...bodyProblems, 'not_found'] }),
  );

export const DocumentedResume = (text: PauseText, answer = holding): MethodDecorator =>
  Documented({ ...text, answers: answersOf(answer), problems: ['not_found'] });

const description =
  'No task of your tenant starts there until it is resumed; what runs goes on, what is submitted waits.';

/** Every route answers with all pauses that hold now. */
@ApiTags('pauses')
@Controller('api/v1')
export class PausesController {
  constructor(private readonly pauses: PausesService) {}

  @Role('viewer')
  @Documented({ id: 'listPauses', summary: 'List what is paused', answers: answersOf(holding) })
  @Get('pauses')
  list(@TenantId() tenantId: string): Promise<PauseList> {
    return this.pauses.list(tenantId);
  }

  @Role('operator')
  @AgentParameter
  @DocumentedPause({ id: 'pauseAgent', summary: 'Pause an agent', description })
  @Post('agents/:name/pause')
  @HttpCode(HttpStatus.OK)
  pauseAgent(
    @Caller() caller: RequestCaller,
    @Param('name', PausedAgentPipe) target: PauseTarget,
    @Body({ schema: OptionalOrder }) order: PauseOrder | null | undefined,
  ): Promise<PauseList> {
    return this.pauses.pause(caller, target, order);
  }

  @Role('operator')
  @AgentParameter
  @DocumentedResume({ id: 'resumeAgent', summary: 'Resume an agent' })
  @Post('agents/:name/resume')
  @HttpCode(HttpStatus.OK)
  resumeAgent(
    @Caller() caller: RequestCaller,
    @Param('name', PausedAgentPipe) target: PauseTarget,
  ): Promise<PauseList> {
    return this.pauses.resume(caller, target);
  }

  @Role('operator')
  @TypeParameter
  @DocumentedPause({ id: 'pauseTaskType', summary: 'Pause a task type', description })
  @Post('task-types/:name/pause')
  @HttpCode(HttpStatus.OK)
  pauseType(
    @Caller() caller: RequestCaller,
    @Param('name', PausedTypePipe) target: PauseTarget,
    @Body({ schema: OptionalOrder }) order: PauseOrder | null | undefined,
  ): Promise<PauseList> {
    return this.pauses.pause(caller, target, order);
  }

  @Role('operator')
  @TypeParameter
  @DocumentedResume({ id: 'resumeTaskType', summary: 'Resume a task type' })
  @Post('task-types/:name/resume')
  @HttpCode(HttpStatus.OK)
  resumeType(@Caller() caller: RequestCaller, @Param('name', PausedTypePipe) target: PauseTarget): Promise<PauseList> {
    return this.pauses.resume(caller, target);
  }
}

@Module({ controllers: [PausesController], providers: [PausesService], exports: [PausesService] })
export class PausesModule {}
