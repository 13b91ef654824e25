import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Agents } from '@pulser/context-bus';

import { Role } from '../access/role.js';
import { Documented } from '../docs/documented.js';
import { AgentList, agentView } from './agent-view.js';

@ApiTags('agents')
@Controller('api/v1/agents')
export class AgentsController {
  constructor(private readonly agents: Agents) {}

  @Role('viewer')
  @Get()
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
  async list(): Promise<AgentList> {
    return { agents: (await this.agents.list()).map(agentView) };
  }
}
