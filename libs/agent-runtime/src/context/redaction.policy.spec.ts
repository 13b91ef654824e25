import { TaskError } from '@pulser/contracts';

import { Redaction } from './redaction.policy.js';

const secret = 's3cr3t "t0k3n"/+&ü-of-the-billing-system';

const redaction = new Redaction();
redaction.add('billing', secret);

describe('what an attempt says, without the secrets that it was given', () => {
  it.each([
    ['as it is', secret],
    ['in JSON', JSON.stringify({ a: secret })],
    ['in a URL', `https://a.example/?q=${encodeURIComponent(secret)}`],
    ['in a form', new URLSearchParams({ q: secret }).toString()],
    ['in hexadecimal', Buffer.from(secret).toString('hex')],
    ['in Base64', Buffer.from(secret).toString('base64')],
    ['in Base64 for URLs', Buffer.from(secret).toString('base64url')],
    ['in the Base64 of a login', Buffer.from(`ada:${secret}`).toString('base64')],
    ['in the Base64 of another login', Buffer.from(`eve1:${secret}!`).toString('base64')],
  ])('has a name in its place: %s', (_, text) => {
    const said = redaction.text(`before ${text} after`);
    expect(said).toContain('[secret billing]');
    expect(said).toMatch(/^before .* after$/);
    for (const part of [
      secret.slice(4, 16),
      'billing-system',
      Buffer.from('of-the-bill').toString('base64').slice(2, -2),
    ])
      expect(said.replaceAll('[secret billing]', '')).not.toContain(part);
  });

  it('has it for every occurrence, and for the beginning of one that was cut', () => {
    expect(redaction.text(`${secret}${secret}, ${secret.slice(0, 14)} ... (9000 characters)`)).toBe(
      '[secret billing][secret billing], [secret billing] ... (9000 characters)',
    );
  });

  it('leaves no rest of one whose writings begin alike', () => {
    const quoted = new Redaction();
    quoted.add('billing', 'a-long-beginning "and a quote"');
    for (const text of ['a-long-beginning "and a quote"', String.raw`a-long-beginning \"and a quote\"`])
      expect(quoted.text(`<${text}>`)).toBe('<[secret billing]>');
  });

  it('takes a moment for a text that is full of it', () => {
    const text = `${secret} `.repeat(50_000);
    const started = process.cpuUsage();
    expect(redaction.text(text)).toBe('[secret billing] '.repeat(50_000));
    // Processor time, in microseconds: a busy machine does not stretch it.
    expect(process.cpuUsage(started).user).toBeLessThan(5_000_000);
  });

  it('leaves all else as it is', () => {
    const text = 's3cr3t, billing-system, t0k3n';
    expect(redaction.text(text)).toBe(text);
    const value = { a: [1, true, null, 'x'], b: { c: 'y' } };
    expect(redaction.value(value)).toEqual(value);
  });

  it('finds it in every text, name and byte of a value', () => {
    expect(redaction.value({ [secret]: [`a ${secret}`, { b: secret }], n: 1 })).toEqual({
      '[secret billing]': ['a [secret billing]', { b: '[secret billing]' }],
      n: 1,
    });
    const bytes = Buffer.concat([Buffer.from([0xff, 0]), Buffer.from(secret), Buffer.from([0, 0xfe])]);
    expect(Buffer.from(redaction.bytes(bytes))).toEqual(
      Buffer.concat([Buffer.from([0xff, 0]), Buffer.from('[secret billing]'), Buffer.from([0, 0xfe])]),
    );
  });

  it('finds it in what is thrown, and throws what holds none as it is', () => {
    const error = new TaskError('handler_failed', `It said ${secret}`, {
      details: { body: secret },
      cause: new Error(secret),
      retryAfterMs: 7,
    });
    const thrown = redaction.thrown(error);
    expect(thrown).toBeInstanceOf(TaskError);
    expect(thrown).toMatchObject({
      code: 'handler_failed',
      message: 'It said [secret billing]',
      cause: undefined,
      facts: { details: { body: '[secret billing]' }, retryAfterMs: 7 },
    });
    expect(redaction.thrown(new Error(secret))).toMatchObject({ message: '[secret billing]' });
    expect(redaction.thrown(secret)).toMatchObject({ message: '[secret billing]' });
    const harmless = new RangeError('nothing');
    expect(redaction.thrown(harmless)).toBe(harmless);
  });

  it('knows several, also when one begins like another', () => {
    const both = new Redaction();
    both.add('short', 'abcdefgh');
    both.add('long', 'abcdefghijklmnop');
    expect(both.text('abcdefghijklmnop abcdefgh!')).toBe('[secret long] [secret short]!');
    expect(both.text('abcdefgh')).not.toContain('abc');
  });

  it('costs nothing where no secret was given', () => {
    const none = new Redaction();
    const value = { a: secret };
    expect(none.value(value)).toBe(value);
    expect(none.isEmpty).toBe(true);
  });
});
