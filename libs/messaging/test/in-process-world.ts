import { InProcessBroker } from '../src/index.js';
import type { Client, World } from './broker.contract.js';
import { CountedMetrics } from './counted-metrics.js';

export const inProcessWorld = (): World => {
  const core = new InProcessBroker();
  const clients: Client[] = [];
  return {
    client: () => {
      const metrics = new CountedMetrics();
      const client = { broker: core.client(metrics), metrics };
      clients.push(client);
      return client;
    },
    remove: async () => {
      await Promise.all(clients.map(({ broker }) => broker.close()));
    },
  };
};
