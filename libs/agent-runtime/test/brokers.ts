import { type Broker, type BrokerLog, InProcessBroker, RabbitBroker } from '@pulser/messaging';
import { SharedResources } from '@pulser/service-kit';
import { testBroker } from '@pulser/testing';

/** A broker for one worker and its test. */
export interface BrokerOfTest {
  readonly env: Readonly<Record<string, string>>;
  readonly host: SharedResources;
  /** The test's own way to it. */
  readonly client: Broker;
  drop(): Promise<void>;
}

/** @param host of other workers in the same process: they share the broker */
export const inProcess = (host = new SharedResources()): BrokerOfTest => {
  const broker = host.find(InProcessBroker) ?? new InProcessBroker();
  const client = broker.client();
  return {
    env: { AMQP_URL: 'amqp://in-process' },
    host: host.provide(InProcessBroker, broker),
    client,
    drop: () => client.close(),
  };
};

const nothing = (): void => undefined;
const silent: BrokerLog = { info: nothing, warn: nothing, error: nothing };

/** @param workersUrl where the worker reaches it, when not directly */
export const rabbit = (workersUrl?: string): BrokerOfTest => {
  const broker = testBroker();
  const { url, namespace } = broker;
  const client = new RabbitBroker({ url, namespace, name: 'worker-test', log: silent });
  return {
    env: { AMQP_URL: workersUrl ?? url, AMQP_NAMESPACE: namespace },
    host: new SharedResources(),
    client,
    drop: async () => {
      await client.close();
      await broker.drop();
    },
  };
};
