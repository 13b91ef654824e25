import { exchange, type MessageKey } from '@pulser/contracts';
import { Broker, BrokerServer } from '@pulser/messaging';
import { Logger, type ServiceDefinition } from '@pulser/service-kit';

import { protectDocs } from './docs/protect-docs.js';
import { serveOpenApi } from './docs/serve-open-api.js';
import { GatewayEnv } from './gateway.env.js';
import { configureGatewayHttp } from './gateway.http.js';
import { GatewayModule } from './gateway.module.js';

const heard = [
  'task.started',
  'task.progress',
  'task.retrying',
  'task.completed',
  'task.failed',
  'task.cancelled',
  'agent.heartbeat',
] as const satisfies readonly MessageKey[];

/** Waking a waiter takes microseconds: the bound only keeps a burst from filling the memory. */
const prefetch = 100;

/** The public API: accepts tasks, answers for them and tells what happens to them. */
export const gateway: ServiceDefinition<GatewayEnv> = {
  name: 'gateway',
  defaultPort: 8000,
  env: GatewayEnv,
  module: (env) => GatewayModule.forRoot(env),
  configure: (app, { DOCS }) => {
    configureGatewayHttp(app);
    protectDocs(app, DOCS);
    serveOpenApi(app, GatewayModule);
  },
  microservices: (app) =>
    new BrokerServer(
      app.get(Broker),
      [
        {
          queue: { temporaryFor: 'gateway events' },
          bindings: heard.map((pattern) => ({ exchange: exchange.events.name, pattern })),
          prefetch,
        },
      ],
      app.get(Logger),
    ),
};
