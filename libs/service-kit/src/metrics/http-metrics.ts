// Duration and number of HTTP requests.
import type { FastifyInstance } from 'fastify';
import type { Histogram } from 'prom-client';

import type { Metrics } from './metrics.js';

type Observer = Histogram.Internal<string>;

// From a health probe to a long report; event streams end up in the last one.
const buckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

const statusLabel = (statusClass: number): string => (statusClass === 0 ? 'aborted' : `${statusClass}xx`);

/** Resolves each labelled histogram once: there are at most routes x methods x 6 of them. */
class RouteTimers {
  private readonly byRoute = new Map<string, Map<string, (Observer | undefined)[]>>();

  constructor(private readonly duration: Histogram<'method' | 'route' | 'status'>) {}

  of(route: string, method: string, statusClass: number): Observer {
    const byMethod = this.byRoute.get(route) ?? new Map<string, (Observer | undefined)[]>();
    this.byRoute.set(route, byMethod);
    const classes = byMethod.get(method) ?? [];
    byMethod.set(method, classes);
    return (classes[statusClass] ??= this.duration.labels(method, route, statusLabel(statusClass)));
  }
}

/** Measures every request by method, route pattern (never the URL: it has no bound) and class of the status code. */
export const measureHttp = (server: FastifyInstance, metrics: Metrics): void => {
  const name = 'http_server_request_duration_seconds';
  const help = 'Time from the head of the request to the end of the answer';
  const timers = new RouteTimers(metrics.histogram({ name, help, labelNames: ['method', 'route', 'status'], buckets }));
  const active = metrics.gauge({ name: 'http_server_active_requests', help: 'Requests that are being answered' });
  server.addHook('onRequest', (request, reply, done) => {
    const start = performance.now();
    const route = request.routeOptions.url ?? 'unmatched';
    active.inc();
    // `close` comes once, whether the answer was sent or the client went away.
    reply.raw.once('close', () => {
      active.dec();
      const statusClass = reply.raw.writableFinished ? Math.trunc(reply.raw.statusCode / 100) : 0;
      timers.of(route, request.method, statusClass).observe((performance.now() - start) / 1_000);
    });
    done();
  });
};
