import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { DeadLetterAlerts, DeadLetterCounts } from '@pulser/context-bus';
import type { DeadLettersThresholdExceeded } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';

import { RouterEnv } from '../router.env.js';
import { Rounds } from '../rounds.js';
import { type AlertLimits, alertsOf } from './alert.policy.js';

const everyMs = 5_000;

/** Publishes an alert when unusually many tasks of a type fail for good: one router does, once per window. */
@Injectable()
export class DeadLetterAlerter implements OnApplicationBootstrap {
  private readonly limits: AlertLimits;

  constructor(
    private readonly counts: DeadLetterCounts,
    private readonly alerts: DeadLetterAlerts,
    private readonly publisher: Publisher,
    private readonly rounds: Rounds,
    { DEAD_LETTER_ALERT_COUNT, DEAD_LETTER_ALERT_WINDOW_S }: RouterEnv,
  ) {
    this.limits = { max: DEAD_LETTER_ALERT_COUNT, windowS: DEAD_LETTER_ALERT_WINDOW_S };
  }

  onApplicationBootstrap(): void {
    this.rounds.every(everyMs, async () => {
      const arrivals = await this.counts.arrivals(this.limits.windowS);
      for (const alert of alertsOf(arrivals, this.limits)) await this.publish(alert);
    });
  }

  /** @throws BrokerUnavailable when the alert could not be published; the next round of any router may publish it */
  private async publish(alert: DeadLettersThresholdExceeded): Promise<void> {
    if (!(await this.alerts.take(alert.task_type, alert.window_s))) return;
    try {
      await this.publisher.publish('dead-letters.threshold-exceeded', alert);
    } catch (error) {
      await this.alerts.giveBack(alert.task_type);
      throw error;
    }
  }
}
