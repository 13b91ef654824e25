import { Controller, Get, Module } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Agents, type RegisteredAgent } from '@pulser/context-bus';
import { AgentName, OperationDescription, TaskType } from '@pulser/contracts';
import { z } from 'zod';

import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';

const AgentView = z
  .object({
    agent: AgentName,
    task_types: z.array(TaskType),
    operations: z.array(OperationDescription),
    registered_at: z.iso.datetime(),
    last_seen: z.iso.datetime(),
  })
  .meta({ id: 'Agent' });
type AgentView = z.infer<typeof AgentView>;

const AgentList = z.object({ agents: z.array(AgentView) }).meta({ id: 'AgentList' });
type AgentList = z.infer<typeof AgentList>;

const agentView = ({ name, taskTypes, operations, registeredAt, lastSeenAt }: RegisteredAgent): AgentView => ({
  agent: name,
  task_types: [...taskTypes],
  operations: [...operations],
  registered_at: registeredAt.toISOString(),
  last_seen: lastSeenAt.toISOString(),
});

@ApiTags('agents')
@Controller('api/v1/agents')
export class AgentsController {
  constructor(private readonly agents: Agents) {}

  @Role('viewer')
  @Documented({
    id: 'listAgents',
    summary: 'List the agents and what they can do',
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
    return { agents: (await this.agents.list()).map(agentView) };
  }
}

@Module({ controllers: [AgentsController] })
export class AgentsModule {}
