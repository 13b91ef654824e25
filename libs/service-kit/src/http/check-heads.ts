import type { FastifyInstance } from 'fastify';

import { headRefusal } from './request-head.policy.js';

/** Refuses requests for their URL or their headers before anything else looks at them. */
export const checkHeads = (server: FastifyInstance): void => {
  server.addHook('onRequest', (request, _reply, done) => {
    done(headRefusal({ url: request.url, query: request.query, rawHeaders: request.raw.rawHeaders }));
  });
};
