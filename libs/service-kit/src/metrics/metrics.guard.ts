import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { HttpError } from '@pulser/contracts';
import type { FastifyReply, FastifyRequest } from 'fastify';

import { MetricsAccess } from './metrics-access.js';

/** Asks for METRICS_TOKEN where it is set. */
@Injectable()
export class MetricsGuard implements CanActivate {
  constructor(private readonly access: MetricsAccess) {}

  canActivate(context: ExecutionContext): boolean {
    const http = context.switchToHttp();
    if (this.access.permits(http.getRequest<FastifyRequest>().headers.authorization)) return true;
    http.getResponse<FastifyReply>().header('www-authenticate', 'Bearer');
    throw new HttpError('unauthenticated');
  }
}
