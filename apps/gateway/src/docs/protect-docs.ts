import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Authenticator } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import type { PublicEnv } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { docsKey, pagePolicy } from './docs-access.policy.js';

const isPage = (reply: FastifyReply): boolean => String(reply.getHeader('content-type')).startsWith('text/html');

/**
 * Lets in the readers that DOCS names, and sends every page under `/docs` with its policy. These are hooks because guards
 * do not run for Swagger's routes; call it before those routes are made.
 */
export const protectDocs = (app: NestFastifyApplication, readers: PublicEnv['DOCS']): void => {
  const server = app.getHttpAdapter().getInstance();
  const authenticator = app.get(Authenticator, { strict: false });

  const requireKey = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const key = docsKey(request.headers.authorization);
    const principal = key === undefined ? undefined : await authenticator.authenticate(key);
    if (principal !== undefined) return;
    reply.header('www-authenticate', 'Basic realm="An API key as the password", charset="UTF-8"');
    throw new HttpError('unauthenticated');
  };

  const letIn = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (readers === 'off') throw new HttpError('not_found');
    if (readers === 'key') await requireKey(request, reply);
  };

  // Set on these routes only, so that other requests do not pay for them.
  server.addHook('onRoute', (route) => {
    if (!route.url.startsWith('/docs')) return;
    route.onRequest = letIn;
    route.onSend = (_request, reply, payload, done) => {
      if (typeof payload === 'string' && isPage(reply)) {
        reply.header('content-security-policy', pagePolicy(payload));
      }
      done(null, payload);
    };
  });
};
