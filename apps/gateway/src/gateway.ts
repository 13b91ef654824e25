import { exchange, type MessageKey } from '@pulser/contracts';
import { type Binding, Broker, BrokerServer } from '@pulser/messaging';
import { Logger, type ServiceDefinition } from '@pulser/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { serveOpenApi } from './docs/open-api.js';
import { protectDocs } from './docs/protect-docs.js';
import { TaskNotifier } from './events/task-notifier.js';
import { GatewayEnv } from './gateway.env.js';
import { features, GatewayModule } from './gateway.module.js';
import { FastSubmit } from './tasks/fast-submit.js';

/** What happens to tasks; `events/task-notifier.ts` handles it. */
const taskEvents = [
  'task.started',
  'task.progress',
  'task.retrying',
  'task.completed',
  'task.failed',
  'task.cancelled',
] as const satisfies readonly MessageKey[];

/** For `explain/explain.service.ts` and `tasks/dispatch-credit.ts`. */
const always = ['agent.heartbeat', 'dispatch.granted'] as const satisfies readonly MessageKey[];

const bindingsOf = (keys: readonly MessageKey[]): Binding[] =>
  keys.map((pattern) => ({ exchange: exchange.events.name, pattern }));

/** Handling one takes microseconds: the bound only keeps a burst from filling the memory. */
const prefetch = 100;

const brokerServer = (app: NestFastifyApplication): BrokerServer =>
  new BrokerServer(
    app.get(Broker),
    [
      {
        queue: { temporaryFor: 'gateway events' },
        bindings: bindingsOf(taskEvents),
        prefetch,
        onDemand: app.get(TaskNotifier).taskEvents,
      },
      { queue: { temporaryFor: 'gateway heartbeats' }, bindings: bindingsOf(always), prefetch },
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
  // The headers of CORS, which every answer then has, are Fastify's.
  early: (app, answers, { FAST_SUBMIT, CORS_ORIGINS }) =>
    FAST_SUBMIT && CORS_ORIGINS.length === 0 ? app.get(FastSubmit, { strict: false }).handler(answers) : undefined,
  configure: (app, { DOCS }) => {
    honourBodyLimits(app);
    protectDocs(app, DOCS);
    serveOpenApi(app, features);
  },
  microservices: brokerServer,
};
