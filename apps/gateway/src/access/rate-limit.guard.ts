import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { principalId, RateLimits } from '@pulser/context-bus';
import { HttpError } from '@pulser/contracts';
import type { FastifyReply } from 'fastify';

import { knownCallerOf } from './caller.js';
import { rateLimitHeaders } from './rate-limit-headers.policy.js';

/** Bounds the requests of a key and of a tenant. Public routes are not counted. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  constructor(private readonly limits: RateLimits) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const caller = knownCallerOf(context);
    if (caller === undefined) return true;
    const verdicts = await this.limits.use(caller.tenantId, principalId(caller));
    context.switchToHttp().getResponse<FastifyReply>().headers(rateLimitHeaders(verdicts));
    const refused = verdicts.find(({ allowed }) => !allowed);
    if (refused === undefined) return true;
    const { name, perS, burst, retryAfterS } = refused;
    throw new HttpError('too_many_requests', {
      detail: `A ${name} may make ${perS} requests a second, and ${burst} at once`,
      extensions: { limit: name },
      retryAfterS,
    });
  }
}
