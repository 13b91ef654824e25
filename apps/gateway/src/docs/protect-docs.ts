// What protects the pages under /docs: the key that a reader shows, and the policy that a page is sent with.
import { createHash } from 'node:crypto';

import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { type AnyPrincipal, Authenticator, SessionAuthenticator } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import type { PublicEnv } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { credentialOf } from '../access/caller.js';
import { sessionSecretIn } from '../access/session-cookie.policy.js';

const basic = /^basic +([A-Za-z0-9+/]+={0,2})$/i;

const passwordOf = (header: string): string | undefined => {
  const encoded = basic.exec(header)?.[1];
  return encoded === undefined ? undefined : /:(.+)$/s.exec(Buffer.from(encoded, 'base64').toString())?.[1];
};

/** The API key of a request for `/docs`: a bearer, or the password that a browser asked for (RFC 7617), for any user. */
export const docsKey = (header = ''): string | undefined => {
  const password = passwordOf(header);
  const credential = credentialOf(password === undefined ? header : `Bearer ${password}`);
  return credential?.kind === 'key' ? credential.text : undefined;
};

const hashed = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const contentsOf = (html: string, pattern: RegExp): string[] =>
  [...html.matchAll(pattern)].map(([, text = '']) => text);

const sources = (...list: readonly string[]): string => [...new Set(list)].join(' ');

/**
 * The Content-Security-Policy of a page: it loads from its own server only, and of the styles within it exactly those are
 * allowed that it has. Scripts within it are not.
 */
export const pagePolicy = (html: string): string => {
  const styles = contentsOf(html, /<style>([^]*?)<\/style>/g).map(hashed);
  const attributes = contentsOf(html, /\sstyle="([^"]*)"/g).map(hashed);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    `style-src ${sources("'self'", ...styles)}`,
    // By CSP 3 hashes count for attributes only beside this word, which allows nothing by itself.
    ...(attributes.length === 0 ? [] : [`style-src-attr ${sources("'unsafe-hashes'", ...attributes)}`]),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
};

const isPage = (reply: FastifyReply): boolean => String(reply.getHeader('content-type')).startsWith('text/html');

/**
 * Lets in the readers that DOCS names, and sends every page under `/docs` with its policy. These are hooks because guards
 * do not run for Swagger's routes; call it before those routes are made.
 */
export const protectDocs = (app: NestFastifyApplication, readers: PublicEnv['DOCS']): void => {
  const server = app.getHttpAdapter().getInstance();
  const authenticator = app.get(Authenticator, { strict: false });
  const sessions = app.get(SessionAuthenticator, { strict: false });

  const readerOf = async ({ headers }: FastifyRequest): Promise<AnyPrincipal | undefined> => {
    const shown = headers.authorization === undefined ? sessionSecretIn(headers.cookie) : undefined;
    if (shown !== undefined) return sessions.authenticate(shown);
    const key = docsKey(headers.authorization);
    return key === undefined ? undefined : authenticator.authenticate(key);
  };

  const requireKey = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const principal = await readerOf(request);
    if (principal !== undefined) return;
    reply.header('www-authenticate', 'Basic realm="An API key as the password", charset="UTF-8"');
    const detail = 'Send an API key as the header `Authorization: Bearer <key>`, or as the password for any user';
    throw new HttpError('unauthenticated', { detail });
  };

  const letIn = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (readers === 'off') throw new HttpError('not_found', { detail: 'The documentation is switched off' });
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
