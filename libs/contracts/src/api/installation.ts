// What keys of the installation see of what all tenants share.
import { z } from 'zod';

import { AgentName, TaskType } from '../agents.js';

/** One worker process, as its heartbeats describe it. */
export const AgentInstance = z
  .object({
    agent: AgentName,
    instance: z.string(),
    host: z.string().nullable().meta({ description: 'Machine or container; null for a worker of an older version' }),
    version: z.string().nullable().meta({ description: 'Of its code' }),
    state: z.enum(['up', 'leaving', 'silent']).meta({
      description: 'Leaving: it ends what it has, as planned. Silent: nothing heard of it for 5 s',
    }),
    slots: z.int().meta({ description: 'Tasks that it runs at the same time at most' }),
    running: z.int(),
    finished_total: z.int().meta({ description: 'Attempts since its start, failed ones among them' }),
    failed_total: z.int(),
    memory_mb: z.int().nullable().meta({ description: 'Of the process; null for a worker of an older version' }),
    lag_ms: z.int().nullable().meta({ description: 'Longest delay of its event loop in the last second' }),
    last_heartbeat: z.iso.datetime().meta({ description: 'By the clock of its machine' }),
    silent_s: z.number().meta({ description: 'Seconds since then, by the clock of the gateway' }),
  })
  .meta({ id: 'AgentInstance' });
export type AgentInstance = z.infer<typeof AgentInstance>;

export const InstallationAgent = z
  .object({
    agent: AgentName,
    versions: z.array(
      z.object({
        version: z.string(),
        task_types: z.array(TaskType),
        registered_at: z.iso.datetime(),
        last_seen: z.iso.datetime(),
      }),
    ),
    slots: z.int().meta({ description: 'Of all instances that are up' }),
    running: z.int(),
    instances: z.array(AgentInstance),
  })
  .meta({ id: 'InstallationAgent' });
export type InstallationAgent = z.infer<typeof InstallationAgent>;

export const InstallationAgents = z
  .object({
    complete: z.boolean().meta({
      description: 'False in the first 5 s of a gateway, and without the broker: then workers may be missing here',
    }),
    agents: z.array(InstallationAgent),
  })
  .meta({ id: 'InstallationAgents' });
export type InstallationAgents = z.infer<typeof InstallationAgents>;
