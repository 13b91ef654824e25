// The page at `/ui`: the built files of apps/dashboard, with the policy under which a browser runs them.
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { HttpError } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Where `/` leads a browser. */
export const dashboardPath = '/ui/';

/** Beside this app, in the sources and in an image alike. */
const builtFolder = fileURLToPath(new URL('../../../dashboard/dist', import.meta.url));

const nonceMark = '%CSP_NONCE%';

/**
 * The Content-Security-Policy of the page: scripts and styles are files of its own server, none stands in the page, and no
 * text becomes a script. The nonce is for the one style element that the widgets add.
 */
export const dashboardPolicy = (nonce: string): string =>
  [
    "default-src 'none'",
    "script-src 'self'",
    `style-src 'self' 'nonce-${nonce}'`,
    "connect-src 'self'",
    "img-src 'self' data: blob:",
    "font-src 'self'",
    "worker-src 'self'",
    // PDF files of tasks, in the browser's own viewer: the page makes the blob and says what type it is.
    'frame-src blob:',
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "require-trusted-types-for 'script'",
    // The one policy, `pulser`, makes addresses of workers of this server: apps/dashboard/src/live/trusted.ts.
    'trusted-types pulser',
  ].join('; ');

/** What a worker of the page may do: it takes the policy of its own script, not that of the page. */
const workerPolicy =
  "default-src 'none'; connect-src 'self'; script-src 'self'; base-uri 'none'; frame-ancestors 'none'";

const notBuilt = (cause: unknown): HttpError =>
  new HttpError('not_found', {
    detail: 'The page is not built: `npm run build` makes it, and DASHBOARD_DIR says where it is',
    cause,
  });

/** The page with a nonce that no other answer has. @throws HttpError `not_found` when the page is not built */
const sendIndex = async (reply: FastifyReply, folder: string): Promise<FastifyReply> => {
  // Read for every answer, which is one per visit, so that a new build needs no restart.
  const text = await readFile(join(folder, 'index.html'), 'utf8').catch((error: unknown) => {
    throw notBuilt(error);
  });
  const nonce = randomBytes(16).toString('base64url');
  return reply
    .headers({ 'content-type': 'text/html; charset=utf-8', 'content-security-policy': dashboardPolicy(nonce) })
    .send(text.replaceAll(nonceMark, nonce));
};

/** Seconds that a browser keeps a file whose name has the hash of its content. */
const hashedMaxAgeS = 31_536_000;

const cacheControl = (path: string): string =>
  path.startsWith('assets/') ? `public, max-age=${hashedMaxAgeS}, immutable` : 'no-cache';

/** Files of the build that are not below `assets/`, whose names have no hash. */
const fixedFile = /^[a-z-]+\.(?:js|svg)$/;

const isFile = (path: string): boolean => path.startsWith('assets/') || fixedFile.test(path);

type PageRequest = FastifyRequest<{ Params: { '*': string } }>;

/**
 * Serves the page and its files. Every path below `/ui/` that is no file is a place in the page.
 * @param folder of the built page; by default that of this repository or image
 */
export const serveDashboard = async (app: NestFastifyApplication, folder = builtFolder): Promise<void> => {
  // It says where files are and sends them; which paths are files is decided here.
  await app.register(fastifyStatic, {
    root: resolve(folder),
    serve: false,
    preCompressed: true,
    cacheControl: false,
    suppressWarning: true,
  });
  const server = app.getHttpAdapter().getInstance();
  server.get('/ui', (_request, reply) => reply.redirect(dashboardPath));
  server.get('/ui/*', (request: PageRequest, reply: FastifyReply) => {
    const path = request.params['*'];
    if (!isFile(path)) return sendIndex(reply, folder);
    return reply
      .headers({ 'cache-control': cacheControl(path), 'content-security-policy': workerPolicy })
      .sendFile(path);
  });
};
