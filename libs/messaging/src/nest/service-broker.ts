import type { FactoryProvider } from '@nestjs/common';
import { SharedResources, Logger, Metrics, ServiceInfo } from '@pulser/service-kit';
import type { z } from 'zod';

import { Broker } from '../broker/broker.js';
import { InProcessBroker } from '../in-process/in-process-broker.js';
import { RabbitBroker } from '../rabbit/rabbit-broker.js';
import type { amqpEnv } from './amqp.env.js';
import { prometheusBrokerMetrics } from './prometheus-broker-metrics.js';

export interface ServiceBrokerOptions {
  /** Start without a broker and keep trying, instead of failing. */
  readonly optionalAtStart?: boolean;
}

type AmqpEnv = { readonly [K in keyof typeof amqpEnv]: z.output<(typeof amqpEnv)[K]> };

/** The broker that the process shares among its services, or else RabbitMQ. */
export const serviceBroker = (
  env: AmqpEnv,
  { optionalAtStart = false }: ServiceBrokerOptions = {},
): FactoryProvider<Broker> => ({
  provide: Broker,
  inject: [SharedResources, Logger, Metrics, ServiceInfo],
  useFactory: (host: SharedResources, log: Logger, registry: Metrics, { service }: ServiceInfo) => {
    const metrics = prometheusBrokerMetrics(registry);
    const shared = host.find(InProcessBroker);
    const { AMQP_URL: url, AMQP_CA_FILE: caFile, AMQP_NAMESPACE: namespace } = env;
    return (
      shared?.client(metrics) ??
      new RabbitBroker({ url, caFile, namespace, name: `pulser-${service}`, log, metrics, optionalAtStart })
    );
  },
});
