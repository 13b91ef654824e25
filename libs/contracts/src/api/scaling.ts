// How many workers an agent should have: for KEDA, an operator, or whatever starts and ends them.
import { z } from 'zod';

import { AgentName } from '../agents.js';

const seconds = z.number().min(0);

/** What an agent has and what it should have, as a router measured it. */
export const AgentScaling = z
  .object({
    agent: AgentName,
    desired_workers: z.int().min(0).meta({
      description: 'Worker processes that it should have; as many as it has when the wait is at its objective',
    }),
    desired_slots: z
      .int()
      .min(0)
      .meta({ description: 'Tasks that they should run at the same time; never fewer than busy' }),
    workers: z.int().min(0).meta({ description: 'Worker processes that send heartbeats' }),
    slots: z.int().min(0).meta({ description: 'Tasks that these run at the same time at most' }),
    busy: z.int().min(0).meta({ description: 'Tasks that these run now' }),
    waiting: z.int().min(0).meta({ description: 'Tasks that wait for a slot, paused ones not among them' }),
    oldest_wait_s: seconds.meta({ description: 'How long the oldest of these has waited' }),
    objective_s: z.number().positive().meta({ description: 'How long a task of the agent may wait' }),
  })
  .meta({ id: 'AgentScaling' });
export type AgentScaling = z.infer<typeof AgentScaling>;
