// A server span per HTTP request.
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import type { Span } from './span.js';
import type { Tracer } from './tracer.js';

// Probes and scrapes come every few seconds and are not worth tracing.
const isProbe = (route: string | undefined): boolean => route === '/metrics' || route?.startsWith('/health') === true;

// Never undefined: that would continue the current span, which belongs to the code that started the server.
const headerOf = (request: FastifyRequest): string => {
  const header = request.headers['traceparent'];
  return typeof header === 'string' ? header : '';
};

const spanOf = (tracer: Tracer, request: FastifyRequest): Span => {
  const route = request.routeOptions.url;
  if (isProbe(route)) return tracer.startQuietSpan();
  const attributes = { 'http.request.method': request.method, 'http.route': route ?? '' };
  return tracer.startSpan(`${request.method} ${route ?? 'unmatched'}`, 'server', headerOf(request), attributes);
};

const endWith = (span: Span, reply: FastifyReply): void => {
  if (!reply.raw.writableFinished) {
    span.end('the client went away');
    return;
  }
  const status = reply.raw.statusCode;
  span.set({ 'http.response.status_code': status });
  span.end(status >= 500 ? `HTTP ${status}` : undefined);
};

/** One server span per request: it continues the client's `traceparent`, returns its own and gives the request its id. */
export const traceHttp = (server: FastifyInstance, tracer: Tracer): void => {
  server.addHook('onRequest', (request, reply, done) => {
    const span = spanOf(tracer, request);
    request.id = span.traceId;
    // On the raw response, so that answers written past Fastify (event streams) carry it too.
    reply.raw.setHeader('traceparent', span.traceparent);
    // `close` comes once, whether the answer was sent or the client went away.
    reply.raw.once('close', () => {
      endWith(span, reply);
    });
    span.run(done);
  });
};
