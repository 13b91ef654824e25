import { checkHeaders } from './message-headers.policy.js';

const check = (headers: object) => () => {
  checkHeaders(headers as Record<string, unknown>);
};

describe('the headers of a message', () => {
  it('may say anything', () => {
    expect(check({ note: '__proto__', constructor: 'x', nested: { list: [1, Buffer.from('x')] } })).not.toThrow();
  });

  it.each([
    ['a name', { 'constructor.prototype': 'x' }],
    ['a name of a table in them', { nested: [JSON.parse('{"__proto__":1}')] }],
    ['a table that a parser made a prototype', Object.create({ admin: true }) as object],
  ])('make a dead letter when they could pollute by %s', (_case, headers) => {
    expect(check(headers)).toThrow(expect.objectContaining({ reason: 'forbidden_key' }) as Error);
  });
});
