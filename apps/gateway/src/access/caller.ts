import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { type Actor, type Principal, principalId } from '@pulser/context-bus';
import type { FastifyRequest } from 'fastify';

/** Whoever made a request, and how the audit trail names that one. */
export interface RequestCaller extends Principal {
  readonly actor: Actor;
}

const bound = Symbol('caller');

interface BoundRequest extends FastifyRequest {
  [bound]?: RequestCaller;
}

/** Remembers who made a request. */
export const bindCaller = (request: BoundRequest, principal: Principal): void => {
  request[bound] = { ...principal, actor: actorOf(request, principal) };
};

/** Undefined on a public route. */
export const knownCallerOf = (context: ExecutionContext): RequestCaller | undefined =>
  context.switchToHttp().getRequest<BoundRequest>()[bound];

/** @throws Error on a public route */
export const callerOf = (context: ExecutionContext): RequestCaller => {
  const caller = knownCallerOf(context);
  if (caller === undefined) throw new Error('A public route asked who its caller is');
  return caller;
};

/** Whoever made the request. */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext): RequestCaller =>
  callerOf(context),
);

const actorOf = ({ ip, method, routeOptions }: FastifyRequest, principal: Principal): Actor => ({
  kind: principal.keyId === undefined ? 'person' : 'key',
  id: principalId(principal),
  name: principal.name,
  origin: ip,
  via: `${method} ${routeOptions.url ?? ''}`,
});
