// Requests that a service answers before Fastify does, because its life cycle costs more than the work itself; and what
// Fastify's hooks would have done for them.
import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';

import proxyAddr from '@fastify/proxy-addr';
import type { HttpError } from '@pulser/contracts';
import type { FastifyInstance } from 'fastify';

import type { Span } from '../trace/span.js';
import type { Tracer } from '../trace/tracer.js';
import type { ProblemFilter } from './problems.js';
import { type HttpMeter, spanOf } from './requests.js';
import { type OpenAnswers, securityHeaders } from './server.js';

/** A request that came, with its answer still to be given. */
export interface EarlyRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Milliseconds of the monotonic clock. */
  readonly arrivedAt: number;
  /** Leaves the request to Fastify. @param body what was read of it already: all of it */
  readonly leave: (body?: Buffer) => void;
}

/** Takes requests before Fastify: it answers each, or leaves it. */
export type EarlyHandler = (request: EarlyRequest) => void;

/** Bodies that were read before Fastify got the request. */
const bodies = new WeakMap<IncomingMessage, Buffer>();

/** Gives Fastify the bodies that were read early. */
const readBodiesAgain = (fastify: FastifyInstance): void => {
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const body = bodies.get(request.raw);
    done(null, body === undefined ? payload : Readable.from([body], { objectMode: false }));
  });
};

/** Puts a handler before Fastify. To be called before routes are added. */
export const answerEarly = (fastify: FastifyInstance, handler: EarlyHandler): void => {
  readBodiesAgain(fastify);
  const server = fastify.server;
  const listeners = server.listeners('request') as RequestListener[];
  server.removeAllListeners('request');
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const leave = (body?: Buffer): void => {
      if (body !== undefined) bodies.set(request, body);
      for (const listener of listeners) listener.call(server, request, response);
    };
    handler({ request, response, arrivedAt: performance.now(), leave });
  });
};

const flatHeaders = {
  http: securityHeaders({ protocol: 'http' }).flat(),
  https: securityHeaders({ protocol: 'https' }).flat(),
};

/** What every answer of a service has, for those that are given before Fastify. */
export class EarlyAnswers {
  private readonly isTrusted: (address: string, hop: number) => boolean;

  /** @param trustProxy as in `AdapterOptions` */
  constructor(
    trustProxy: readonly string[],
    private readonly tracer: Tracer,
    private readonly meter: HttpMeter,
    private readonly open: OpenAnswers,
    private readonly problems: ProblemFilter,
  ) {
    this.isTrusted = proxyAddr.compile([...trustProxy]);
  }

  /** No new request may be taken: Fastify tells the client to close its connection. */
  get closing(): boolean {
    return this.open.closing;
  }

  /** A closing server waits for the answer from now on, whoever gives it. */
  expect({ response }: EarlyRequest): void {
    this.open.add(response);
  }

  /** Takes a request: from now on it is measured and traced. @returns its span */
  take({ request, response, arrivedAt }: EarlyRequest, route: string): Span {
    const { method = '', headers } = request;
    this.meter.arrived({ method, headers, route }, response, arrivedAt);
    return spanOf(this.tracer, { method, headers, route }, response);
  }

  /** Counts a request whose client was gone before it was taken. */
  abandoned({ request, response, arrivedAt }: EarlyRequest, route: string): void {
    this.meter.over({ method: request.method ?? '', route }, response, arrivedAt);
  }

  /** @param headers names and values alternate */
  json(
    { request, response }: EarlyRequest,
    span: Span,
    status: number,
    headers: readonly string[],
    body: object,
  ): void {
    const bytes = Buffer.from(JSON.stringify(body));
    response.writeHead(status, [
      ...this.always(request, span),
      ...headers,
      ...['content-type', 'application/json; charset=utf-8', 'content-length', String(bytes.length)],
    ]);
    response.end(bytes);
  }

  /** As `json`, for a refusal. */
  refuse({ request, response }: EarlyRequest, span: Span, headers: readonly string[], refusal: HttpError): void {
    const all = [...this.always(request, span), ...headers];
    for (let n = 0; n < all.length; n += 2) response.setHeader(all[n] ?? '', all[n + 1] ?? '');
    this.problems.refuse(refusal, { method: request.method ?? '', url: request.url ?? '' }, response);
  }

  private always(request: IncomingMessage, { traceparent }: Span): string[] {
    const all = [...flatHeaders[this.protocolOf(request)], 'traceparent', traceparent];
    return this.open.closing ? [...all, 'connection', 'close'] : all;
  }

  /** As Fastify finds it out: what the proxy next to this server says, when that one is trusted. */
  private protocolOf({ headers, socket }: IncomingMessage): 'http' | 'https' {
    const said = headers['x-forwarded-proto'];
    if (typeof said !== 'string' || !this.isTrusted(socket.remoteAddress ?? '', 0)) return 'http';
    return said.slice(said.lastIndexOf(',') + 1).trim() === 'https' ? 'https' : 'http';
  }
}
