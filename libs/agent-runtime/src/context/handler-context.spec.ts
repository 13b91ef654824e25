import { checkedKey, idempotencyKeyOf } from './handler-context.js';

describe('the key of an effect', () => {
  it.each(['a', 'x'.repeat(200)])('may have 1 to 200 characters', (key) => {
    expect(checkedKey(key)).toBe(key);
  });

  it.each(['', 'x'.repeat(201), 'a\u0000b'])('is refused for good when the ledger cannot hold it', (key) => {
    expect(() => checkedKey(key)).toThrow(
      expect.objectContaining({ code: 'handler_failed', permanent: true }) as Error,
    );
  });

  it('becomes the same idempotency key every time, and another one for anything else', () => {
    const keys = [
      ['tenant', 'task', 'key'],
      ['tenant', 'task', 'key2'],
      ['tenant', 'task2', 'key'],
      ['tenant2', 'task', 'key'],
      ['tenan', 'ttask', 'key'],
    ].map(([tenant = '', task = '', key = '']) => idempotencyKeyOf(tenant, task, key));
    expect(idempotencyKeyOf('tenant', 'task', 'key')).toBe(keys[0]);
    expect(new Set(keys).size).toBe(keys.length);
    expect(keys[0]).toMatch(/^[0-9a-f]{64}$/);
  });
});
