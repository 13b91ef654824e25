import { createHash } from 'node:crypto';

import { digestOf, formatOf, isLastPart, mediaTypeOf, offsetOf } from './data-formats.policy.js';

const invalid = expect.objectContaining({ code: 'invalid_request' }) as Error;

describe('the headers of an upload', () => {
  it.each([
    ['text/csv; charset=utf-8', 'text/csv', 'csv'],
    ['Application/JSON', 'application/json', 'json'],
    ['application/x-ndjson', 'application/x-ndjson', 'ndjson'],
    ['application/gzip', 'application/gzip', undefined],
    ['application/x-www-form-urlencoded', 'application/octet-stream', undefined],
    ['application/partial-upload', 'application/octet-stream', undefined],
    ['constructor', 'constructor', undefined],
    ['a\u0000b', 'application/octet-stream', undefined],
    ['x'.repeat(300), 'application/octet-stream', undefined],
    [undefined, 'application/octet-stream', undefined],
  ])('say its format, or nothing: %j', (header, mediaType, format) => {
    expect(mediaTypeOf(header)).toBe(mediaType);
    expect(formatOf(mediaType)).toBe(format);
  });

  it('say its hash', () => {
    const hash = createHash('sha256').update('x').digest();
    const member = `sha-256=:${hash.toString('base64')}:`;
    for (const header of [member, `md5=:AAAA:, ${member}`, `${member},unixsum=:AA==:`])
      expect(digestOf(header)).toEqual(hash);
    expect(digestOf(undefined)).toBeUndefined();
  });

  it.each(['', 'sha-256', 'sha-256=:AAAA:', 'sha-512=:AAAA:', `sha-256=${'a'.repeat(64)}`])(
    'say no hash, and are refused: %j',
    (header) => {
      expect(() => digestOf(header)).toThrow(invalid);
    },
  );

  it('say where a part begins, and whether it is the last', () => {
    expect([offsetOf('0'), offsetOf('4294967296')]).toEqual([0, 4_294_967_296]);
    for (const header of [undefined, '', '-1', '1.5', '1e3', '9'.repeat(16)])
      expect(() => offsetOf(header)).toThrow(invalid);
    expect([isLastPart(undefined), isLastPart('?1'), isLastPart('?0')]).toEqual([true, true, false]);
    for (const header of ['', '1', 'true', '?2']) expect(() => isLastPart(header)).toThrow(invalid);
  });
});
