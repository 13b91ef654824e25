import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { HttpError, idempotencyKeyShape, isIdempotencyKey } from '@pulser/contracts';
import type { FastifyRequest } from 'fastify';

/** The Idempotency-Key header, or undefined. */
export const IdempotencyKey = createParamDecorator((_: undefined, context: ExecutionContext): string | undefined => {
  const key = context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (isIdempotencyKey(key)) return key;
  const detail = `The header must have ${idempotencyKeyShape}`;
  throw new HttpError('invalid_request', { errors: [{ pointer: '/Idempotency-Key', detail }] });
});
