import type { DeadLetterReason } from '@pulser/contracts';
import type { Metrics } from '@pulser/service-kit';

import type { BrokerState } from './broker.js';

/** What is counted. All labels are closed sets. */
export interface BrokerMetrics {
  /** Acknowledgements dropped because the channel that delivered was gone: the broker delivers these messages again. */
  staleAcks(count: number): void;
  /** Mandatory messages that no queue took. */
  returned(): void;
  confirmTimedOut(): void;
  reconnected(connection: 'publish' | 'consume'): void;
  deadLettered(reason: DeadLetterReason): void;
  /** A reply dropped because its request had ended: at its deadline, by an abort or with the connection. */
  lateReply(): void;
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
  lateReply: ignore,
  stateChanged: ignore,
};

const states = ['up', 'blocked', 'down'] as const;

/** Metrics in the Prometheus registry of a service. */
export const prometheusBrokerMetrics = (metrics: Metrics): BrokerMetrics => {
  const counter = (name: string, help: string) => metrics.counter({ name: `pulser_${name}_total`, help });
  const staleAcks = counter(
    'broker_stale_acks',
    'Acknowledgements dropped because the connection that delivered was gone',
  );
  const returned = counter('broker_returned', 'Messages that no queue took');
  const timeouts = counter(
    'broker_confirm_timeouts',
    'Messages given up because the broker did not confirm them in time',
  );
  const lateReplies = counter('broker_late_replies', 'Replies dropped because their request had ended');
  const reconnects = metrics.counter({
    name: 'pulser_broker_reconnects_total',
    help: 'Connections made again',
    labelNames: ['connection'],
  });
  // Shown from the start: the first one is an increase too.
  for (const connection of ['publish', 'consume']) reconnects.labels(connection).inc(0);
  const deadLetters = metrics.counter({
    name: 'pulser_dead_letter_messages_total',
    help: 'Messages that could not be tied to a task',
    labelNames: ['reason'],
  });
  const state = metrics.gauge({
    name: 'pulser_broker_state',
    help: '1 for the state the broker is in as this service sees it',
    labelNames: ['state'],
  });
  return {
    staleAcks: (count) => {
      staleAcks.inc(count);
    },
    returned: () => {
      returned.inc();
    },
    confirmTimedOut: () => {
      timeouts.inc();
    },
    reconnected: (connection) => {
      reconnects.labels(connection).inc();
    },
    deadLettered: (reason) => {
      deadLetters.labels(reason).inc();
    },
    lateReply: () => {
      lateReplies.inc();
    },
    stateChanged: (now) => {
      for (const one of states) state.labels(one).set(one === now ? 1 : 0);
    },
  };
};
