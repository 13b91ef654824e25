import { header } from '@pulser/contracts';

import { type BuriedMessage, rawLetterOf } from './raw-letter.policy.js';

const message = (more: Partial<BuriedMessage> = {}): BuriedMessage => ({
  body: Buffer.from('{"task_type":"analytics"}'),
  headers: { [header.deadReason]: 'invalid_message', [header.deadDetail]: '/payload: bad', [header.deadId]: '1' },
  messageId: undefined,
  routingKey: 'router.tasks',
  ...more,
});

const buriedAgain = { headers: { ...message().headers, [header.deadId]: '2' } };

describe('a buried message', () => {
  it('is kept with what is known of it', () => {
    expect(rawLetterOf(message(), 'some-tenant')).toMatchObject({
      tenantId: 'some-tenant',
      taskType: 'analytics',
      reason: 'invalid_message',
      error: { code: 'invalid_message', message: '/payload: bad', permanent: true },
      sourceQueue: 'router.tasks',
      headers: {},
    });
  });

  it.each(['', 'null', '[1]', '"x"', '{"task_type":7}', '{'])('may be anything: %j', (body) => {
    expect(rawLetterOf(message({ body: Buffer.from(body) }), undefined).taskType).toBeUndefined();
  });

  it('has one key for one burial', () => {
    const { burialKey } = rawLetterOf(message(), undefined);
    expect(rawLetterOf(message(), 'some-tenant').burialKey).toBe(burialKey);
    expect(rawLetterOf(message(buriedAgain), undefined).burialKey).not.toBe(burialKey);
  });

  it('with an id of its own has one key for all its burials', () => {
    const key = (more: Partial<BuriedMessage>) => rawLetterOf(message({ messageId: 'm-1', ...more }), 't').messageKey;
    expect(key(buriedAgain)).toBe(key({}));
    expect(key({ body: Buffer.from('{}') })).not.toBe(key({}));
    expect(rawLetterOf(message(), 't').messageKey).toBeUndefined();
  });
});
