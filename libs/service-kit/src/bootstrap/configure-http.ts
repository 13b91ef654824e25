import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';

import { AllowedMethods } from '../http/allowed-methods.js';
import { checkHeads } from '../http/check-heads.js';
import { ProblemFilter } from '../http/problem.filter.js';
import { readBodies } from '../http/read-body.js';
import { releaseConnections } from '../http/release-connections.js';
import { securityHeaders } from '../http/security-headers.policy.js';
import { validationPipe } from '../http/validation.js';
import { Logger } from '../log/logger.js';
import { measureHttp } from '../metrics/http-metrics.js';
import { Metrics } from '../metrics/metrics.js';
import { traceHttp } from '../trace/http-spans.js';
import { Tracer } from '../trace/tracer.js';

const exposedHeaders = ['etag', 'idempotent-replayed', 'location', 'retry-after', 'traceparent'];

/** Gives an app that is not initialised yet what every service does with HTTP. @param origins allowed by CORS */
export const configureHttp = (
  app: NestFastifyApplication,
  adapter: FastifyAdapter,
  origins: readonly string[],
): void => {
  const server = adapter.getInstance();
  traceHttp(server, app.get(Tracer));
  releaseConnections(server);
  measureHttp(server, app.get(Metrics));
  // Before everything else, middleware too; on the raw response, so that event streams carry them as well.
  adapter.registerSecurityHook((request, answer) => {
    for (const [name, value] of securityHeaders(request)) answer.setHeader(name, value);
  });
  checkHeads(server);
  readBodies(app);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new ProblemFilter(adapter, new AllowedMethods(server), app.get(Logger)));
  if (origins.length > 0) app.enableCors({ origin: [...origins], exposedHeaders, maxAge: 600 });
};
