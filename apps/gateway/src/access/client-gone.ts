import type { FastifyReply } from 'fastify';

/** Aborted when the connection of a request is closed, by whomever. */
export const clientGone = (reply: FastifyReply): AbortSignal => {
  const controller = new AbortController();
  if (reply.raw.closed) controller.abort();
  reply.raw.once('close', () => {
    controller.abort();
  });
  return controller.signal;
};
