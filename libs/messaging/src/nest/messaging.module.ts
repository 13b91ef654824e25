// The broker of a service as a Nest module: its configuration, which one, its life, its readiness.
import { accessSync, constants } from 'node:fs';

import {
  type DynamicModule,
  type FactoryProvider,
  Module,
  type OnApplicationShutdown,
  type OnModuleInit,
} from '@nestjs/common';
import { Logger, Metrics, Readiness, ServiceInfo, SharedResources } from '@pulser/service-kit';
import { z } from 'zod';

import { brokerUserOf } from '../access/broker-users.js';
import { prometheusBrokerMetrics } from '../broker/broker-metrics.js';
import { Broker, Publisher } from '../broker/broker.js';
import { Dispatches } from '../broker/dispatches.js';
import { StreamedTenants } from '../broker/streamed-tenants.js';
import { InProcessBroker } from '../in-process/in-process-broker.js';
import { RabbitBroker } from '../rabbit/rabbit-broker.js';

const isReadable = (file: string): boolean => {
  try {
    accessSync(file, constants.R_OK);
    return true;
  } catch {
    return false;
  }
};

/** Settings of every service that talks to RabbitMQ. */
export const amqpEnv = {
  AMQP_URL: z
    .url({ protocol: /^amqps?$/ })
    .describe('RabbitMQ 4.3 or later; older ones work with queues that are not replicated'),
  AMQP_CA_FILE: z
    .string()
    .refine((file) => file === '' || isReadable(file), 'is not a file that can be read')
    .default('')
    .describe('PEM file with the authority behind the certificate of an amqps:// broker; by default those Node knows'),
  AMQP_NAMESPACE: z
    .string()
    .regex(/^[\w-]{0,40}$/)
    .default('')
    .describe('Put before the name of every exchange and queue, for several installations on one virtual host'),
  DISPATCH_QUEUE: z
    .enum(['quorum', 'classic'])
    .default('quorum')
    .describe(
      'Type of the queues that bring tasks to workers, the same for every service. `classic` is faster and not written to disk: for a broker of one node; when it restarts, tasks that were on their way are dispatched again after some seconds',
    ),
};

type AmqpEnv = { readonly [K in keyof typeof amqpEnv]: z.output<(typeof amqpEnv)[K]> };

/** The broker that the process shares among its services, or else RabbitMQ. */
export const serviceBroker = (env: AmqpEnv): FactoryProvider<Broker> => ({
  provide: Broker,
  inject: [SharedResources, Logger, Metrics, ServiceInfo],
  useFactory: (host: SharedResources, log: Logger, registry: Metrics, { service }: ServiceInfo) => {
    const metrics = prometheusBrokerMetrics(registry);
    const shared = host.find(InProcessBroker);
    const { AMQP_URL: url, AMQP_CA_FILE: caFile, AMQP_NAMESPACE: namespace, DISPATCH_QUEUE: dispatchQueue } = env;
    const name = `pulser-${service}`;
    return (
      shared?.client(metrics, brokerUserOf(service)) ??
      new RabbitBroker({ url, caFile, namespace, dispatchQueue, name, log, metrics })
    );
  },
});

export interface MessagingOptions {
  /** For a service that does its work without a broker too: it stays ready, and `/health/ready` shows this text. */
  readonly withoutBroker?: string;
}

/**
 * Connects before the app serves, and disconnects after its transports and servers have stopped. While the broker is down
 * the service runs and is not ready, unless it can do without.
 */
class BrokerLifecycle implements OnModuleInit, OnApplicationShutdown {
  constructor(
    private readonly broker: Broker,
    private readonly readiness: Readiness,
    private readonly options: MessagingOptions,
  ) {}

  async onModuleInit(): Promise<void> {
    this.readiness.add('broker', () => Promise.resolve(this.report()));
    await this.broker.connect();
  }

  onApplicationShutdown(): Promise<void> {
    return this.broker.close();
  }

  /** @throws Error when the broker is down and the service needs it */
  private report(): { detail: string } | undefined {
    const { state } = this.broker;
    if (state === 'up') return undefined;
    const { withoutBroker } = this.options;
    if (withoutBroker === undefined && state === 'down') throw new Error('broker down');
    return { detail: withoutBroker === undefined ? `broker ${state}` : `broker ${state}, ${withoutBroker}` };
  }
}

/** Gives every module of an app its Broker, its Publisher, its Dispatches and its StreamedTenants. */
@Module({})
export class MessagingModule {
  /**
   * @param broker the broker, or how to make it: `serviceBroker(...)`
   * @throws BrokerRefused at the start, when the broker refuses the credentials, the virtual host or a permission
   */
  static forRoot(broker: Broker | FactoryProvider<Broker>, options: MessagingOptions = {}): DynamicModule {
    const provider = broker instanceof Broker ? { provide: Broker, useValue: broker } : broker;
    const lifecycle: FactoryProvider<BrokerLifecycle> = {
      provide: BrokerLifecycle,
      inject: [Broker, Readiness],
      useFactory: (made: Broker, readiness: Readiness) => new BrokerLifecycle(made, readiness, options),
    };
    return {
      module: MessagingModule,
      global: true,
      providers: [provider, Publisher, Dispatches, StreamedTenants, lifecycle],
      exports: [Broker, Publisher, Dispatches, StreamedTenants],
    };
  }
}
