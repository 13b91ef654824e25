import type { BrokerMetrics, BrokerState } from '../src/index.js';

/** Metrics that a test can read. */
export class CountedMetrics implements BrokerMetrics {
  readonly counts = {
    staleAcks: 0,
    returned: 0,
    confirmTimedOut: 0,
    publishReconnected: 0,
    consumeReconnected: 0,
    lateReplies: 0,
  };
  readonly dead: string[] = [];
  readonly states: BrokerState[] = [];

  staleAcks(count: number): void {
    this.counts.staleAcks += count;
  }

  returned(): void {
    this.counts.returned++;
  }

  confirmTimedOut(): void {
    this.counts.confirmTimedOut++;
  }

  reconnected(connection: 'publish' | 'consume'): void {
    this.counts[`${connection}Reconnected`]++;
  }

  deadLettered(reason: string): void {
    this.dead.push(reason);
  }

  lateReply(): void {
    this.counts.lateReplies++;
  }

  stateChanged(state: BrokerState): void {
    this.states.push(state);
  }
}
