import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Broker } from '@pulser/messaging';
import { Readiness } from '@pulser/service-kit';

/** Reports the broker in the readiness check. Without it the gateway stays ready: tasks are accepted and wait. */
@Injectable()
export class BrokerReadiness implements OnApplicationBootstrap {
  constructor(
    private readonly broker: Broker,
    private readonly readiness: Readiness,
  ) {}

  onApplicationBootstrap(): void {
    this.readiness.add('broker', () => Promise.resolve(this.report()));
  }

  private report(): { detail: string } | undefined {
    const { state } = this.broker;
    return state === 'up' ? undefined : { detail: `broker ${state}, tasks are accepted and wait` };
  }
}
