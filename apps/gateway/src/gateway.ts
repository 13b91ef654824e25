import { exchange, type MessageKey } from '@pulser/contracts';
import { Broker, BrokerServer } from '@pulser/messaging';
import { Logger, type ServiceDefinition } from '@pulser/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { serveOpenApi } from './docs/open-api.js';
import { protectDocs } from './docs/protect-docs.js';
import { GatewayEnv } from './gateway.env.js';
import { features, GatewayModule } from './gateway.module.js';

/** What the gateway subscribes to; `events/task-notifier.ts` and `explain/explain.service.ts` handle it. */
const subscribed = [
  'task.started',
  'task.progress',
  'task.retrying',
  'task.completed',
  'task.failed',
  'task.cancelled',
  'agent.heartbeat',
] as const satisfies readonly MessageKey[];

/** Handling one takes microseconds: the bound only keeps a burst from filling the memory. */
const prefetch = 100;

const brokerServer = (app: NestFastifyApplication): BrokerServer =>
  new BrokerServer(
    app.get(Broker),
    [
      {
        queue: { temporaryFor: 'gateway events' },
        bindings: subscribed.map((pattern) => ({ exchange: exchange.events.name, pattern })),
        prefetch,
      },
    ],
    app.get(Logger),
  );

/** Lets a route set `@RouteConfig({ bodyLimit })`: Nest passes the config as it is, and Fastify reads the limit elsewhere. */
const honourBodyLimits = (app: NestFastifyApplication): void => {
  const server = app.getHttpAdapter().getInstance();
  server.addHook('onRoute', (route) => {
    const limit = (route.config as { bodyLimit?: number } | undefined)?.bodyLimit;
    if (limit !== undefined) route.bodyLimit = limit;
  });
};

/** The public API: accepts tasks, answers for them and streams what happens to them. */
export const gateway: ServiceDefinition<GatewayEnv> = {
  name: 'gateway',
  defaultPort: 8000,
  env: GatewayEnv,
  module: (env) => GatewayModule.forRoot(env),
  configure: (app, { DOCS }) => {
    honourBodyLimits(app);
    protectDocs(app, DOCS);
    serveOpenApi(app, features);
  },
  microservices: brokerServer,
};
