import { z } from 'zod';

import { AgentName } from '../agents/agent-name.js';

/** Sent by every worker process about once a second. Totals count since the start of the process. */
export const AgentHeartbeat = z.object({
  agent: AgentName,
  instance: z.string(),
  slots: z.int(),
  running: z.int(),
  finished_total: z.int(),
  failed_total: z.int(),
  at: z.iso.datetime(),
});
export type AgentHeartbeat = z.infer<typeof AgentHeartbeat>;
