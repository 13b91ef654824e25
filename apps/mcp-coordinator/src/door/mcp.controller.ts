// `/mcp`: the protocol over HTTP, for whoever shows an API key of a tenant.
import { All, Controller, Req, Res } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { Authenticator } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import { Public, streamedBody, whenClosed } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Readable } from 'node:stream';

import { McpCoordinatorEnv } from '../mcp-coordinator.env.js';
import { McpDoor } from './mcp-door.js';
import { mayAsk } from './origin.policy.js';
import type { DoorCaller } from './tool-calls-at-door.js';

/** A longer text is no key of Pulser. */
const bearer = /^bearer +([\x21-\x7e]{1,200})$/i;

const hasBody = ({ method }: FastifyRequest): boolean => method !== 'GET' && method !== 'DELETE';

/** The request as the library of the protocol takes it. */
const webRequest = (request: FastifyRequest, gone: AbortSignal): Request => {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.raw.headers))
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value);
  const url = new URL(request.url, 'http://pulser.invalid');
  const { method } = request;
  if (!hasBody(request)) return new Request(url, { method, headers, signal: gone });
  const body = Readable.toWeb(streamedBody(request).body);
  return new Request(url, { method, headers, signal: gone, body, duplex: 'half' });
};

@Controller('mcp')
export class McpController {
  constructor(
    private readonly door: McpDoor,
    private readonly authenticator: Authenticator,
    private readonly env: McpCoordinatorEnv,
  ) {}

  @Public()
  @RouteConfig({ streamsBody: true })
  @All()
  async answer(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (!mayAsk(request.headers.origin, this.env.MCP_ORIGINS)) throw new HttpError('cross_site_request');
    const caller = await this.callerOf(request, reply);
    const gone = new AbortController();
    whenClosed(reply.raw, () => {
      // To abort takes the time of a stack trace: not after a whole answer.
      if (!reply.raw.writableFinished) gone.abort();
    });
    const answer = await this.door.answer(webRequest(request, gone.signal), caller);
    reply.status(answer.status);
    for (const [name, value] of answer.headers) reply.header(name, value);
    await reply.send(answer.body === null ? '' : Readable.fromWeb(answer.body));
  }

  /** @throws HttpError `unauthenticated`, `tenant_required` */
  private async callerOf({ headers }: FastifyRequest, reply: FastifyReply): Promise<DoorCaller> {
    const apiKey = bearer.exec(headers.authorization ?? '')?.[1];
    const principal = apiKey === undefined ? undefined : await this.authenticator.authenticate(apiKey);
    if (apiKey === undefined || principal === undefined) {
      reply.header('www-authenticate', 'Bearer');
      throw new HttpError('unauthenticated', { detail: 'Send an API key as the header `Authorization: Bearer <key>`' });
    }
    if (principal.tenantId === undefined || principal.keyId === undefined) throw new HttpError('tenant_required');
    return { apiKey, tenantId: principal.tenantId, keyId: principal.keyId, name: principal.name, role: principal.role };
  }
}
