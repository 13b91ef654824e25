import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { HttpError } from '@pulser/contracts';
import type { FastifyRequest } from 'fastify';

const visibleAscii = /^[\x21-\x7e]{1,200}$/;

/** The Idempotency-Key header, or undefined. */
export const IdempotencyKey = createParamDecorator((_: undefined, context: ExecutionContext): string | undefined => {
  const key = context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key === 'string' && visibleAscii.test(key)) return key;
  const detail = 'The header must have 1 to 200 visible ASCII characters';
  throw new HttpError('invalid_request', { errors: [{ pointer: '/Idempotency-Key', detail }] });
});
