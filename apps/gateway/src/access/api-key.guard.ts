import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { Authenticator, type Principal } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import { Public } from '@pulser/service-kit';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { refuseUnavailable } from '../availability/refuse-unavailable.js';
import { bearerKey } from './bearer.policy.js';
import { bindKey } from './key.js';
import { bindTenant } from './tenant.js';

/** Lets nobody in without a valid API key, except where a route says that it is public. */
@Injectable()
export class ApiKeyGuard implements CanActivate {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly reflector: Reflector,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.isPublic(context)) return true;
    const http = context.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const principal = await this.principalOf(request).catch(refuseUnavailable);
    if (principal === undefined) {
      http.getResponse<FastifyReply>().header('www-authenticate', 'Bearer');
      throw new HttpError('unauthenticated');
    }
    bindTenant(request, principal.tenantId);
    bindKey(request, principal.keyId);
    return true;
  }

  private isPublic(context: ExecutionContext): boolean {
    return this.reflector.getAllAndOverride(Public, [context.getHandler(), context.getClass()]);
  }

  private async principalOf(request: FastifyRequest): Promise<Principal | undefined> {
    const key = bearerKey(request.headers.authorization);
    return key === undefined ? undefined : this.authenticator.authenticate(key);
  }
}
