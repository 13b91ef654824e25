import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { AuditTrail } from '@pulser/context-bus';
import type { RoleName } from '@pulser/contracts';
import type { FastifyRequest } from 'fastify';

import { knownCallerOf, type RequestCaller } from './caller.js';
import { LeastRole } from './role.js';
import { roleRefusal } from './role-refusal.policy.js';

/** Lets a caller do what its role may. Whoever tries to change more stands in the audit trail. */
@Injectable()
export class RoleGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly audit: AuditTrail,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const caller = knownCallerOf(context);
    if (caller === undefined) return true;
    const refusal = roleRefusal(caller.role, this.leastRole(context));
    if (refusal === undefined) return true;
    await this.note(caller, context.switchToHttp().getRequest<FastifyRequest>());
    throw refusal;
  }

  private async note({ tenantId, actor }: RequestCaller, { method, params }: FastifyRequest): Promise<void> {
    if (method === 'GET' || method === 'HEAD') return;
    await this.audit.refused(tenantId, actor, 'request.refused', Object.values(params as Record<string, string>));
  }

  private leastRole(context: ExecutionContext): RoleName {
    const least = this.reflector.get(LeastRole, context.getHandler()) as RoleName | undefined;
    if (least === undefined) throw new Error('A route does not say which role it takes');
    return least;
  }
}
