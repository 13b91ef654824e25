// Routes that take their body as a stream, of any media type: `@RouteConfig({ streamsBody: true })`. The body of the request
// is then a Readable, whose bytes are read by the handler alone, after all guards.
import type { Readable } from 'node:stream';

import { HttpError } from '@pulser/contracts';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';

import { expectStream } from './slow-clients.js';

/** What Fastify takes such a body for; no client can say it. */
const internalType = 'application/vnd.pulser.stream';

const streamsBody = (config: unknown): boolean =>
  (config as { streamsBody?: boolean } | undefined)?.streamsBody === true;

const prepare = (request: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
  expectStream(request.raw);
  request.headers = { ...request.raw.headers, 'content-type': internalType };
  done();
};

/** Milliseconds for which a client may go on to send what nobody reads, so that it reads the answer before the end. */
const lingerMs = 2_000;

// An answer that is given before the body was read ends the connection: the rest may be gigabytes.
const endUnread = ({ raw }: FastifyRequest, _reply: FastifyReply, done: () => void): void => {
  if (!raw.complete) setTimeout(() => raw.socket.destroy(), lingerMs).unref();
  done();
};

const closeUnread = (
  { raw }: FastifyRequest,
  reply: FastifyReply,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
): void => {
  if (!raw.complete) reply.header('connection', 'close');
  done(null, payload);
};

const added = <T>(hooks: T | T[] | undefined, hook: T): T[] => [
  ...(hooks === undefined ? [] : ([hooks].flat() as T[])),
  hook,
];

/** Gives routes that ask for it their body as a stream. To be called before routes are added. */
export const streamBodies = (server: FastifyInstance): void => {
  server.addHook('onRoute', (route: RouteOptions) => {
    if (!streamsBody(route.config)) return;
    route.onRequest = added(route.onRequest, prepare as never);
    route.onSend = added(route.onSend, closeUnread as never);
    route.onResponse = added(route.onResponse, endUnread as never);
  });
  server.addContentTypeParser(internalType, (request, payload, done) => {
    if (streamsBody(request.routeOptions.config)) done(null, payload);
    else done(new HttpError('unsupported_media_type', { detail: 'Its Content-Type is another one' }), undefined);
  });
};

/** The body of a route that takes a stream, and the media type that the client said. */
export const streamedBody = (
  request: FastifyRequest,
): { readonly body: Readable; readonly mediaType: string | undefined } => ({
  body: request.body as Readable,
  mediaType: request.raw.headers['content-type'],
});
