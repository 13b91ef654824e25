import type { OpenTasks, RegisteredAgent } from '@pulser/context-bus';
import { AgentName, openStatuses, Priority, TaskStatus } from '@pulser/contracts';
import type { BrokerState } from '@pulser/messaging';
import { z } from 'zod';

const QueueDepth = z.object({ agent: AgentName, priority: Priority, tasks: z.int() });

export const StatusView = z
  .object({
    tasks: z
      .partialRecord(TaskStatus, z.int())
      .meta({ description: 'Tasks of the caller that have not ended, by status' }),
    queues: z.array(QueueDepth).meta({ description: 'Queued tasks of the caller, by agent and priority' }),
    agents: z.array(z.object({ agent: AgentName, last_seen: z.iso.datetime() })),
    broker: z.enum(['up', 'blocked', 'down']).meta({ description: 'When it is not up, tasks are accepted and wait' }),
  })
  .meta({ id: 'Status' });
export type StatusView = z.infer<typeof StatusView>;

interface Facts {
  readonly open: readonly OpenTasks[];
  readonly agents: readonly RegisteredAgent[];
  readonly broker: BrokerState;
}

const total = (rows: readonly OpenTasks[], status: string): number =>
  rows.filter((row) => row.status === status).reduce((sum, { tasks }) => sum + tasks, 0);

export const statusView = ({ open, agents, broker }: Facts): StatusView => ({
  tasks: Object.fromEntries(openStatuses.map((status) => [status, total(open, status)])),
  queues: open
    .filter(({ status }) => status === 'queued')
    .map(({ agent, priority, tasks }) => QueueDepth.parse({ agent, priority, tasks })),
  agents: agents.map(({ name, lastSeenAt }) => ({ agent: name, last_seen: lastSeenAt.toISOString() })),
  broker,
});
