import type { DeadLetterReason } from '@pulser/contracts';

import type { BrokerState } from './broker.js';

/** What is counted. All labels are closed sets. */
export interface BrokerMetrics {
  /** Acknowledgements dropped because what delivered the message was gone: each one is handled again by somebody. */
  staleAcks(count: number): void;
  /** Mandatory messages that no queue took. */
  returned(): void;
  confirmTimedOut(): void;
  reconnected(connection: 'publish' | 'consume'): void;
  deadLettered(reason: DeadLetterReason): void;
  /** A gauge: called at every change. */
  stateChanged(state: BrokerState): void;
}

const ignore = (): void => undefined;

export const unmeasured: BrokerMetrics = {
  staleAcks: ignore,
  returned: ignore,
  confirmTimedOut: ignore,
  reconnected: ignore,
  deadLettered: ignore,
  stateChanged: ignore,
};
