import type { Metrics } from '@pulser/service-kit';

import type { BrokerMetrics } from '../broker/broker-metrics.js';

const states = ['up', 'blocked', 'down'] as const;

/** Counts a service's dealings with the broker in its Prometheus registry. */
export const prometheusBrokerMetrics = (metrics: Metrics): BrokerMetrics => {
  const staleAcks = metrics.counter({
    name: 'pulser_broker_stale_acks_total',
    help: 'Acknowledgements dropped because the connection that delivered was gone',
  });
  const returned = metrics.counter({ name: 'pulser_broker_returned_total', help: 'Messages that no queue took' });
  const timeouts = metrics.counter({
    name: 'pulser_broker_confirm_timeouts_total',
    help: 'Messages given up because the broker did not confirm them in time',
  });
  const reconnects = metrics.counter({
    name: 'pulser_broker_reconnects_total',
    help: 'Connections made again',
    labelNames: ['connection'],
  });
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
    stateChanged: (now) => {
      for (const one of states) state.labels(one).set(one === now ? 1 : 0);
    },
  };
};
