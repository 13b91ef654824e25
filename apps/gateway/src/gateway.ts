import { exchange, type MessageKey } from '@pulser/contracts';
import { type Binding, Broker, BrokerServer } from '@pulser/messaging';
import { Logger, type ServiceDefinition } from '@pulser/service-kit';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';

import { serveDashboard } from './dashboard/serve-dashboard.js';
import { serveOpenApi } from './docs/open-api.js';
import { protectDocs } from './docs/protect-docs.js';
import { TaskNotifier } from './events/task-notifier.js';
import { GatewayEnv } from './gateway.env.js';
import { features, GatewayModule } from './gateway.module.js';
import { FastSubmit } from './tasks/fast-submit.js';

/** What happens to tasks, without their lines; `events/task-events.consumer.ts` handles all of these. */
const changes = [
  ...(['task.queued', 'task.started', 'task.retrying', 'task.completed', 'task.failed', 'task.cancelled'] as const),
  'tasks.unlisted',
  'tenant.changed',
] as const satisfies readonly MessageKey[];

const lines = ['task.progress'] as const satisfies readonly MessageKey[];

/** For `explain/explain.service.ts`, `tasks/dispatch-credit.ts`, `events/task-events.consumer.ts` and `scaling/scaling.controller.ts`. */
const always = [
  ...(['agent.heartbeat', 'agent.health-changed', 'dispatch.granted', 'streams.reported', 'scaling.measured'] as const),
] as const satisfies readonly MessageKey[];

const bindingsOf = (keys: readonly MessageKey[]): Binding[] =>
  keys.map((pattern) => ({ exchange: exchange.events.name, pattern }));

/** Handling one takes microseconds: the bound only keeps a burst from filling the memory. */
const prefetch = 100;

const brokerServer = (app: NestFastifyApplication): BrokerServer =>
  new BrokerServer(
    app.get(Broker),
    [
      ...[
        { keys: changes, onDemand: app.get(TaskNotifier).changes },
        { keys: lines, onDemand: app.get(TaskNotifier).lines },
      ].map(({ keys, onDemand }) => ({
        queue: { temporaryFor: 'gateway events' },
        bindings: bindingsOf(keys),
        prefetch,
        onDemand,
      })),
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
  configure: async (app, { DOCS, DASHBOARD_DIR }) => {
    honourBodyLimits(app);
    protectDocs(app, DOCS);
    serveOpenApi(app, features);
    await serveDashboard(app, DASHBOARD_DIR);
  },
  microservices: brokerServer,
};
