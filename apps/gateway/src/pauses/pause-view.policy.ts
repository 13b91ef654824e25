import type { PauseRow } from '@pulser/context-bus';
import type { Pause } from '@pulser/contracts';

export const pauseView = ({ agent, taskType, reason, pausedAt, forAllTenants }: PauseRow): Pause => ({
  agent,
  task_type: taskType,
  reason,
  paused_at: pausedAt.toISOString(),
  for_all_tenants: forAllTenants,
});
