// Every error of HTTP becomes problem details (RFC 9457).
import type { ServerResponse } from 'node:http';

import { Catch, NotFoundException, type ArgumentsHost, type ExceptionFilter, HttpException } from '@nestjs/common';
import type { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpError, type HttpErrorCode, httpErrors, isOutage, type Problem } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest, FastifyInstance } from 'fastify';
import { throwError, type Observable } from 'rxjs';

import type { Logger } from '../log/logger.js';
import type { Metrics } from '../metrics/metrics.js';

/** The request that a problem is about. */
export interface ProblemPlace {
  /** Path of the request, without its query: that may hold secrets. */
  readonly instance?: string | undefined;
  readonly traceId?: string | undefined;
}

/** URL of the explanation of a code, relative to the server that answered. */
export const problemType = (code: HttpErrorCode): string => `/docs/problems#${code}`;

const detailOf = (error: HttpError): { detail?: string } =>
  error.facts.detail === undefined ? {} : { detail: error.facts.detail };

/** A refusal as problem details (RFC 9457). */
export const problemOf = (error: HttpError, { instance, traceId }: ProblemPlace = {}): Problem => ({
  ...error.facts.extensions,
  type: problemType(error.code),
  title: httpErrors[error.code].title,
  status: error.status,
  code: error.code,
  ...detailOf(error),
  ...(instance === undefined ? {} : { instance }),
  ...(traceId === undefined ? {} : { trace_id: traceId }),
  ...(error.facts.errors === undefined ? {} : { errors: [...error.facts.errors] }),
});

/** The path of a request without its query, which may hold secrets. */
export const pathOf = (request: { readonly url: string }): string => request.url.split('?', 1)[0] ?? '';

const byFastifyCode: Readonly<Record<string, HttpErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
};

const byStatus: Readonly<Record<number, HttpErrorCode>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  405: 'method_not_allowed',
  409: 'conflict',
  413: 'payload_too_large',
  415: 'unsupported_media_type',
  429: 'too_many_requests',
};

const codeOf = (value: unknown): string =>
  value instanceof Error && 'code' in value && typeof value.code === 'string' ? value.code : '';

// Nest wraps Fastify's errors and keeps them as the cause; those of Fastify's router arrive unwrapped.
const refusalByStatus = (status: number, error: Error, bodyLimit: number | undefined): HttpError => {
  const code = byFastifyCode[codeOf(error)] ?? byFastifyCode[codeOf(error.cause)] ?? byStatus[status];
  if (code === 'payload_too_large' && bodyLimit !== undefined) return bodyTooLarge(bodyLimit, error);
  return new HttpError(code ?? 'invalid_request', { detail: error.message, cause: error });
};

/** @param limit in bytes */
export const bodyTooLarge = (limit: number, cause?: unknown): HttpError =>
  new HttpError('payload_too_large', { detail: `At most ${limit} bytes`, extensions: { limit_bytes: limit }, cause });

const statusOf = (error: Error): number => {
  if (error instanceof HttpException) return error.getStatus();
  return error.name === 'FastifyError' && 'statusCode' in error ? Number(error.statusCode) : 500;
};

// What Node throws for a body whose client closed the connection: no fault of the server, and nobody reads the answer.
const clientIsGone = (thrown: unknown): boolean =>
  codeOf(thrown) === 'ECONNRESET' && thrown instanceof Error && thrown.message === 'aborted';

/** After this many seconds a client may try again when a server behind ours could not be reached. */
const outageRetryAfterS = 1;

/**
 * The refusal that the client sees for a thrown value. Unknown errors reveal nothing.
 * @param bodyLimit of the route, in bytes
 */
export const refusalOf = (thrown: unknown, bodyLimit?: number): HttpError => {
  if (thrown instanceof HttpError) return thrown;
  if (clientIsGone(thrown)) return new HttpError('invalid_request', { detail: 'It ended too early', cause: thrown });
  if (isOutage(thrown)) return new HttpError(thrown.code, { retryAfterS: outageRetryAfterS, cause: thrown });
  const status = thrown instanceof Error ? statusOf(thrown) : 500;
  if (thrown instanceof Error && status >= 400 && status < 500) return refusalByStatus(status, thrown, bodyLimit);
  return new HttpError('internal', { cause: thrown });
};

// CORS answers OPTIONS on every path: that does not make the path exist.
const takesAll = new Set(['*', '/*']);

/** The methods of each path, to tell a wrong method (405) from a wrong path (404). Create it before routes are added. */
export class AllowedMethods {
  private readonly routes: { readonly url: string; readonly methods: readonly string[] }[] = [];

  constructor(server: FastifyInstance) {
    server.addHook('onRoute', ({ url, method }) => {
      if (!takesAll.has(url)) this.routes.push({ url, methods: [method].flat() });
    });
  }

  of(path: string): string[] {
    const methods = this.routes.filter(({ url }) => matchesPattern(url, path)).flatMap((route) => route.methods);
    return [...new Set(methods)].sort();
  }
}

const fits = (pattern: string, segment: string): boolean =>
  pattern.includes(':') ? segment !== '' : pattern === segment;

/** Whether a route such as `/tasks/:id` or `/files/*` serves a path. */
export const matchesPattern = (pattern: string, path: string): boolean => {
  const wanted = pattern.split('/');
  const given = path.split('/');
  const rest = wanted.indexOf('*');
  if (rest === -1) return wanted.length === given.length && wanted.every((part, at) => fits(part, given[at] ?? ''));
  return given.length > rest && wanted.slice(0, rest).every((part, at) => fits(part, given[at] ?? ''));
};

// A middleware, and what answers before Fastify, have Node's own request and response.
type Reply = FastifyReply | ServerResponse;
type Asked = Pick<FastifyRequest, 'method' | 'url'>;

/** What was given up because its client has left: nobody waits for the answer, and nothing went wrong. */
const isGivenUp = (thrown: unknown, reply: Reply): boolean =>
  thrown instanceof DOMException && thrown.name === 'AbortError' && ('raw' in reply ? reply.raw : reply).destroyed;

const bodyLimitOf = (request: Partial<FastifyRequest>): number | undefined => request.routeOptions?.bodyLimit;

/** Shown from the start: their first one is an increase too. */
const watched = [
  'unauthenticated',
  'forbidden',
  'too_many_requests',
  'internal',
] as const satisfies readonly HttpErrorCode[];

/** Answers every error with problem details (RFC 9457) and logs, once, those with a status of 500 or more. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly refusals;

  constructor(
    private readonly adapter: FastifyAdapter,
    private readonly allowed: AllowedMethods,
    private readonly logger: Logger,
    metrics: Metrics,
  ) {
    this.refusals = metrics.counter({
      name: 'pulser_refusals_total',
      help: 'Requests that were answered with a problem, by its code',
      labelNames: ['code'],
    });
    for (const code of watched) this.refusals.labels(code).inc(0);
  }

  catch(thrown: unknown, host: ArgumentsHost): Observable<never> | undefined {
    // Errors of message handlers are handled by the transport.
    if (host.getType() !== 'http') return throwError(() => thrown);
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<Reply>();
    if (isGivenUp(thrown, reply)) return undefined;
    const unmatched = thrown instanceof NotFoundException && request.is404;
    const refusal = unmatched ? this.unmatched(request, reply) : refusalOf(thrown, bodyLimitOf(request));
    this.refuse(refusal, request, reply);
    return undefined;
  }

  /** Answers a request with problem details, and logs what is not the client's fault. */
  refuse(refusal: HttpError, request: Asked, reply: Reply): void {
    this.refusals.labels(refusal.code).inc();
    if (refusal.status >= 500) this.report(refusal, request);
    this.answer(refusal, request, reply);
  }

  private unmatched(request: FastifyRequest, reply: Reply): HttpError {
    const methods = this.allowed.of(pathOf(request));
    const allowed = methods.join(', ');
    if (allowed === '' || methods.includes(request.method))
      return new HttpError('not_found', { detail: 'There is no route with this path' });
    this.setHeader(reply, 'allow', allowed);
    return new HttpError('method_not_allowed', { detail: `There is ${allowed}` });
  }

  private report(refusal: HttpError, request: Asked): void {
    // The client sees less than was thrown.
    const err = refusal.code === 'internal' || isOutage(refusal.cause) ? (refusal.cause ?? refusal) : refusal;
    this.logger.error({ err, code: refusal.code, method: request.method, path: pathOf(request) }, 'request failed');
  }

  private answer(refusal: HttpError, request: Asked, reply: Reply): void {
    if (this.adapter.isHeadersSent(reply)) {
      // The answer is partly sent: only closing the connection shows the client that it is incomplete.
      ('raw' in reply ? reply.raw : reply).destroy();
      return;
    }
    const { retryAfterS } = refusal.facts;
    if (retryAfterS !== undefined) this.setHeader(reply, 'retry-after', String(Math.ceil(retryAfterS)));
    this.setHeader(reply, 'content-type', 'application/problem+json; charset=utf-8');
    const traceId = this.traceOf(reply);
    this.adapter.reply(reply, problemOf(refusal, { instance: pathOf(request), traceId }), refusal.status);
  }

  private setHeader(reply: Reply, name: string, value: string): void {
    this.adapter.setHeader(reply, name, value);
  }

  private traceOf(reply: Reply): string | undefined {
    const traceparent = reply.getHeader('traceparent');
    return typeof traceparent === 'string' ? traceparent.slice(3, 35) : undefined;
  }
}
