import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { HttpError } from '@pulser/contracts';
import type { FastifyRequest } from 'fastify';

import { lastSeen } from './last-seen.policy.js';

/** Number of the last event that the client has seen, -1 for none. */
export const LastEventId = createParamDecorator((_: undefined, context: ExecutionContext): number => {
  const { headers, query } = context.switchToHttp().getRequest<FastifyRequest>();
  // A browser that reconnects sends the header, and the query of its first request with it.
  const given = headers['last-event-id'] ?? (query as Record<string, unknown>)['last_event_id'];
  const seq = lastSeen(given);
  if (seq !== undefined) return seq;
  const pointer = headers['last-event-id'] === undefined ? '/last_event_id' : '/Last-Event-ID';
  throw new HttpError('invalid_request', { errors: [{ pointer, detail: 'Not an id of an event' }] });
});
