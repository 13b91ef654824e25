// The HTTP server of a service: Fastify with limits, the security headers of every answer, and how a closing server gets rid
// of its connections.
import type { ServerResponse } from 'node:http';

import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpError, jsonLimits } from '@pulser/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

import { answerClientErrors, maxHeadBytes } from './client-errors.js';
import { pathOf, problemOf } from './problems.js';
import { letGoOfSlowClients } from './slow-clients.js';
import { whenClosed } from './when-closed.js';

/** The part of a request that the headers of its answer depend on. */
export interface Arrival {
  /** `https` when the client spoke TLS, to us or to a trusted proxy. */
  readonly protocol: string;
}

// An API serves no documents; a route that serves a page sets its own policy.
const contentSecurityPolicy = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const noFeature = ['camera', 'display-capture', 'geolocation', 'microphone', 'payment', 'usb']
  .map((feature) => `${feature}=()`)
  .join(', ');

const always: Readonly<Record<string, string>> = {
  // Answers belong to one tenant. A route whose answers may be cached sets its own header.
  'cache-control': 'no-store',
  'content-security-policy': contentSecurityPolicy,
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': noFeature,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'x-permitted-cross-domain-policies': 'none',
};

// Two years, in seconds. Without includeSubDomains: Pulser does not control them.
const onTls = { ...always, 'strict-transport-security': 'max-age=63072000' };

// Made once: converting the object for every answer would cost more.
const pairs = { always: Object.entries(always), onTls: Object.entries(onTls) };

/** Names and values of headers of every answer: https://owasp.org/www-project-secure-headers/. Browsers ignore HSTS without TLS. */
export const securityHeaders = ({ protocol }: Arrival): readonly (readonly [string, string])[] =>
  protocol === 'https' ? pairs.onTls : pairs.always;

/** Sends the security headers, before everything else, middleware too; on the raw response, so that event streams carry them as well. */
export const sendSecurityHeaders = (adapter: FastifyAdapter): void => {
  adapter.registerSecurityHook((request, answer) => {
    for (const [name, value] of securityHeaders(request)) answer.setHeader(name, value);
  });
};

export interface AdapterOptions {
  /** Maximum size of a body, in bytes. */
  readonly bodyLimit?: number;
  /** Addresses or CIDR blocks of proxies whose X-Forwarded-* headers are trusted; none when empty. */
  readonly trustProxy?: readonly string[];
  readonly timeouts?: ClientTimeouts;
}

/** Time limits for a client, in milliseconds. */
export interface ClientTimeouts {
  /** From its connection, or the end of its last request, to the end of the headers. */
  readonly headersMs: number;
  /** From there to the end of the body. */
  readonly requestMs: number;
  /** Interval between two checks for clients beyond these limits. */
  readonly checkEveryMs: number;
}

const defaultTimeouts: ClientTimeouts = { headersMs: 15_000, requestMs: 30_000, checkEveryMs: 5_000 };

// Fastify's router refuses these paths before any hook or filter runs.
const refusePath = (_error: Error, request: FastifyRequest, reply: FastifyReply): void => {
  const refusal = new HttpError('invalid_request', { detail: 'The path is malformed, or a part of it is too long' });
  void reply
    .status(refusal.status)
    .headers({
      ...Object.fromEntries(securityHeaders(request)),
      'content-type': 'application/problem+json; charset=utf-8',
    })
    .send(problemOf(refusal, { instance: pathOf(request) }));
};

/** The HTTP server of a service, with bounds on what a client may send and how slowly. */
export const createAdapter = ({
  bodyLimit = jsonLimits.maxBytes,
  trustProxy = [],
  timeouts = defaultTimeouts,
}: AdapterOptions = {}): FastifyAdapter => {
  const adapter = new FastifyAdapter({
    bodyLimit,
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    // Requests on open connections are answered while the service closes.
    return503OnClosing: false,
    // Of a whole request: `letGoOfSlowClients` knows which bodies may take longer.
    requestTimeout: 0,
    // Longer than the usual 60 s of a load balancer, so that it never reuses a connection that the server has closed.
    keepAliveTimeout: 65_000,
    // No `connectionTimeout`: it counts silence, and a client that waits for a task to end is silent for a minute.
    http: {
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkEveryMs,
      maxHeaderSize: maxHeadBytes,
      // Node's own answer would be no problem document: `checkHeads` looks for it.
      requireHostHeader: false,
    },
    // The request id is the trace id, set when the span starts.
    genReqId: () => '',
    frameworkErrors: refusePath,
    clientErrorHandler: answerClientErrors(pairs.always),
    routerOptions: { ignoreDuplicateSlashes: false, ignoreTrailingSlash: false, maxParamLength: 200 },
  });
  const { server } = adapter.getInstance();
  letGoOfSlowClients(adapter.getInstance(), timeouts);
  // Node alone would answer 417. RFC 9110 (10.1.1) lets a server pass over expectations that it does not know.
  server.on('checkExpectation', (request, answer) => server.emit('request', request, answer));
  return adapter;
};

const releaseEveryMs = 20;

const isEventStream = (answer: ServerResponse): boolean =>
  String(answer.getHeader('content-type')).startsWith('text/event-stream');

/** The answers that a server is working on. */
export class OpenAnswers {
  private readonly answers = new Set<ServerResponse>();
  /** The server takes no new connections. */
  closing = false;

  add(answer: ServerResponse): void {
    this.answers.add(answer);
    whenClosed(answer, () => this.answers.delete(answer));
  }

  /** Ends event streams, which have no end of their own, and all connections once the last answer is sent. */
  release({ server }: FastifyInstance): void {
    for (const answer of this.answers) if (isEventStream(answer)) answer.end();
    if (this.answers.size === 0) server.closeAllConnections();
  }
}

/**
 * Lets a closing server finish when its last answer is sent. Node alone waits for event streams, for kept-alive
 * connections until `keepAliveTimeout`, and forever for connections without any request, which load balancers and
 * browsers open in advance. Clients of event streams reconnect, to another instance.
 */
export const releaseConnections = (server: FastifyInstance, open: OpenAnswers): void => {
  server.addHook('onRequest', (_request, { raw }, done) => {
    open.add(raw);
    done();
  });

  server.addHook('onSend', (_request, reply, payload, done) => {
    if (open.closing) reply.header('connection', 'close');
    done(null, payload);
  });

  server.addHook('preClose', (done) => {
    open.closing = true;
    if (server.server.listening) {
      const timer = setInterval(() => {
        open.release(server);
      }, releaseEveryMs);
      server.server.once('close', () => {
        clearInterval(timer);
      });
    }
    done();
  });
};
