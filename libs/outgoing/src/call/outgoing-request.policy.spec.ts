import { headersOf } from './outgoing-request.js';

describe('the headers of a request', () => {
  it('are the given ones in lower case beside the standard ones', () => {
    expect(headersOf({ Accept: 'text/csv', 'X-Key': 'k' })).toEqual({
      accept: 'text/csv',
      'accept-encoding': 'gzip, br',
      'user-agent': 'pulser',
      'x-key': 'k',
    });
  });

  it.each([
    ...['Host', 'host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Upgrade', 'TE', 'Trailer', 'Expect'],
    ...['Keep-Alive', 'Proxy-Authorization', 'Proxy-Connection', 'Accept-Encoding', 'HTTP2-Settings'],
    ...['a b', 'a:', '', 'a\r\nb', 'ä'],
  ])('never are %j', (name) => {
    expect(() => headersOf({ [name]: 'x' })).toThrow(expect.objectContaining({ code: 'header_not_allowed' }) as Error);
  });

  it.each(['a\r\nhost: b', 'a\n', 'a\0', '\u2028', '\u010a'])('never have the value %j', (value) => {
    expect(() => headersOf({ 'x-a': value })).toThrow(expect.objectContaining({ code: 'header_not_allowed' }) as Error);
  });
});
