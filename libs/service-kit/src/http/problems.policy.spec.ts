import { ConflictException, HttpException, ServiceUnavailableException } from '@nestjs/common';
import { HttpError } from '@pulser/contracts';

import { problemOf, refusalOf, matchesPattern } from './problems.js';

const fastifyError = (code: string, statusCode: number): Error =>
  Object.assign(new Error('refused'), { name: 'FastifyError', code, statusCode });

const transient = (code: string): Error => Object.assign(new Error('away'), { transient: true, code });

describe('what a client is told of an error', () => {
  it.each([
    [new HttpError('too_many_requests'), 'too_many_requests'],
    [new ConflictException('taken'), 'conflict'],
    [new HttpException('gone', 410), 'invalid_request'],
    [new HttpException('x', 413, { cause: fastifyError('FST_ERR_CTP_BODY_TOO_LARGE', 413) }), 'payload_too_large'],
    [fastifyError('FST_ERR_BAD_URL', 400), 'invalid_request'],
    [fastifyError('FST_ERR_HANDLER_TIMEOUT', 503), 'internal'],
    [new ServiceUnavailableException(), 'internal'],
    [new Error('password is hunter2'), 'internal'],
    [transient('database_unavailable'), 'database_unavailable'],
    [transient('ECONNREFUSED'), 'internal'],
    [transient('not_found'), 'internal'],
    ['a string', 'internal'],
    [undefined, 'internal'],
  ])('%s is %s', (thrown, code) => {
    expect(refusalOf(thrown).code).toBe(code);
  });

  it('is nothing about an error of our own', () => {
    const problem = problemOf(refusalOf(new Error('password is hunter2')), { instance: '/x', traceId: 't' });

    expect(problem).toEqual({
      type: '/docs/problems#internal',
      title: 'Something failed on our side',
      status: 500,
      code: 'internal',
      instance: '/x',
      trace_id: 't',
    });
  });

  it('is how large a body may be', () => {
    const tooLarge = new HttpException('x', 413, { cause: fastifyError('FST_ERR_CTP_BODY_TOO_LARGE', 413) });
    expect(refusalOf(tooLarge, 100).facts).toMatchObject({
      detail: 'At most 100 bytes',
      extensions: { limit_bytes: 100 },
    });
  });

  it('is when to try again after an outage behind us', () => {
    expect(refusalOf(transient('database_unavailable'))).toMatchObject({ status: 503, facts: { retryAfterS: 1 } });
  });

  it('has the extensions of the refusal, which cannot replace what every problem has', () => {
    const problem = problemOf(new HttpError('conflict', { detail: 'd', extensions: { status: 1, task_id: 'x' } }));

    expect(problem).toEqual({
      type: '/docs/problems#conflict',
      title: 'The state of the resource does not allow this',
      status: 409,
      code: 'conflict',
      detail: 'd',
      task_id: 'x',
    });
  });
});

describe('a route pattern', () => {
  it.each([
    ['/tasks', '/tasks', true],
    ['/tasks/:id', '/tasks/7', true],
    ['/tasks/:id', '/tasks/', false],
    ['/tasks/:id', '/tasks/7/events', false],
    ['/files/*', '/files/a/b', true],
    ['/files/*', '/file/a', false],
    ['*', '/anything', true],
  ])('%s and %s: %s', (pattern, path, matches) => {
    expect(matchesPattern(pattern, path)).toBe(matches);
  });
});
