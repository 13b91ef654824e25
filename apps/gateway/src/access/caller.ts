import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from '@pulser/context-bus';
import type { FastifyRequest } from 'fastify';

const callers = new WeakMap<FastifyRequest, Principal>();

/** Remembers who made a request. */
export const bindCaller = (request: FastifyRequest, caller: Principal): void => {
  callers.set(request, caller);
};

/** @throws Error on a public route */
export const callerOf = (context: ExecutionContext): Principal => {
  const caller = callers.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (caller === undefined) throw new Error('A public route asked who its caller is');
  return caller;
};

/** Whoever made the request. */
export const Caller = createParamDecorator((_: undefined, context: ExecutionContext): Principal => callerOf(context));
