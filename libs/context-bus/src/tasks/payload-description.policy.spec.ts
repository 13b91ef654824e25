import {
  describeLargePayload,
  describePayload,
  isSecretName,
  maxDescriptionBytes,
} from './payload-description.policy.js';

describe('the description of a payload', () => {
  it('names the operation first, then each short value by its path', () => {
    const payload = {
      sources: [{ name: 'sales', format: 'csv', content: 'a,b\n1,2' }],
      operation: 'query',
      limit: 10,
      strict: true,
      note: null,
    };
    expect(describePayload(payload)).toBe(
      [
        'operation: query',
        'sources[]: 1 items',
        'sources[0].name: sales',
        'sources[0].format: csv',
        'sources[0].content: a,b 1,2',
        'limit: 10',
        'strict: true',
        'note: null',
      ].join('\n'),
    );
  });

  it.each([
    'password',
    'dbPassword',
    'DB_PASSWORD',
    'api_key',
    'apiKey',
    'APIKEY',
    'X-Api-Key',
    'accessToken',
    'client_secret',
    'Authorization',
    'set-cookie',
    'aws.credentials',
    'privateKey',
    'key',
  ])('hides what is in a field named %s', (name) => {
    expect(isSecretName(name)).toBe(true);
    for (const value of ['hunter2', { inner: 'hunter2' }, ['hunter2']])
      expect(describePayload({ operation: 'x', deep: { [name]: value } })).not.toContain('hunter2');
  });

  it.each(['monkey', 'keyboard', 'author', 'pinned', 'description', 'sql'])('shows a field named %s', (name) => {
    expect(describePayload({ [name]: 'plain' })).toBe(`${name}: plain`);
  });

  it.each([
    ['a variable of the environment', { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] }],
    ['a login in a URL', { url: 'https://bob:hunter2@example.com/a?b=c' }],
    ['a login without a path', { url: 'see ftp://hunter2@example.com' }],
    ['a header in a text', { text: 'GET / HTTP/1.1\nauthorization: Basic hunter2' }],
    ['a file', { content: 'services:\n  db:\n    environment:\n      POSTGRES_PASSWORD: hunter2' }],
    ['a token in a query', { url: 'https://example.com/?token=hunter2' }],
    ['a key file', { pem: '-----BEGIN PRIVATE KEY-----\nhunter2' }],
  ])('hides %s', (_what, payload) => {
    expect(describePayload(payload)).not.toContain('hunter2');
  });

  it('keeps the rest of a URL', () => {
    expect(describePayload({ url: 'https://bob:x@example.com/a?b=c@d' })).toBe('url: https://example.com/a?b=c@d');
  });

  it('stays within its bounds, whatever comes', () => {
    let deep: unknown = 'end';
    for (let level = 0; level < 400; level += 1) deep = level % 2 === 0 ? { deep } : [deep];
    const hostile = [
      { text: '\u{1F600}'.repeat(100_000) },
      { text: ' '.repeat(500_000) },
      { text: '://'.repeat(200_000) },
      Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`field ${n}: ${'é'.repeat(500)}`, 'é'.repeat(500)])),
      { list: Array.from({ length: 100_000 }, (_, n) => n) },
      { deep },
    ];
    for (const payload of hostile) {
      const started = process.cpuUsage();
      const text = describePayload(payload);
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(maxDescriptionBytes);
      // Processor time, in microseconds: a busy machine does not stretch it.
      expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
    }
  });

  it('has one line for each field, however texts and names are broken', () => {
    const text = describePayload({ 'a: b\nc': 'x\r\ny\u2028z' });
    expect(text).toBe('a_b_c: x y z');
  });

  it('names the members alone of one that is too large', () => {
    expect(describeLargePayload('query', 900_000, ['sql', 'operation', 'password'])).toBe(
      'operation: query\n(large): 900000 bytes stored\nsql: (not read)\npassword: (not read)',
    );
  });
});
