import { mayAsk } from './origin.policy.js';

describe('who may ask /mcp from a web page', () => {
  it.each([undefined, 'http://localhost:6274', 'http://127.0.0.1', 'https://[::1]:8000', 'https://tools.example.com'])(
    'is %s',
    (origin) => {
      expect(mayAsk(origin, ['https://tools.example.com'])).toBe(true);
    },
  );

  it.each(['https://evil.example.com', 'http://localhost.evil.example.com', 'null', '', 'http://tools.example.com'])(
    'is not %s',
    (origin) => {
      expect(mayAsk(origin, ['https://tools.example.com'])).toBe(false);
    },
  );
});
