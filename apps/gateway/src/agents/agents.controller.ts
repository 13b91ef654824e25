import { Controller, Get, Module } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Agents, type RegisteredAgent, type ServedType, TaskTypes } from '@pulser/context-bus';
import { AgentName, OperationDescription, TaskType } from '@pulser/contracts';
import { z } from 'zod';

import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';

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

const AgentList = z.object({ agents: z.array(AgentView) }).meta({ id: 'AgentList' });
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
  constructor(private readonly agents: Agents) {}

  @Role('viewer')
  @Documented({
    id: 'listAgents',
    summary: 'List the agents and their operations',
    answers: [
      {
        status: 200,
        description: 'Every registered agent, with schema and example of each operation',
        schema: AgentList,
      },
    ],
  })
  @Get()
  async list(): Promise<AgentList> {
    const versions = await this.agents.withRegistrations(await this.agents.versions());
    return { agents: versions.map(agentView) };
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

@Module({ controllers: [AgentsController, TaskTypesController] })
export class AgentsModule {}
