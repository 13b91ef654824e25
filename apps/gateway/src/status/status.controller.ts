import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Agents, TaskReads } from '@pulser/context-bus';
import { Broker } from '@pulser/messaging';

import { Role } from '../access/role.js';
import { TenantId } from '../access/tenant.js';
import { Documented } from '../docs/documented.js';
import { statusView, StatusView } from './status-view.js';

@ApiTags('status')
@Controller('api/v1/status')
export class StatusController {
  constructor(
    private readonly reads: TaskReads,
    private readonly agents: Agents,
    private readonly broker: Broker,
  ) {}

  @Role('viewer')
  @Get()
  @Documented({
    id: 'getStatus',
    summary: 'What waits and runs now',
    answers: [{ status: 200, description: 'Open tasks of the caller, agents and broker', schema: StatusView }],
  })
  async status(@TenantId() tenantId: string): Promise<StatusView> {
    const [open, agents] = await Promise.all([this.reads.open(tenantId), this.agents.list()]);
    return statusView({ open, agents, broker: this.broker.state });
  }
}
