import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Authenticator } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import type { PublicEnv } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { refuseUnavailable } from '../availability/refuse-unavailable.js';
import { docsKey } from './docs-key.policy.js';
import { pagePolicy } from './page-policy.policy.js';

// Of the route that was found: a path can be written in many ways.
const isDocs = ({ routeOptions }: FastifyRequest): boolean => routeOptions.url?.startsWith('/docs') === true;

const isPage = (reply: FastifyReply): boolean => String(reply.getHeader('content-type')).startsWith('text/html');

/** Lets in whom DOCS names, and gives every page under `/docs` its policy. A hook, for no guard sees Swagger's routes. */
export const protectDocs = (app: NestFastifyApplication, readers: PublicEnv['DOCS']): void => {
  const server = app.getHttpAdapter().getInstance();
  const authenticator = app.get(Authenticator, { strict: false });

  const requireKey = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const key = docsKey(request.headers.authorization);
    const principal = key === undefined ? undefined : await authenticator.authenticate(key).catch(refuseUnavailable);
    if (principal !== undefined) return;
    reply.header('www-authenticate', 'Basic realm="An API key as the password", charset="UTF-8"');
    throw new HttpError('unauthenticated');
  };

  server.addHook('onRequest', async (request, reply) => {
    if (readers === 'public' || !isDocs(request)) return;
    if (readers === 'off') throw new HttpError('not_found');
    await requireKey(request, reply);
  });

  server.addHook('onSend', (request, reply, payload, done) => {
    if (typeof payload === 'string' && isDocs(request) && isPage(reply)) {
      reply.header('content-security-policy', pagePolicy(payload));
    }
    done(null, payload);
  });
};
