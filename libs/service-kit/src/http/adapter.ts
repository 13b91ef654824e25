// The HTTP server of a service: Fastify with limits.
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpError, jsonLimits } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { pathOf, problemOf } from './problems.js';
import { securityHeaders } from './security-headers.policy.js';

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
}: AdapterOptions = {}): FastifyAdapter =>
  new FastifyAdapter({
    bodyLimit,
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    // Requests on open connections are answered while the service closes.
    return503OnClosing: false,
    requestTimeout: timeouts.requestMs,
    // Longer than the usual 60 s of a load balancer, so that it never reuses a connection that the server has closed.
    keepAliveTimeout: 65_000,
    // No `connectionTimeout`: it counts silence, and a client that waits for a task to end is silent for a minute.
    http: {
      headersTimeout: timeouts.headersMs,
      connectionsCheckingInterval: timeouts.checkEveryMs,
      maxHeaderSize: 16_384,
    },
    // The request id is the trace id, set when the span starts.
    genReqId: () => '',
    frameworkErrors: refusePath,
    routerOptions: { ignoreDuplicateSlashes: false, ignoreTrailingSlash: false, maxParamLength: 200 },
  });
