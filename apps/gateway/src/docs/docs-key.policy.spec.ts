import { docsKey } from './docs-key.policy.js';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the key of a request for the documentation', () => {
  it.each([['Bearer abc'], [basic('anybody:abc')], [basic(':abc')]])('is read from %j', (header) => {
    expect(docsKey(header)).toBe('abc');
  });

  it.each([[undefined], [''], ['Basic'], ['Basic é'], [basic('abc')], [basic('a:')], [basic(`a:${'x'.repeat(201)}`)]])(
    'is not read from %j',
    (header) => {
      expect(docsKey(header)).toBeUndefined();
    },
  );
});
