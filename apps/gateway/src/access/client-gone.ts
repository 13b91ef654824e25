import type { FastifyReply } from 'fastify';

// Given, because the reason that is made otherwise costs a stack trace.
const reason = 'The connection is closed';

/** Aborted when the connection of a request is closed, by whomever, before the answer is complete. */
export const clientGone = ({ raw }: FastifyReply): AbortSignal => {
  const controller = new AbortController();
  const goneUnanswered = (): void => {
    if (!raw.writableFinished) controller.abort(reason);
  };
  if (raw.closed) goneUnanswered();
  raw.once('close', goneUnanswered);
  return controller.signal;
};
