import { createHmac } from 'node:crypto';

import { isSignedBy, webhookBody, webhookHeaders, webhookSignature } from './webhook.policy.js';

describe('a signed request', () => {
  // The example of the standard: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
  it('has the signature of the example of the standard', () => {
    const order = {
      id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
      timestampS: 1_614_265_330,
      body: '{"test": 2432232314}',
      secret: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    };
    expect(webhookSignature(order)).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
  });

  it('is known by any of its signatures', () => {
    const order = { id: 'a', timestampS: 1, body: Buffer.from('{"ä":1}'), secret: 'plain secret' };
    const own = webhookSignature(order);
    const others = [webhookSignature({ ...order, secret: 'former secret' }), 'v1a,AAAA'];
    expect(isSignedBy(order, own)).toBe(true);
    expect(isSignedBy({ ...order, body: '{"ä":1}' }, [...others, own].join(' '))).toBe(true);
    expect(isSignedBy(order, others.join(' '))).toBe(false);
    expect(isSignedBy({ ...order, timestampS: 2 }, own)).toBe(false);
    expect(isSignedBy({ ...order, id: 'b' }, own)).toBe(false);
    expect(isSignedBy(order, '')).toBe(false);
    expect(isSignedBy(order, `${'x '.repeat(10)}${own}`)).toBe(false);
  });

  it('has the signatures of both secrets while one takes the place of the other, and either is enough', () => {
    const order = { id: 'a', timestampS: 1, body: '{}', secret: 'the new one\nthe old one' };
    const [fresh, old, other] = ['the new one', 'the old one', 'another one'].map((secret) => ({ ...order, secret }));
    for (const one of [fresh, old]) {
      expect(isSignedBy({ ...order, ...one }, webhookSignature(order))).toBe(true);
      expect(isSignedBy(order, webhookSignature({ ...order, ...one }))).toBe(true);
    }
    expect(isSignedBy(order, webhookSignature({ ...order, ...other }))).toBe(false);
    expect(webhookSignature(order).split(' ')).toHaveLength(2);
  });

  it('takes a secret without the prefix as it is', () => {
    const expected = createHmac('sha256', 'plain secret').update('a.1.{}').digest('base64');
    const headers = webhookHeaders({ id: 'a', timestampS: 1, body: '{}', secret: 'plain secret' });
    expect(headers).toEqual({
      'content-type': 'application/json',
      'webhook-id': 'a',
      'webhook-timestamp': '1',
      'webhook-signature': `v1,${expected}`,
    });
  });

  it('says in its type what happened', () => {
    const content = { destination: 'ops', by: 'jo' };
    expect(JSON.parse(webhookBody({ kind: 'test', content }, '2026-11-29T10:00:00Z'))).toEqual({
      type: 'test',
      timestamp: '2026-11-29T10:00:00Z',
      data: content,
    });
  });
});
