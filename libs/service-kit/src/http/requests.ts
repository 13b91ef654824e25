// What happens to a request around its handler: it is traced and measured, and its head, body and fields are checked.
import type { IncomingHttpHeaders, ServerResponse } from 'node:http';

import { type ArgumentMetadata, StandardSchemaValidationPipe } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpError, isForbiddenName, bodyRefusals, readJson, fieldProblems } from '@pulser/contracts';
import type { FastifyContentTypeParser, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Gauge, Histogram } from 'prom-client';
import { z } from 'zod';

import type { Metrics } from '../metrics/metrics.js';
import type { Span } from '../trace/span.js';
import type { Tracer } from '../trace/tracer.js';
import { pathOf } from './problems.js';
import { streamBodies } from './streamed-bodies.js';
import { whenClosed } from './when-closed.js';

// Probes and scrapes come every few seconds and are not worth tracing.
const isProbe = (route: string | undefined): boolean => route === '/metrics' || route?.startsWith('/health') === true;

/** A request by what it is measured and traced as. */
export interface Routed {
  readonly method: string;
  /** Pattern of the route, never the URL: that has no bound. */
  readonly route: string | undefined;
  readonly headers: IncomingHttpHeaders;
}

// Never undefined: that would continue the current span, which belongs to the code that started the server.
const parentOf = ({ traceparent }: IncomingHttpHeaders): string => (typeof traceparent === 'string' ? traceparent : '');

/** Starts the span of a request, which ends with its answer: it continues the client's `traceparent`. */
export const spanOf = (tracer: Tracer, { method, route, headers }: Routed, answer: ServerResponse): Span => {
  const attributes = { 'http.request.method': method, 'http.route': route ?? '' };
  const span = isProbe(route)
    ? tracer.startQuietSpan()
    : tracer.startSpan(`${method} ${route ?? 'unmatched'}`, 'server', parentOf(headers), attributes);
  whenClosed(answer, () => {
    endWith(span, answer);
  });
  return span;
};

const endWith = (span: Span, { writableFinished, statusCode }: ServerResponse): void => {
  if (!writableFinished) {
    span.end('the client went away');
    return;
  }
  span.set({ 'http.response.status_code': statusCode });
  span.end(statusCode >= 500 ? `HTTP ${statusCode}` : undefined);
};

/** One server span per request: it continues the client's `traceparent`, returns its own and gives the request its id. */
export const traceHttp = (server: FastifyInstance, tracer: Tracer): void => {
  server.addHook('onRequest', (request, reply, done) => {
    const { method, headers, routeOptions } = request;
    const span = spanOf(tracer, { method, headers, route: routeOptions.url }, reply.raw);
    request.id = span.traceId;
    // On the raw response, so that answers written past Fastify (event streams) carry it too.
    reply.raw.setHeader('traceparent', span.traceparent);
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

/** Measures requests by method, route pattern and class of the status code. */
export class HttpMeter {
  private readonly timers: RouteTimers;
  private readonly active: Gauge;

  constructor(metrics: Metrics) {
    const name = 'http_server_request_duration_seconds';
    const help = 'Time from the head of the request to the end of the answer';
    this.timers = new RouteTimers(
      metrics.histogram({ name, help, labelNames: ['method', 'route', 'status'], buckets }),
    );
    this.active = metrics.gauge({ name: 'http_server_active_requests', help: 'Requests that are being answered' });
  }

  /** @param start when the head of the request was there, of the monotonic clock, in milliseconds */
  arrived({ method, route }: Routed, answer: ServerResponse, start = performance.now()): void {
    this.active.inc();
    whenClosed(answer, () => {
      this.active.dec();
      this.over({ method, route }, answer, start);
    });
  }

  /** The answer of a request was sent, or its client went away. */
  over({ method, route = 'unmatched' }: Pick<Routed, 'method' | 'route'>, answer: ServerResponse, start: number): void {
    const statusClass = answer.writableFinished ? Math.trunc(answer.statusCode / 100) : 0;
    this.timers.of(route, method, statusClass).observe((performance.now() - start) / 1_000);
  }
}

/** Measures every request. */
export const measureHttp = (server: FastifyInstance, meter: HttpMeter): void => {
  server.addHook('onRequest', ({ method, headers, routeOptions }, { raw }, done) => {
    meter.arrived({ method, headers, route: routeOptions.url }, raw);
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
  // Nothing that a path can name has it, because PostgreSQL's text cannot hold it.
  if (pathOf({ url }).includes('%00')) return new HttpError('not_found', { detail: 'No path has U+0000' });
  if (rawHeaders.some((name, n) => n % 2 === 0 && isForbiddenName(name))) return forbidden('header');
  return Object.keys(Object(query) as object).some(isForbiddenName) ? forbidden('query parameter') : undefined;
};

const hasBody = ({ headers }: FastifyRequest): boolean =>
  headers['transfer-encoding'] !== undefined || Number(headers['content-length']) > 0;

// Others are refused: a small body could become a large one.
const isPlain = ({ headers }: FastifyRequest): boolean =>
  [headers['content-encoding'] ?? '', headers['transfer-encoding'] ?? '']
    .flatMap((codings) => codings.split(','))
    .every((coding) => /^\s*(?:identity|chunked)?\s*$/i.test(coding));

/** @throws HttpError for a request as a whole, before its URL and headers are looked at one by one */
const refuseRequest = (request: FastifyRequest, reply: FastifyReply): void => {
  if (request.raw.httpVersion === '1.1' && request.headers.host === undefined)
    throw new HttpError('invalid_request', { detail: 'It has no header Host' });
  if (!hasBody(request) || isPlain(request)) return;
  // RFC 9110, 15.5.16: what would have been taken.
  reply.header('accept-encoding', 'identity');
  throw new HttpError('unsupported_media_type', { detail: 'It is compressed: send it without Content-Encoding' });
};

/** Refuses requests for their URL or headers, before any other hook. */
export const checkHeads = (server: FastifyInstance): void => {
  server.addHook('onRequest', (request, reply, done) => {
    refuseRequest(request, reply);
    const { url, query, raw } = request;
    done(headRefusal({ url, query, rawHeaders: raw.rawHeaders }));
  });
};

/**
 * Stands for a body of no bytes, with or without a media type: a route whose schema takes no body gets none, and any other
 * one refuses.
 */
class EmptyBody {
  constructor(readonly refusal: HttpError) {}
}

/** @throws HttpError when the body is not acceptable JSON */
const parse = (body: Buffer): unknown => {
  const reading = readJson(body);
  if (reading.kind === 'read') return reading.value;
  const refusal = new HttpError(bodyRefusals[reading.why].http, { detail: reading.detail });
  if (body.length === 0) return new EmptyBody(refusal);
  throw refusal;
};

const otherMediaType = (contentType: string | undefined): HttpError =>
  new HttpError('unsupported_media_type', {
    detail: contentType === undefined ? 'It has no Content-Type' : 'Its Content-Type is another one',
  });

// Bodies of other media types are not read: only that one without a length is empty is found out.
const refuseUnlessEmpty: FastifyContentTypeParser = (request, payload, done) => {
  const { 'content-type': type, 'content-length': length } = request.headers;
  const refusal = otherMediaType(type);
  if (request.is404 || Number(length) > 0) {
    done(request.is404 ? null : refusal);
    return;
  }
  const refuse = (): void => {
    payload.off('end', accept).pause();
    done(refusal);
  };
  const accept = (): void => {
    payload.off('data', refuse);
    done(null, new EmptyBody(refusal));
  };
  payload.once('data', refuse).once('end', accept);
};

const bytesOf = new WeakMap<object, Buffer>();

const keepsBytes = (config: unknown): boolean => (config as { keepsBytes?: boolean } | undefined)?.keepsBytes === true;

/**
 * The body of a request as it came, of a route with `@RouteConfig({ keepsBytes: true })`: a signature is one of bytes, not of
 * what they mean.
 */
export const bodyBytes = (request: FastifyRequest): Buffer => bytesOf.get(request) ?? Buffer.alloc(0);

/**
 * Accepts JSON bodies only, with the same checks as messages. Other media types are refused before they are read, and so are
 * bodies beyond the route's limit. Needs an app made with `bodyParser: false`, because Nest adds parsers of its own.
 */
export const readBodies = (app: NestFastifyApplication): void => {
  const server = app.getHttpAdapter().getInstance();
  server.removeAllContentTypeParsers();
  app.useBodyParser('application/json', {}, (request, body, done) => {
    try {
      if (keepsBytes(request.routeOptions.config)) bytesOf.set(request, body);
      done(null, parse(body));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  server.addContentTypeParser('*', refuseUnlessEmpty);
  streamBodies(server);
};

/** Nest's pipe silently deletes fields named `constructor` or `prototype`; here the schemas refuse dangerous ones. */
class ValidationPipe extends StandardSchemaValidationPipe {
  override async transform<T>(value: T, metadata: ArgumentMetadata): Promise<T> {
    if (!(value instanceof EmptyBody)) return super.transform(value, metadata);
    return super.transform(undefined as T, metadata).catch(() => {
      throw value.refusal;
    });
  }

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
