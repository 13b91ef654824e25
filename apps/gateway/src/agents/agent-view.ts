import type { RegisteredAgent } from '@pulser/context-bus';
import { AgentName, OperationDescription, TaskType } from '@pulser/contracts';
import { z } from 'zod';

export const AgentView = z
  .object({
    agent: AgentName,
    task_types: z.array(TaskType),
    operations: z.array(OperationDescription),
    registered_at: z.iso.datetime(),
    last_seen: z.iso.datetime(),
  })
  .meta({ id: 'Agent' });
export type AgentView = z.infer<typeof AgentView>;

export const AgentList = z.object({ agents: z.array(AgentView) }).meta({ id: 'AgentList' });
export type AgentList = z.infer<typeof AgentList>;

export const agentView = ({ name, taskTypes, operations, registeredAt, lastSeenAt }: RegisteredAgent): AgentView => ({
  agent: name,
  task_types: [...taskTypes],
  operations: [...operations],
  registered_at: registeredAt.toISOString(),
  last_seen: lastSeenAt.toISOString(),
});
