import { Controller, Get, Module, Param, Query } from '@nestjs/common';
import { ApiParam, ApiTags } from '@nestjs/swagger';
import { Agents, type RegisteredAgent, type ServedType, TaskTypes } from '@pulser/context-bus';
import {
  AgentConditions,
  AgentDetails,
  AgentHealthHistory,
  AgentHealthQuery,
  AgentName,
  ExportQuery,
  namePattern,
  OperationDescription,
  TaskType,
} from '@pulser/contracts';
import { z } from 'zod';

import { type AnyCaller, EveryCaller } from '../access/caller.js';
import { EverybodysRole, Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';
import { ExplainModule } from '../explain/explain.controller.js';
import { Exportable } from '../rest/list-exports.js';
import { AgentHealth } from './agent-health.service.js';

const AgentView = z
  .object({
    agent: AgentName,
    version: z.string().meta({ description: 'Version of its code; two run side by side during an upgrade' }),
    task_types: z.array(TaskType),
    operations: z.array(OperationDescription),
    registered_at: z.iso.datetime(),
    last_seen: z.iso.datetime(),
  })
  .meta({ id: 'Agent' });
type AgentView = z.infer<typeof AgentView>;

const AgentList = z.object({ agents: z.array(AgentView), ...AgentConditions.shape }).meta({ id: 'AgentList' });
type AgentList = z.infer<typeof AgentList>;

const agentView = ({ name, version, registration, registeredAt, lastSeenAt }: RegisteredAgent): AgentView => ({
  agent: name,
  version,
  task_types: registration.task_types.map(({ task_type }) => task_type),
  operations: [...registration.operations],
  registered_at: registeredAt.toISOString(),
  last_seen: lastSeenAt.toISOString(),
});

const TaskTypeView = z
  .object({
    task_type: TaskType,
    agent: AgentName,
    backups: z.array(AgentName).meta({ description: 'Agents that take over while it fails, in this order' }),
    max_attempts: z.int(),
    time_limit_ms: z.int(),
    operations: z.array(OperationDescription),
  })
  .meta({ id: 'TaskType' });

const TaskTypeList = z.object({ task_types: z.array(TaskTypeView) }).meta({ id: 'TaskTypeList' });
type TaskTypeList = z.infer<typeof TaskTypeList>;

const taskTypeView = ({ taskType, agent, backups, maxAttempts, timeLimitMs, operations }: ServedType) => ({
  task_type: taskType,
  agent,
  backups: [...backups],
  max_attempts: maxAttempts,
  time_limit_ms: timeLimitMs,
  operations: [...operations.values()].flatMap((versions) => versions.slice(0, 1)),
});

@ApiTags('agents')
@Controller('api/v1/agents')
export class AgentsController {
  constructor(
    private readonly agents: Agents,
    private readonly health: AgentHealth,
  ) {}

  @EverybodysRole('viewer')
  @Documented({
    id: 'listAgents',
    summary: 'List the agents, their operations and how they are',
    description:
      'Keys of the installation see the worker processes of all agents too, as this gateway hears them; one that has been ' +
      'silent for 500 s is left out.',
    answers: [
      {
        status: 200,
        description: 'Every registered agent, with schema and example of each operation, and the condition of each',
        schema: AgentList,
      },
    ],
    problems: ['invalid_request'],
  })
  @Exportable({ name: 'agents', row: AgentView, rows: 'agents' })
  @Get()
  async list(
    // It is checked here, and read by `@Exportable`.
    @Query({ schema: ExportQuery }) _: ExportQuery,
    @EveryCaller() { tenantId }: AnyCaller,
  ): Promise<AgentList> {
    const versions = await this.agents.withRegistrations(await this.agents.versions());
    return { agents: versions.map(agentView), ...(await this.health.of(versions, tenantId)) };
  }

  @EverybodysRole('viewer')
  @ApiParam({
    name: 'agent',
    description: 'Name of the agent',
    schema: { type: 'string', pattern: namePattern.source },
  })
  @Documented({
    id: 'getAgent',
    summary: 'How an agent is, and why',
    description:
      'A tenant sees the figures of its own tasks in the last day, keys of the installation the metrics and workers of all.',
    answers: [{ status: 200, description: 'The agent', schema: AgentDetails }],
    problems: ['not_found'],
  })
  @Get(':agent')
  details(@Param('agent') agent: AgentName, @EveryCaller() { tenantId }: AnyCaller): Promise<AgentDetails> {
    return this.health.details(agent, tenantId);
  }

  @EverybodysRole('viewer')
  @ApiParam({
    name: 'agent',
    description: 'Name of the agent',
    schema: { type: 'string', pattern: namePattern.source },
  })
  @Documented({
    id: 'getAgentHealth',
    summary: 'How an agent was',
    description: 'Its status, canaries and workers in steps of time, and each change of its status with the reasons.',
    answers: [{ status: 200, description: 'The history', schema: AgentHealthHistory }],
    problems: ['invalid_request', 'not_found'],
  })
  @Get(':agent/health')
  past(
    @Param('agent') agent: AgentName,
    @Query({ schema: AgentHealthQuery }) query: AgentHealthQuery,
    @EveryCaller() { tenantId }: AnyCaller,
  ): Promise<AgentHealthHistory> {
    return this.health.past(agent, query, tenantId);
  }
}

@ApiTags('agents')
@Controller('api/v1/task-types')
export class TaskTypesController {
  constructor(private readonly types: TaskTypes) {}

  @Role('viewer')
  @Documented({
    id: 'listTaskTypes',
    summary: 'List the task types that agents serve',
    answers: [
      {
        status: 200,
        description: 'Every operation with the schema of its payload and an example',
        schema: TaskTypeList,
      },
    ],
  })
  @Get()
  async list(): Promise<TaskTypeList> {
    const table = await this.types.current();
    return { task_types: [...table.values()].map(taskTypeView) };
  }
}

@Module({
  imports: [ExplainModule],
  controllers: [AgentsController, TaskTypesController],
  providers: [AgentHealth],
})
export class AgentsModule {}
