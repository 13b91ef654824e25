import { Injectable } from '@nestjs/common';
import type { DeadLettersThresholdExceeded } from '@pulser/contracts';
import { DeadLetterAlerts } from '@pulser/context-bus';
import { Publisher } from '@pulser/messaging';

/** Tells that dead letters grow: one router does, once a window. */
@Injectable()
export class GrowthPublisher {
  constructor(
    private readonly alerts: DeadLetterAlerts,
    private readonly publisher: Publisher,
  ) {}

  /** @throws BrokerUnavailable when nobody could be told; the next round may tell it */
  async tell(growth: DeadLettersThresholdExceeded): Promise<void> {
    if (!(await this.alerts.take(growth.task_type, growth.window_s))) return;
    try {
      await this.publisher.publish('dead-letters.threshold-exceeded', growth);
    } catch (error) {
      await this.alerts.giveBack(growth.task_type);
      throw error;
    }
  }
}
