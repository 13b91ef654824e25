// What happens to a request around its handler: it is traced and measured, and its head, body and fields are checked.
import { StandardSchemaValidationPipe } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpError, isForbiddenName, bodyRefusals, readJson, fieldProblems } from '@pulser/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Histogram } from 'prom-client';
import { z } from 'zod';

import type { Metrics } from '../metrics/metrics.js';
import type { Span } from '../trace/span.js';
import type { Tracer } from '../trace/tracer.js';

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

/** Maximum length of a URL, in characters. */
export const maxUrlLength = 4_096;

/** The part of a request that is checked first. */
export interface RequestHead {
  readonly url: string;
  readonly query: unknown;
  /** Names and values alternate, as in Node; its headers object cannot hold names such as `__proto__`. */
  readonly rawHeaders: readonly string[];
}

const forbidden = (what: string): HttpError => new HttpError('forbidden_key', { detail: `A ${what} has its name` });

/** Why a request is refused for its URL or its headers, or undefined. */
export const headRefusal = ({ url, query, rawHeaders }: RequestHead): HttpError | undefined => {
  if (url.length > maxUrlLength) return new HttpError('uri_too_long', { detail: `At most ${maxUrlLength} characters` });
  if (rawHeaders.some((name, n) => n % 2 === 0 && isForbiddenName(name))) return forbidden('header');
  return Object.keys(Object(query) as object).some(isForbiddenName) ? forbidden('query parameter') : undefined;
};

/** Refuses requests for their URL or headers, before any other hook. */
export const checkHeads = (server: FastifyInstance): void => {
  server.addHook('onRequest', (request, _reply, done) => {
    done(headRefusal({ url: request.url, query: request.query, rawHeaders: request.raw.rawHeaders }));
  });
};

/** @throws HttpError when the body is not acceptable JSON */
const parse = (body: Buffer): unknown => {
  const reading = readJson(body);
  if (reading.kind === 'read') return reading.value;
  throw new HttpError(bodyRefusals[reading.why].http, { detail: reading.detail });
};

/**
 * Accepts JSON bodies only, with the same checks as messages. Fastify refuses other media types before it reads them, and
 * bodies beyond the route's limit. Needs an app made with `bodyParser: false`, because Nest adds parsers of its own.
 */
export const readBodies = (app: NestFastifyApplication): void => {
  app.getHttpAdapter().getInstance().removeAllContentTypeParsers();
  app.useBodyParser('application/json', {}, (_request, body, done) => {
    try {
      done(null, parse(body));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
};

/** Nest's pipe silently deletes fields named `constructor` or `prototype`; here the schemas refuse dangerous ones. */
class ValidationPipe extends StandardSchemaValidationPipe {
  protected override stripProtoKeys(): void {
    // A field is kept or refused, never dropped.
  }
}

/** Validates by the Zod schemas of `@Body({ schema })`, `@Query({ schema })` and `@Param(name, { schema })`. */
export const validationPipe = (): StandardSchemaValidationPipe =>
  new ValidationPipe({
    exceptionFactory: (issues) =>
      new HttpError('invalid_request', {
        // These are Zod's issues; the Standard Schema interface declares only some of their fields.
        errors: fieldProblems(new z.ZodError(issues as z.core.$ZodIssue[])),
      }),
  });

/** Marks a controller or route that needs no key. A guard reads it with `reflector.getAllAndOverride(Public, [...])`. */
export const Public = Reflector.createDecorator<true | undefined, true>({ transform: () => true });
