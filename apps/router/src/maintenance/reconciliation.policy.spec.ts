import { messagesLost } from './reconciliation.js';

describe('messages about tasks', () => {
  it.each([
    ['of an empty queue', 1, 0],
    ['of a queue that was made again and got new ones', 1_727, 40],
  ])('are lost: those %s', (_, tasks, depth) => {
    expect(messagesLost(tasks, depth)).toBe(true);
  });

  it.each([
    ['there are none', 0, 0],
    ['workers hold some of them', 20_000, 19_900],
    ['there are more, for some were sent twice', 10, 25],
  ])('are not lost when %s', (_, tasks, depth) => {
    expect(messagesLost(tasks, depth)).toBe(false);
  });
});
