import { FastifyAdapter } from '@nestjs/platform-fastify';
import { HttpError, jsonLimits } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { pathOf, problemOf } from './problems.js';
import { securityHeaders } from './security-headers.policy.js';

export interface AdapterOptions {
  /** Longest body, in bytes. */
  readonly bodyLimit?: number;
  /** Addresses or CIDR blocks of proxies whose X-Forwarded-* headers count; nobody's when empty. */
  readonly trustProxy?: readonly string[];
  readonly patience?: ClientTimeouts;
}

/** How long a client may take, in milliseconds. */
export interface ClientTimeouts {
  /** From its connection, or the end of its last request, to the end of the headers. */
  readonly headersMs: number;
  /** From there to the end of the body. */
  readonly requestMs: number;
  /** Time between two looks for clients that took longer. */
  readonly checkEveryMs: number;
}

const usualPatience: ClientTimeouts = { headersMs: 15_000, requestMs: 30_000, checkEveryMs: 5_000 };

// The router refuses these before any hook or filter runs.
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
  patience = usualPatience,
}: AdapterOptions = {}): FastifyAdapter =>
  new FastifyAdapter({
    bodyLimit,
    trustProxy: trustProxy.length === 0 ? false : [...trustProxy],
    // Who is on an open connection while the service ends is answered like everybody before.
    return503OnClosing: false,
    requestTimeout: patience.requestMs,
    // Longer than the 60 s of the usual load balancer, so that it is never the one that finds a connection closed.
    keepAliveTimeout: 65_000,
    // No `connectionTimeout`: it counts silence, and who waits for the end of a task is silent for a minute.
    http: {
      headersTimeout: patience.headersMs,
      connectionsCheckingInterval: patience.checkEveryMs,
      maxHeaderSize: 16_384,
    },
    // The id of a request is that of its trace, set when its span starts.
    genReqId: () => '',
    frameworkErrors: refusePath,
    routerOptions: { ignoreDuplicateSlashes: false, ignoreTrailingSlash: false, maxParamLength: 200 },
  });
