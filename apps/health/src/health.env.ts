import { databaseEnv } from '@pulser/database';
import { amqpEnv } from '@pulser/messaging';
import { BaseEnv, Env, listVariable, numberVariable, wholeVariable } from '@pulser/service-kit';

import type { FailoverLimits } from './failover/failover.policy.js';
import { notificationsEnv } from './notifications/notifications.env.js';
import type { StatusLimits } from './status/status.policy.js';

/** Configuration of the health service. */
export class HealthEnv extends Env({
  ...BaseEnv,
  ...databaseEnv,
  ...amqpEnv,
  ...notificationsEnv,
  HEALTH_DISK_FOLDERS: listVariable().describe(
    'Folders whose disks must not become full, comma separated; `npm start` watches its data folder',
  ),
  HEALTH_TLS_URLS: listVariable().describe(
    'URLs of more servers whose certificates must not end, comma separated: the store of large files, the identity provider; those of DATABASE_URL, AMQP_URL, SMTP_URL and PUBLIC_URL are watched anyhow',
  ),
  HEALTH_LEASE_S: wholeVariable(2, 60, 5).describe(
    'Seconds after which another health service leads when the leader is silent',
  ),
  HEALTH_SILENT_S: wholeVariable(2, 600, 8).describe('Seconds without a heartbeat after which an agent is unhealthy'),
  HEALTH_LEAVE_S: wholeVariable(0, 3_600, 60).describe(
    'Seconds after a planned stop of a worker in which its agent is not missed',
  ),
  HEALTH_CANARY_EVERY_S: wholeVariable(2, 3_600, 30).describe('Seconds between two canaries of an agent'),
  HEALTH_CANARY_MS: wholeVariable(100, 600_000, 3_000).describe(
    'Milliseconds after which a canary that is not back makes its agent unhealthy',
  ),
  HEALTH_CANARY_SLOW_MS: wholeVariable(10, 600_000, 1_000).describe(
    'Milliseconds after which a canary is slow; three of them make an agent degraded',
  ),
  HEALTH_LAG_MS: wholeVariable(10, 600_000, 2_000).describe(
    'Milliseconds by which the event loop of a worker may be late; three times more makes its agent degraded',
  ),
  HEALTH_MEMORY_MB: wholeVariable(0, 1_000_000, 3_072).describe(
    'Megabytes of memory of a worker of which 90 % make its agent degraded, for agents without a limit in the roster; 0: memory is not judged, of no agent',
  ),
  HEALTH_SLOWNESS: numberVariable(1.5, 1_000, 4).describe(
    'How many times as long as usual tasks run on average when their agent is degraded',
  ),
  HEALTH_ERROR_RATE: numberVariable(0.01, 1, 0.5).describe(
    'Share of the last 100 tasks that failed when their agent is degraded; errors alone never cause a failover, because many are those of the callers',
  ),
  HEALTH_STALLED_S: wholeVariable(1, 86_400, 60).describe(
    'Seconds without an ended task after which an agent is degraded whose slots are all taken while tasks wait; more where its tasks take longer: ten times their P99 of the last hour',
  ),
  HEALTH_COOL_DOWN_S: wholeVariable(1, 3_600, 60).describe(
    'Seconds that an agent must be well before its tasks come back to it; twice as long each time that it fails again soon',
  ),
  HEALTH_STEP_S: wholeVariable(1, 3_600, 30).describe(
    'Seconds between 1, 10, 50 and 100 % of the tasks on the way back',
  ),
  HEALTH_BACKLOG_TASKS: wholeVariable(1, 1_000_000_000, 10_000).describe(
    'Tasks of one agent that may wait; more of them, growing for five minutes, are an incident',
  ),
  HEALTH_DEAD_LETTERS: wholeVariable(1, 1_000_000_000, 50).describe(
    'New dead letters within five minutes that are an incident',
  ),
  HEALTH_MINUTES_KEPT_HOURS: wholeVariable(2, 8_760, 48).describe('Hours that the health of agents is kept by minute'),
  HEALTH_HOURS_KEPT_DAYS: wholeVariable(2, 3_650, 90).describe(
    'Days that the health of agents is kept by hour, and the changes of their status',
  ),
}) {
  get statusLimits(): StatusLimits {
    return {
      silentMs: this.HEALTH_SILENT_S * 1_000,
      leaveMs: this.HEALTH_LEAVE_S * 1_000,
      canaryMs: this.HEALTH_CANARY_MS,
      canarySlowMs: this.HEALTH_CANARY_SLOW_MS,
      lagMs: this.HEALTH_LAG_MS,
      memory: 0.9,
      slowness: this.HEALTH_SLOWNESS,
      errors: this.HEALTH_ERROR_RATE,
      stalledMs: this.HEALTH_STALLED_S * 1_000,
    };
  }

  get failoverLimits(): FailoverLimits {
    return { coolDownMs: this.HEALTH_COOL_DOWN_S * 1_000, stepMs: this.HEALTH_STEP_S * 1_000 };
  }
}
