// A server over Streamable HTTP, one connection of the protocol for each request: it keeps nothing between them.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { AddressInfo } from 'node:net';

import type { Request, RequestHandler, Response } from 'express';

import type { Hosting } from './call-context.js';
import type { McpServerDefinition } from './definition.js';
import { protocolServer } from './protocol-server.js';

export interface HttpOptions {
  /** Loopback by default; elsewhere a token is needed. */
  readonly host?: string | undefined;
  /** 0 for any free one. */
  readonly port: number;
  /** Clients send it as `Authorization: Bearer <token>`. */
  readonly token?: string | undefined;
}

export interface RunningServer {
  readonly url: string;
  close(): Promise<void>;
}

const loopback = ['127.0.0.1', 'localhost', '::1'];

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const bearer =
  (token: string | undefined): RequestHandler =>
  ({ headers }, response, next) => {
    if (token === undefined || timingSafeEqual(digest(headers.authorization ?? ''), digest(`Bearer ${token}`))) next();
    else response.status(401).set('www-authenticate', 'Bearer').json({ error: 'unauthorized' });
  };

const exchange = async (
  definition: McpServerDefinition,
  hosting: Hosting,
  request: Request,
  response: Response,
): Promise<void> => {
  const { StreamableHTTPServerTransport } = await import('@modelcontextprotocol/sdk/server/streamableHttp.js');
  const transport = new StreamableHTTPServerTransport({ enableJsonResponse: false });
  const server = protocolServer(definition, hosting);
  response.once('close', () => void server.close());
  await server.connect(transport);
  await transport.handleRequest(request, response);
};

/** @throws Error when the host is not loopback and there is no token: calls would have the credentials of this process */
export const serveHttp = async (
  definition: McpServerDefinition,
  hosting: Hosting,
  { host = '127.0.0.1', port, token }: HttpOptions,
): Promise<RunningServer> => {
  if (token === undefined && !loopback.includes(host))
    throw new Error('MCP_HTTP_TOKEN is needed where others can connect');
  const [{ default: express }, { localhostHostValidation }] = await Promise.all([
    import('express'),
    import('@modelcontextprotocol/sdk/server/middleware/hostHeaderValidation.js'),
  ]);
  const app = express().disable('x-powered-by');
  // Against names of foreign pages that lead to this machine.
  if (loopback.includes(host)) app.use(localhostHostValidation());
  app.use(bearer(token));
  app.post('/mcp', (request, response) => exchange(definition, hosting, request, response));
  app.all('/mcp', (_request, response) => response.status(405).set('allow', 'POST').end());
  const server = app.listen(port, host);
  await new Promise<void>((resolve, reject) => {
    server.once('listening', resolve).once('error', reject);
  });
  const { port: taken } = server.address() as AddressInfo;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}/mcp`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
};
