import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from '@pulser/context-bus';
import type { FastifyRequest } from 'fastify';

const callers = new WeakMap<FastifyRequest, Principal>();

/** Remembers who made a request. */
export const bindCaller = (request: FastifyRequest, caller: Principal): void => {
  callers.set(request, caller);
};

/** Undefined on a public route. */
export const knownCallerOf = (context: ExecutionContext): Principal | undefined =>
  callers.get(context.switchToHttp().getRequest<FastifyRequest>());

/** @throws Error on a public route */
export const callerOf = (context: ExecutionContext): Principal => {
  const caller = knownCallerOf(context);
  if (caller === undefined) throw new Error('A public route asked who its caller is');
  return caller;
};

/** Whoever made the request. */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext): Principal => callerOf(context));
