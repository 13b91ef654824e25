import { wireSize } from './dead-letter.policy.js';

describe('the size of headers on the wire', () => {
  it.each([
    ['a text, with its length', 'ü', 7],
    ['a number, at its widest', 1, 9],
    ['nothing', null, 9],
    ['bytes', Buffer.from([1, 2, 3]), 8],
    ['an array', ['a', true], 5 + 6 + 9],
    ['a table, with its names', { a: 'b', ü: 1 }, 5 + 2 + 6 + 3 + 9],
    ['levels without anything in them', [[[]]], 15],
  ])('counts %s', (_, value, bytes) => {
    expect(wireSize(value)).toBe(bytes);
  });
});
