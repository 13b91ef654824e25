import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

const keys = new WeakMap<FastifyRequest, string>();

/** Remembers which key a request came with. */
export const bindKey = (request: FastifyRequest, keyId: string): void => {
  keys.set(request, keyId);
};

/** Id of the key that the request came with. */
export const KeyId = createParamDecorator((_: undefined, context: ExecutionContext): string => {
  const keyId = keys.get(context.switchToHttp().getRequest<FastifyRequest>());
  if (keyId === undefined) throw new Error('A route without a key asked for its id');
  return keyId;
});
