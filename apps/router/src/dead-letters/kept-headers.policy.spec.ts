import { header } from '@pulser/contracts';

import { keptHeaders } from './kept-headers.policy.js';

describe('the headers of a dead letter', () => {
  it('are kept without keys and other secrets, at any depth', () => {
    const headers = {
      [header.apiKey]: 'pulser_abc',
      Authorization: ['x'],
      'x-token': Buffer.from('x'),
      traceparent: '00-ab',
      nested: { password: 'x', list: [{ 'api-key': 'x', n: 1 }] },
      note: 'Bearer abcdefgh',
    };
    expect(keptHeaders(headers)).toEqual({
      traceparent: '00-ab',
      nested: { list: [{ n: 1 }] },
      note: 'Bearer [redacted]',
    });
  });

  it('are kept without what the burial added', () => {
    expect(keptHeaders({ [header.deadReason]: 'unparsable', [header.deadId]: '1', a: 1 })).toEqual({ a: 1 });
  });

  it('become what a database can hold', () => {
    const deep = Array.from({ length: 5_000 }).reduce<unknown>((inner) => ({ inner }), 'x');
    expect(keptHeaders({ 'a\u0000': 'b\u0000\ud800', bytes: Buffer.from([0, 255]), big: 1n })).toEqual({
      'a\uFFFD': 'b\uFFFD\uFFFD',
      bytes: 'AP8=',
      big: '1',
    });
    expect(JSON.stringify(keptHeaders({ deep })).length).toBeLessThan(500);
  });
});
