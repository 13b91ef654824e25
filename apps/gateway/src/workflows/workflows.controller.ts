// Workflows: their definitions in versions, what a definition would do, and what became of their runs.
import {
  Body,
  Controller,
  Get,
  HttpCode,
  HttpStatus,
  Module,
  Param,
  type PipeTransform,
  Post,
  Put,
  Query,
  Res,
} from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import type { Principal } from '@pulser/context-bus';
import {
  AcceptedTask,
  HttpError,
  RerunOrder,
  RunPage,
  RunQuery,
  RunSummary,
  RunView,
  StepTaskPage,
  StepTaskQuery,
  WorkflowDefinition,
  WorkflowDiff,
  WorkflowDiffQuery,
  WorkflowGraph,
  WorkflowList,
  workflowName,
  WorkflowPlan,
  WorkflowVersionQuery,
  WorkflowView,
} from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { Caller, type RequestCaller, TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { bodyProblems, Documented } from '../docs/documented.js';
import { Exportable } from '../rest/list-exports.js';
import { IdParameter, IdPipe, notFound } from '../rest/parameters.js';
import { TasksModule } from '../tasks/tasks.module.js';
import { RunsService } from './runs.service.js';
import { WorkflowsService } from './workflows.service.js';

/** The name of a workflow that is there. Text that is no name is answered like one that nothing has. */
class NamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (!workflowName.test(name)) throw notFound('workflow');
    return name;
  }
}

/** The name of a workflow that may be new. @throws HttpError `invalid_request` */
class NewNamePipe implements PipeTransform<string, string> {
  transform(name: string): string {
    if (workflowName.test(name)) return name;
    const detail = `Must match ${workflowName.source}`;
    throw new HttpError('invalid_request', { errors: [{ pointer: '/name', detail }] });
  }
}

const NameParameter = (): MethodDecorator =>
  ApiParam({
    name: 'name',
    description: 'Name of the workflow',
    schema: { type: 'string', pattern: workflowName.source },
  });

@ApiTags('workflows')
@Controller('api/v1/workflows')
export class WorkflowsController {
  constructor(private readonly workflows: WorkflowsService) {}

  @Role('viewer')
  @Documented({
    id: 'listWorkflows',
    summary: 'List workflows',
    answers: [{ status: 200, description: 'The latest version of each, by name', schema: WorkflowList }],
  })
  @Get()
  list(@TenantId() tenantId: string): Promise<WorkflowList> {
    return this.workflows.list(tenantId);
  }

  @Role('viewer')
  @Documented({
    id: 'planWorkflow',
    summary: 'Check a definition, and say what a run of it would do',
    description:
      'Circles, unknown steps, expressions with what they read, and payloads as far as they are known, by the schemas that ' +
      'agents have registered. Nothing is stored and nothing runs.',
    answers: [{ status: 200, description: 'The plan, with all problems', schema: WorkflowPlan }],
    problems: [...bodyProblems],
  })
  @Post('plan')
  @HttpCode(HttpStatus.OK)
  plan(@Body({ schema: WorkflowDefinition }) definition: WorkflowDefinition): Promise<WorkflowPlan> {
    return this.workflows.plan(definition);
  }

  @Role('operator')
  @NameParameter()
  @Documented({
    id: 'putWorkflow',
    summary: 'Store a definition as the next version of a workflow',
    description:
      'Versions never change, and a run is pinned to one. A definition that is the latest version already makes none. One ' +
      'with problems is refused: `POST /api/v1/workflows/plan` lists them.',
    answers: [
      { status: 200, description: 'It was the latest version already', schema: WorkflowView },
      { status: 201, description: 'It is the latest version now', schema: WorkflowView },
    ],
    problems: [...bodyProblems, 'invalid_workflow', 'conflict'],
  })
  @Put(':name')
  async put(
    @Caller() caller: RequestCaller,
    @Param('name', NewNamePipe) name: string,
    @Body({ schema: WorkflowDefinition }) definition: WorkflowDefinition,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<WorkflowView> {
    const { view, isNew } = await this.workflows.put(caller, name, definition);
    reply.status(isNew ? HttpStatus.CREATED : HttpStatus.OK);
    return view;
  }

  @Role('viewer')
  @NameParameter()
  @Documented({
    id: 'getWorkflow',
    summary: 'Get a workflow with its versions',
    answers: [{ status: 200, description: 'A version of it', schema: WorkflowView }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':name')
  view(
    @TenantId() tenantId: string,
    @Param('name', NamePipe) name: string,
    @Query({ schema: WorkflowVersionQuery }) { version }: WorkflowVersionQuery,
  ): Promise<WorkflowView> {
    return this.workflows.view(tenantId, name, version);
  }

  @Role('viewer')
  @NameParameter()
  @Documented({
    id: 'getWorkflowGraph',
    summary: 'Get the graph of a workflow, as data, Mermaid and SVG',
    answers: [{ status: 200, description: 'Its steps as nodes, its needs as edges', schema: WorkflowGraph }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':name/graph')
  graph(
    @TenantId() tenantId: string,
    @Param('name', NamePipe) name: string,
    @Query({ schema: WorkflowVersionQuery }) { version }: WorkflowVersionQuery,
  ): Promise<WorkflowGraph> {
    return this.workflows.graph(tenantId, name, version);
  }

  @Role('viewer')
  @NameParameter()
  @Documented({
    id: 'diffWorkflow',
    summary: 'Compare two versions of a workflow, step by step',
    answers: [{ status: 200, description: 'What differs, as JSON Patch', schema: WorkflowDiff }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':name/diff')
  diff(
    @TenantId() tenantId: string,
    @Param('name', NamePipe) name: string,
    @Query({ schema: WorkflowDiffQuery }) query: WorkflowDiffQuery,
  ): Promise<WorkflowDiff> {
    return this.workflows.diff(tenantId, name, query);
  }
}

@ApiTags('workflows')
@Controller('api/v1/runs')
export class RunsController {
  constructor(private readonly runs: RunsService) {}

  @Role('viewer')
  @Documented({
    id: 'listRuns',
    summary: 'List runs of workflows, newest first',
    answers: [{ status: 200, description: 'A page', schema: RunPage }],
    problems: ['invalid_request'],
  })
  @Exportable({
    name: 'runs',
    row: RunSummary,
    rows: 'runs',
    paging: { parameter: 'cursor', next: 'next_cursor' },
  })
  @Get()
  page(@TenantId() tenantId: string, @Query({ schema: RunQuery }) query: RunQuery): Promise<RunPage> {
    return this.runs.page(tenantId, query);
  }

  @Role('viewer')
  @IdParameter('the task that is the run')
  @Documented({
    id: 'getRun',
    summary: 'Get a run with its steps',
    answers: [{ status: 200, description: 'The run', schema: RunView }],
    problems: ['not_found'],
  })
  @Get(':id')
  view(@TenantId() tenantId: string, @Param('id', new IdPipe('run')) runId: string): Promise<RunView> {
    return this.runs.view(tenantId, runId);
  }

  @Role('viewer')
  @IdParameter('the task that is the run')
  @ApiParam({ name: 'step', description: 'Name of the step', schema: { type: 'string' } })
  @Documented({
    id: 'listStepTasks',
    summary: 'List the tasks of a step, in the order of its items',
    answers: [{ status: 200, description: 'A page', schema: StepTaskPage }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':id/steps/:step/tasks')
  tasks(
    @TenantId() tenantId: string,
    @Param('id', new IdPipe('run')) runId: string,
    @Param('step') step: string,
    @Query({ schema: StepTaskQuery }) query: StepTaskQuery,
  ): Promise<StepTaskPage> {
    return this.runs.tasks(tenantId, runId, step, query);
  }

  @Role('operator')
  @IdParameter('the task that is the run')
  @Documented({
    id: 'rerun',
    summary: 'Do a part of a run again, as a run of its own',
    description:
      'From a step on, or the failed items of a map and what comes after it. All other steps keep the results of the ' +
      'earlier run, which must have ended.',
    answers: [{ status: 202, description: 'The new run is accepted', schema: AcceptedTask }],
    problems: [
      ...bodyProblems,
      ...([
        'not_found',
        'conflict',
        'task_type_not_served',
        'invalid_payload',
        'queue_full',
        'daily_quota_spent',
      ] as const),
    ],
  })
  @Post(':id/rerun')
  @HttpCode(HttpStatus.ACCEPTED)
  rerun(
    @Caller() caller: Principal,
    @Param('id', new IdPipe('run')) runId: string,
    @Body({ schema: RerunOrder }) order: RerunOrder,
  ): Promise<AcceptedTask> {
    return this.runs.rerun(caller, runId, order);
  }
}

@Module({
  imports: [TasksModule],
  controllers: [WorkflowsController, RunsController],
  providers: [WorkflowsService, RunsService],
})
export class WorkflowsModule {}
