import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const tenants = new WeakMap<FastifyRequest, string>();

/** Remembers whose key a request came with. */
export const bindTenant = (request: FastifyRequest, tenantId: string): void => {
  tenants.set(request, tenantId);
};

/** Id of the tenant whose key the request came with. */
export const TenantId = createParamDecorator((_: undefined, context: ExecutionContext): string => {
  const tenantId = tenants.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (tenantId === undefined) throw new Error('A route without a key asked for its tenant');
  return tenantId;
});
