import { header } from '@pulser/contracts';

import { keptHeaders, rawDeadLetterOf, type RejectedMessage, rejectionOf } from './dead-letter.writer.js';

describe('the rejection of a message', () => {
  it('by a consumer says why, with the routing key it came with', () => {
    const headers = {
      [header.deadReason]: 'unparsable',
      [header.deadDetail]: 'Unexpected token',
      [header.deadRoutingKey]: 'task.submit',
      [header.deadId]: '1',
    };
    expect(rejectionOf(headers)).toEqual({
      reason: 'unparsable',
      detail: 'Unexpected token',
      routingKey: 'task.submit',
      mark: '1',
    });
  });

  it('by the broker says what the broker says', () => {
    const death = { reason: 'delivery_limit', 'routing-keys': ['task.submit'], time: { '!': 'timestamp', value: 7 } };
    expect(rejectionOf({ 'x-death': [death] })).toEqual({
      reason: 'handler_failed',
      detail: 'The broker gave up: delivery_limit',
      routingKey: 'task.submit',
      mark: '{"!":"timestamp","value":7}',
    });
  });

  it.each([{}, { [header.deadReason]: 'toString' }, { [header.deadReason]: 7 }, { 'x-death': 'x' }, { 'x-death': [] }])(
    'by anything else is unexplained: %j',
    (headers) => {
      expect(rejectionOf(headers)).toMatchObject({ reason: 'unexplained', routingKey: undefined });
    },
  );
});

describe('the headers of a dead letter', () => {
  it('are kept without keys and other secrets, at any depth', () => {
    const headers = {
      [header.apiKey]: 'pulser_abc',
      Authorization: ['x'],
      'x-token': Buffer.from('x'),
      traceparent: '00-ab',
      nested: { password: 'x', list: [{ 'api-key': 'x', n: 1 }] },
      note: 'Bearer abcdefgh',
    };
    expect(keptHeaders(headers)).toEqual({
      traceparent: '00-ab',
      nested: { list: [{ n: 1 }] },
      note: 'Bearer [redacted]',
    });
  });

  it('are kept without what the rejection added', () => {
    expect(keptHeaders({ [header.deadReason]: 'unparsable', [header.deadId]: '1', a: 1 })).toEqual({ a: 1 });
  });

  it('become what a database can hold', () => {
    const deep = Array.from({ length: 5_000 }).reduce<unknown>((inner) => ({ inner }), 'x');
    expect(keptHeaders({ 'a\u0000': 'b\u0000\ud800', bytes: Buffer.from([0, 255]), big: 1n })).toEqual({
      'a\uFFFD': 'b\uFFFD\uFFFD',
      bytes: 'AP8=',
      big: '1',
    });
    expect(JSON.stringify(keptHeaders({ deep })).length).toBeLessThan(500);
  });
});

const message = (more: Partial<RejectedMessage> = {}): RejectedMessage => ({
  body: Buffer.from('{"task_type":"analytics"}'),
  headers: { [header.deadReason]: 'invalid_message', [header.deadDetail]: '/payload: bad', [header.deadId]: '1' },
  messageId: undefined,
  routingKey: 'router.tasks',
  ...more,
});

const rejectedAgain = { headers: { ...message().headers, [header.deadId]: '2' } };

describe('a rejected message', () => {
  it('is kept with what is known of it', () => {
    expect(rawDeadLetterOf(message(), 'some-tenant')).toMatchObject({
      tenantId: 'some-tenant',
      taskType: 'analytics',
      reason: 'invalid_message',
      error: { code: 'invalid_message', message: '/payload: bad', permanent: true },
      sourceQueue: 'router.tasks',
      headers: {},
    });
  });

  it.each(['', 'null', '[1]', '"x"', '{"task_type":7}', '{'])('may be anything: %j', (body) => {
    expect(rawDeadLetterOf(message({ body: Buffer.from(body) }), undefined).taskType).toBeUndefined();
  });

  it('has one key for one rejection', () => {
    const { rejectionKey } = rawDeadLetterOf(message(), undefined);
    expect(rawDeadLetterOf(message(), 'some-tenant').rejectionKey).toBe(rejectionKey);
    expect(rawDeadLetterOf(message(rejectedAgain), undefined).rejectionKey).not.toBe(rejectionKey);
  });

  it('with an id of its own has one key for all its rejections', () => {
    const key = (more: Partial<RejectedMessage>) =>
      rawDeadLetterOf(message({ messageId: 'm-1', ...more }), 't').messageKey;
    expect(key(rejectedAgain)).toBe(key({}));
    expect(key({ body: Buffer.from('{}') })).not.toBe(key({}));
    expect(rawDeadLetterOf(message(), 't').messageKey).toBeUndefined();
  });
});
