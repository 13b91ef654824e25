import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Authenticator, type Principal } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import { Public, Tracer } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { bindCaller } from './caller.js';
import { credentialOf } from './credential.policy.js';
import { Tokens } from './tokens.service.js';

/** Refuses requests without a valid API key or token, except on routes that are `@Public()`. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly tokens: Tokens,
    private readonly reflector: Reflector,
    private readonly tracer: Tracer,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.isPublic(context)) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const caller = await this.authenticate(request);
    if (caller === undefined) {
      http.getResponse<FastifyReply>().header('www-authenticate', 'Bearer');
      throw new HttpError('unauthenticated');
    }
    bindCaller(request, caller);
    this.tracer.workFor(caller.tenantId);
    return true;
  }

  private isPublic(context: ExecutionContext): boolean {
    return this.reflector.getAllAndOverride(Public, [context.getHandler(), context.getClass()]);
  }

  private async authenticate(request: FastifyRequest): Promise<Principal | undefined> {
    const credential = credentialOf(request.headers.authorization);
    if (credential === undefined) return undefined;
    const { kind, text } = credential;
    return kind === 'key' ? this.authenticator.authenticate(text) : this.tokens.authenticate(text);
  }
}
