// Who makes a request: bound to it by the access guard, read by the other guards and by controllers.
import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Actor, type Principal, principalId } from '@pulser/context-bus';
import type { FastifyRequest } from 'fastify';

/** The principal that makes a request, and how the audit trail names it. */
export interface RequestCaller extends Principal {
  readonly actor: Actor;
}

const bound = Symbol('caller');

interface BoundRequest extends FastifyRequest {
  [bound]?: RequestCaller;
}

export const bindCaller = (request: BoundRequest, principal: Principal): void => {
  request[bound] = { ...principal, actor: actorOf(request, principal) };
};

/** Undefined on a public route. */
export const knownCallerOf = (context: ExecutionContext): RequestCaller | undefined =>
  context.switchToHttp().getRequest<BoundRequest>()[bound];

const callerOf = (context: ExecutionContext): RequestCaller => {
  const caller = knownCallerOf(context);
  if (caller === undefined) throw new Error('A public route asked who its caller is');
  return caller;
};

/** Parameter of a handler: the caller. @throws Error on a public route */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext): RequestCaller =>
  callerOf(context),
);

/** Parameter of a handler: id of the caller's tenant. @throws Error on a public route */
export const TenantId = createParamDecorator(
  (_: undefined, context: ExecutionContext): string => callerOf(context).tenantId,
);

const actorOf = ({ ip, method, routeOptions }: FastifyRequest, principal: Principal): Actor => ({
  kind: principal.keyId === undefined ? 'person' : 'key',
  id: principalId(principal),
  name: principal.name,
  origin: ip,
  via: `${method} ${routeOptions.url ?? ''}`,
});
