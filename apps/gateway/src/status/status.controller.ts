import { Controller, Get, Module } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Agents, type OpenTasks, type AgentVersion, TaskReads } from '@pulser/context-bus';
import { AgentName, openStatuses, Priority, TaskStatus } from '@pulser/contracts';
import { Broker, type BrokerState } from '@pulser/messaging';
import { z } from 'zod';

import { TenantId } from '../access/caller.js';
import { Role } from '../access/roles.js';
import { Documented } from '../docs/documented.js';

const QueueDepth = z.object({ agent: AgentName, priority: Priority, tasks: z.int() });

const StatusView = z
  .object({
    tasks: z
      .partialRecord(TaskStatus, z.int())
      .meta({ description: 'Tasks of the caller that have not ended, by status' }),
    queues: z.array(QueueDepth).meta({ description: 'Queued tasks of the caller, by agent and priority' }),
    agents: z.array(z.object({ agent: AgentName, last_seen: z.iso.datetime() })),
    broker: z.enum(['up', 'blocked', 'down']).meta({ description: 'When it is not up, tasks are accepted and wait' }),
  })
  .meta({ id: 'Status' });
type StatusView = z.infer<typeof StatusView>;

const total = (rows: readonly OpenTasks[], status: string): number =>
  rows.filter((row) => row.status === status).reduce((sum, { tasks }) => sum + tasks, 0);

const statusView = (open: readonly OpenTasks[], agents: readonly AgentVersion[], broker: BrokerState): StatusView => ({
  tasks: Object.fromEntries(openStatuses.map((status) => [status, total(open, status)])),
  queues: open
    .filter(({ status }) => status === 'queued')
    .map(({ agent, priority, tasks }) => QueueDepth.parse({ agent, priority, tasks })),
  agents: [...Map.groupBy(agents, ({ name }) => name)].map(([agent, versions]) => ({
    agent,
    last_seen: new Date(Math.max(...versions.map(({ lastSeenAt }) => lastSeenAt.getTime()))).toISOString(),
  })),
  broker,
});

@ApiTags('status')
@Controller('api/v1/status')
export class StatusController {
  constructor(
    private readonly reads: TaskReads,
    private readonly agents: Agents,
    private readonly broker: Broker,
  ) {}

  @Role('viewer')
  @Documented({
    id: 'getStatus',
    summary: 'What waits and runs now',
    answers: [{ status: 200, description: 'Open tasks of the caller, agents and broker', schema: StatusView }],
  })
  @Get()
  async status(@TenantId() tenantId: string): Promise<StatusView> {
    const [open, agents] = await Promise.all([this.reads.open(tenantId), this.agents.versions()]);
    return statusView(open, agents, this.broker.state);
  }
}

@Module({ controllers: [StatusController] })
export class StatusModule {}
