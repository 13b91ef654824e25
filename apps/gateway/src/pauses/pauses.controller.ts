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
import { type PauseRow, Pauses, type PauseTarget, TaskTypes } from '@pulser/context-bus';
import { builtInAgents, builtInTaskTypes, namePattern, type Pause, PauseList, PauseOrder } from '@pulser/contracts';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented, OptionalBody } from '../docs/documented.js';
import { notFound } from '../rest/parameters.js';

const pauseView = ({ agent, taskType, reason, pausedAt, forAllTenants }: PauseRow): Pause => ({
  agent,
  task_type: taskType,
  reason,
  paused_at: pausedAt.toISOString(),
  for_all_tenants: forAllTenants,
});

/** An agent's name in a path. @throws HttpError `not_found` for one that neither comes with Pulser nor has registered */
@Injectable()
class PausedAgentPipe implements PipeTransform<string, Promise<PauseTarget>> {
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
class PausedTypePipe implements PipeTransform<string, Promise<PauseTarget>> {
  constructor(private readonly types: TaskTypes) {}

  async transform(taskType: string): Promise<PauseTarget> {
    if (builtInTaskTypes.includes(taskType) || (await this.types.current()).has(taskType)) return { taskType };
    throw notFound('task type');
  }
}

const NameParameter = (description: string): MethodDecorator =>
  ApiParam({ name: 'name', description, schema: { type: 'string', pattern: namePattern.source } });

const AgentParameter = NameParameter('Name of the agent');
const TypeParameter = NameParameter('Name of the task type');

const answers = [{ status: 200, description: 'All pauses that hold now', schema: PauseList }];

const OptionalOrder = PauseOrder.nullish();

const DocumentedPause = (id: string, summary: string): MethodDecorator =>
  applyDecorators(
    OptionalBody(),
    Documented({
      id,
      summary,
      description:
        'No task of your tenant starts there until it is resumed; what runs goes on, what is submitted waits.',
      answers,
      problems: [...bodyProblems, 'not_found'],
    }),
  );

const DocumentedResume = (id: string, summary: string): MethodDecorator =>
  Documented({ id, summary, answers, problems: ['not_found'] });

/** Every route answers with all pauses that hold now. */
@ApiTags('pauses')
@Controller('api/v1')
export class PausesController {
  constructor(private readonly pauses: Pauses) {}

  @Role('viewer')
  @Documented({ id: 'listPauses', summary: 'List what is paused', answers })
  @Get('pauses')
  async list(@TenantId() tenantId: string): Promise<PauseList> {
    return { pauses: (await this.pauses.list(tenantId)).map(pauseView) };
  }

  @Role('operator')
  @AgentParameter
  @DocumentedPause('pauseAgent', 'Pause an agent')
  @Post('agents/:name/pause')
  @HttpCode(HttpStatus.OK)
  pauseAgent(
    @Caller() caller: RequestCaller,
    @Param('name', PausedAgentPipe) target: PauseTarget,
    @Body({ schema: OptionalOrder }) order: PauseOrder | null | undefined,
  ): Promise<PauseList> {
    return this.pause(caller, target, order);
  }

  @Role('operator')
  @AgentParameter
  @DocumentedResume('resumeAgent', 'Resume an agent')
  @Post('agents/:name/resume')
  @HttpCode(HttpStatus.OK)
  resumeAgent(
    @Caller() caller: RequestCaller,
    @Param('name', PausedAgentPipe) target: PauseTarget,
  ): Promise<PauseList> {
    return this.resume(caller, target);
  }

  @Role('operator')
  @TypeParameter
  @DocumentedPause('pauseTaskType', 'Pause a task type')
  @Post('task-types/:name/pause')
  @HttpCode(HttpStatus.OK)
  pauseType(
    @Caller() caller: RequestCaller,
    @Param('name', PausedTypePipe) target: PauseTarget,
    @Body({ schema: OptionalOrder }) order: PauseOrder | null | undefined,
  ): Promise<PauseList> {
    return this.pause(caller, target, order);
  }

  @Role('operator')
  @TypeParameter
  @DocumentedResume('resumeTaskType', 'Resume a task type')
  @Post('task-types/:name/resume')
  @HttpCode(HttpStatus.OK)
  resumeType(@Caller() caller: RequestCaller, @Param('name', PausedTypePipe) target: PauseTarget): Promise<PauseList> {
    return this.resume(caller, target);
  }

  private async pause(
    { tenantId, actor }: RequestCaller,
    target: PauseTarget,
    order: PauseOrder | null | undefined,
  ): Promise<PauseList> {
    await this.pauses.pause(tenantId, actor, target, order?.reason);
    return this.list(tenantId);
  }

  private async resume({ tenantId, actor }: RequestCaller, target: PauseTarget): Promise<PauseList> {
    await this.pauses.resume(tenantId, actor, target);
    return this.list(tenantId);
  }
}

@Module({ controllers: [PausesController] })
export class PausesModule {}
