import { filePart } from './file-bytes.policy.js';

describe('a part of a file', () => {
  it.each([
    ['é', 1, ''],
    ['aé', 2, 'a'],
    ['€', 2, ''],
    ['a€b', 3, 'a'],
    ['😀', 3, ''],
    ['a😀', 5, 'a😀'],
  ])('of %p that ends after %p bytes is %p', (text, bytes, content) => {
    const part = filePart(Buffer.from(text).subarray(0, bytes), true);
    expect(part).toEqual({ encoding: 'utf-8', content, bytes: Buffer.byteLength(content) });
  });

  it('is in base64 where it is no text', () => {
    expect(filePart(Buffer.from([0x61, 0xff, 0x62]), true)).toEqual({ encoding: 'base64', content: 'Yf9i', bytes: 3 });
    expect(filePart(Buffer.from([0x61, 0xc3]), false)).toMatchObject({ encoding: 'base64', bytes: 2 });
    expect(filePart(Buffer.from('a\0b'), false)).toMatchObject({ encoding: 'base64' });
  });

  it('keeps a byte order mark', () => {
    expect(filePart(Buffer.from('\ufeffa'), false)).toEqual({ encoding: 'utf-8', content: '\ufeffa', bytes: 4 });
  });
});
