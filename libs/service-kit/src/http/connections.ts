import type { ServerResponse } from 'node:http';

import type { FastifyInstance } from 'fastify';

const checkEveryMs = 20;

const isEventStream = (answer: ServerResponse): boolean =>
  String(answer.getHeader('content-type')).startsWith('text/event-stream');

/** Ends what has no end of its own, then, when the last answer is out, all connections. */
const release = (server: FastifyInstance, answering: ReadonlySet<ServerResponse>): void => {
  for (const answer of answering) if (isEventStream(answer)) answer.end();
  if (answering.size === 0) server.server.closeAllConnections();
};

/**
 * Lets a closing server end when its last answer is out. Node alone would go on waiting: for event streams; for
 * kept-alive connections until `keepAliveTimeout`; and without an end for those on which no request ever came, which
 * load balancers and browsers open ahead. Clients of event streams connect again, to another instance.
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
