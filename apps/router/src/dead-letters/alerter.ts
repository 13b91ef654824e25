// Alerts when too many dead letters of a task type arrive.
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { type Arrivals, DeadLetterAlerts, DeadLetterCounts } from '@pulser/context-bus';
import type { DeadLettersThresholdExceeded } from '@pulser/contracts';
import { Publisher } from '@pulser/messaging';
import { Rounds } from '@pulser/service-kit';

import { RouterEnv } from '../router.env.js';

export interface AlertLimits {
  /** More new dead letters of one task type than this are worth an alert. */
  readonly max: number;
  readonly windowS: number;
}

const alertOf = (arrivals: readonly Arrivals[], windowS: number): DeadLettersThresholdExceeded[] => {
  const [top] = arrivals.toSorted((a, b) => b.count - a.count);
  if (top === undefined) return [];
  const { taskType, agent, fingerprint } = top;
  const count = arrivals.reduce((sum, each) => sum + each.count, 0);
  return [{ task_type: taskType, agent, count, window_s: windowS, top_fingerprint: fingerprint }];
};

/** An alert for each task type of which too many tasks failed within the window. */
export const alertsOf = (
  arrivals: readonly Arrivals[],
  { max, windowS }: AlertLimits,
): DeadLettersThresholdExceeded[] =>
  [...Map.groupBy(arrivals, ({ taskType }) => taskType).values()]
    .flatMap((ofType) => alertOf(ofType, windowS))
    .filter(({ count }) => count > max);

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
