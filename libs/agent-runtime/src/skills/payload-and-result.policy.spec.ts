import { checkedResult } from './payload-and-result.js';

describe('a result', () => {
  it('of nothing is null', () => {
    expect(checkedResult(undefined, 100)).toBeNull();
  });

  it('loses only the character that the database cannot hold', () => {
    expect(checkedResult({ text: 'a\u0000b', path: 'C:\\u0000' }, 100)).toEqual({
      text: 'a\ufffdb',
      path: 'C:\\u0000',
    });
  });

  it('that is not JSON is a permanent failure', () => {
    expect(() => checkedResult({ n: 1n }, 100)).toThrow(expect.objectContaining({ permanent: true }) as Error);
  });

  it('beyond the limit is refused with both sizes', () => {
    expect(() => checkedResult('x'.repeat(200), 100)).toThrow(
      expect.objectContaining({
        code: 'result_too_large',
        facts: { details: { bytes: 202, max_bytes: 100 } },
      }) as Error,
    );
  });
});
