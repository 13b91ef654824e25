import { redact } from './redact.policy.js';

const redacted = (value: unknown): unknown => JSON.parse(redact(JSON.stringify(value)));

describe('redaction', () => {
  it('hides secrets by name, at any depth', () => {
    const line = {
      req: {
        headers: { Authorization: 'Bearer abc.def', 'x-api-key': 'k', cookie: 'a=b', 'set-cookie': ['a', 'b]"'] },
      },
      list: [{ deep: { apiKey: 'k', accessToken: 't', password: 'p"\\', client_secret: 's' } }],
    };

    const hidden = '[redacted]';
    expect(redacted(line)).toEqual({
      req: { headers: { Authorization: hidden, 'x-api-key': hidden, cookie: hidden, 'set-cookie': hidden } },
      list: [{ deep: { apiKey: hidden, accessToken: hidden, password: hidden, client_secret: hidden } }],
    });
  });

  it('keeps everything else', () => {
    const line = { msg: 'token', max_tokens: 10, token_count: 3, list: ['password'], tokens: null, author: 'me' };

    expect(redacted(line)).toEqual(line);
  });

  it.each([
    ['connect amqp://pulser:hunter2@broker:5672/x failed', 'connect amqp://pulser:[redacted]@broker:5672/x failed'],
    ['sent Authorization: Bearer abcdef.123', 'sent Authorization: Bearer [redacted]'],
    ['GET /x?api_key=12345&a=1', 'GET /x?api_key=[redacted]&a=1'],
    ['http://localhost:8000/a@b', 'http://localhost:8000/a@b'],
  ])('hides secrets within text: %s', (text, safe) => {
    expect(redact(text)).toBe(safe);
  });

  it('hides secrets in JSON that was logged as text', () => {
    expect(redacted({ body: '{"password":"hunter2","a":1}' })).toEqual({ body: '{"password":"[redacted]","a":1}' });
  });

  it.each([
    ['a name repeated', 'token'.repeat(200_000)],
    ['quotes', '"'.repeat(1_000_000)],
    ['backslashes', '\\'.repeat(1_000_000)],
    ['open members', '"token":["'.repeat(100_000)],
    ['urls', '://a:b'.repeat(200_000)],
    ['parameters', '?token='.repeat(150_000)],
    ['bearers', 'bearer '.repeat(150_000)],
  ])('takes time linear in a hostile text: %s', (_, text) => {
    const start = process.cpuUsage();
    redact(text);
    redact(JSON.stringify({ msg: text, token: text }));

    // Processor time, in microseconds: a busy machine does not stretch it.
    expect(process.cpuUsage(start).user).toBeLessThan(5_000_000);
  });
});
