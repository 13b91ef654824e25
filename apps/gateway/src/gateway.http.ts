import type { NestFastifyApplication } from '@nestjs/platform-fastify';

/** What the gateway does with HTTP beyond what every service does. Before the app is initialised. */
export const configureGatewayHttp = (app: NestFastifyApplication): void => {
  const server = app.getHttpAdapter().getInstance();
  // Nest hands Fastify a route's `@RouteConfig` as it is; the limit of a body is an option of the route itself.
  server.addHook('onRoute', (route) => {
    const limit = (route.config as { bodyLimit?: number } | undefined)?.bodyLimit;
    if (limit !== undefined) route.bodyLimit = limit;
  });
};
