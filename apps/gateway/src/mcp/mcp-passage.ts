// `/mcp` at the gateway: passed on to the MCP coordinator, which speaks the protocol, after the gateway's own checks of who asks
// and how often.
import { Readable } from 'node:stream';

import { All, Controller, Injectable, type OnApplicationShutdown, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiExcludeController } from '@nestjs/swagger';
import { HttpError } from '@pulser/contracts';
import { EndpointClient } from '@pulser/outgoing';
import { Logger, streamedBody, whenClosed } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { Role } from '../access/roles.js';
import { GatewayEnv } from '../gateway.env.js';

/** A stream of events says something every 15 s. Milliseconds. */
const idleMs = 120_000;
const maxBytes = 1_024 * 1_024 * 1_024;

/** Of the connection to this gateway, not of the request. */
const ofConnection = new Set(['connection', 'content-length', 'cookie', 'host', 'keep-alive', 'transfer-encoding']);

const handedOn = (headers: Iterable<readonly [string, string | readonly string[] | undefined]>): Headers => {
  const kept = new Headers();
  for (const [name, value] of headers)
    if (value !== undefined && !ofConnection.has(name))
      kept.set(name, typeof value === 'string' ? value : value.join());
  return kept;
};

/** The coordinator; none where MCP_COORDINATOR_URL is not set. */
@Injectable()
export class McpCoordinator implements OnApplicationShutdown {
  private readonly client: EndpointClient | undefined;

  constructor(
    private readonly env: GatewayEnv,
    private readonly logger: Logger,
  ) {
    const { MCP_COORDINATOR_URL: url } = env;
    this.client = url === undefined ? undefined : new EndpointClient(url, { idleMs, maxBytes });
  }

  /** @throws HttpError `not_found` without a coordinator, `server_unavailable` for one that does not answer */
  async ask(request: FastifyRequest, gone: AbortSignal): Promise<Response> {
    const { client, env } = this;
    if (client === undefined || env.MCP_COORDINATOR_URL === undefined) throw new HttpError('not_found');
    const { method } = request;
    const body = method === 'POST' ? { body: Readable.toWeb(streamedBody(request).body), duplex: 'half' } : {};
    const headers = handedOn(Object.entries(request.raw.headers));
    try {
      const url = new URL('/mcp', env.MCP_COORDINATOR_URL);
      return await client.fetch(url, { method, headers, signal: gone, ...body } as RequestInit);
    } catch (err) {
      this.logger.warn({ err }, 'the MCP coordinator does not answer');
      throw new HttpError('server_unavailable', { detail: 'The MCP coordinator does not answer' });
    }
  }

  async onApplicationShutdown(): Promise<void> {
    await this.client?.close();
  }
}

@ApiExcludeController()
@Controller('mcp')
export class McpPassageController {
  constructor(private readonly coordinator: McpCoordinator) {}

  @Role('viewer')
  @RouteConfig({ streamsBody: true })
  @All()
  async pass(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const gone = new AbortController();
    whenClosed(reply.raw, () => {
      gone.abort();
    });
    const answer = await this.coordinator.ask(request, gone.signal);
    reply.status(answer.status);
    for (const [name, value] of handedOn(answer.headers)) reply.header(name, value);
    await reply.send(answer.body === null ? '' : Readable.fromWeb(answer.body));
  }
}
