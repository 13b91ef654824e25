import { exchange, queue } from '@pulser/contracts';
import { Broker, BrokerServer } from '@pulser/messaging';
import { Logger, type ServiceDefinition } from '@pulser/service-kit';

import { RouterEnv } from './router.env.js';
import { RouterModule } from './router.module.js';

/** Batches in hand: enough that one that waits for the database does not stop the others. */
const prefetch = 50;

const heartbeats = { exchange: exchange.events.name, pattern: 'agent.heartbeat' } as const;

/** Gives each task to the right agent, and finds those whose time has come. */
export const router: ServiceDefinition<RouterEnv> = {
  name: 'router',
  defaultPort: 8001,
  env: RouterEnv,
  module: (env) => RouterModule.forRoot(env),
  microservices: (app) =>
    new BrokerServer(
      app.get(Broker),
      [
        { queue: queue.routerTasks, bindings: [], prefetch },
        { queue: { temporaryFor: 'heartbeats' }, bindings: [heartbeats], prefetch },
      ],
      app.get(Logger),
    ),
};
