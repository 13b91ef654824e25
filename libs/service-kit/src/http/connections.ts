// How a closing server gets rid of its connections.
import type { ServerResponse } from 'node:http';

import type { FastifyInstance } from 'fastify';

const checkEveryMs = 20;

const isEventStream = (answer: ServerResponse): boolean =>
  String(answer.getHeader('content-type')).startsWith('text/event-stream');

/** Ends event streams, which have no end of their own, and all connections once the last answer is sent. */
const release = (server: FastifyInstance, answering: ReadonlySet<ServerResponse>): void => {
  for (const answer of answering) if (isEventStream(answer)) answer.end();
  if (answering.size === 0) server.server.closeAllConnections();
};

/**
 * Lets a closing server finish when its last answer is sent. Node alone waits for event streams, for kept-alive
 * connections until `keepAliveTimeout`, and forever for connections without any request, which load balancers and
 * browsers open in advance. Clients of event streams reconnect, to another instance.
 */
export const releaseConnections = (server: FastifyInstance): void => {
  const answering = new Set<ServerResponse>();
  let closing = false;

  server.addHook('onRequest', (_request, { raw }, done) => {
    answering.add(raw);
    raw.once('close', () => answering.delete(raw));
    done();
  });

  server.addHook('onSend', (_request, reply, payload, done) => {
    if (closing) reply.header('connection', 'close');
    done(null, payload);
  });

  server.addHook('preClose', (done) => {
    closing = true;
    if (server.server.listening) {
      const timer = setInterval(release, checkEveryMs, server, answering);
      server.server.once('close', () => {
        clearInterval(timer);
      });
    }
    done();
  });
};
