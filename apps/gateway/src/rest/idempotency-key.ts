import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { ApiHeader } from '@nestjs/swagger';
import { HttpError, idempotencyKeyShape, isIdempotencyKey } from '@pulser/contracts';
import type { FastifyRequest } from 'fastify';

/** Parameter of a handler: the Idempotency-Key header, or undefined. @throws HttpError `invalid_request` */
export const IdempotencyKey = createParamDecorator((_: undefined, context: ExecutionContext): string | undefined => {
  const key = context.switchToHttp().getRequest<FastifyRequest>().headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (isIdempotencyKey(key)) return key;
  const detail = `The header must have ${idempotencyKeyShape}`;
  throw new HttpError('invalid_request', { errors: [{ pointer: '/Idempotency-Key', detail }] });
});

/** Documents the header. */
export const IdempotencyKeyHeader = (): MethodDecorator =>
  ApiHeader({
    name: 'Idempotency-Key',
    description: '1 to 200 visible ASCII characters. For 24 hours the same key and body make one task',
    required: false,
    schema: { type: 'string', minLength: 1, maxLength: 200 },
  });
