import { finished } from '../../test/fixtures/finished.js';
import { fieldsOf, readHistory, textOf, topicOf } from './history.js';

describe('a history', () => {
  const signal = new AbortController().signal;
  const all = Array.from({ length: 25 }, (_, n) => finished(n)).reverse();

  const finishedTasks = ({ limit = 500, after = '' } = {}) => {
    const from = all.findIndex(({ taskId }) => taskId === after) + 1;
    const tasks = all.slice(from, from + Math.min(limit, 10));
    const next = from + tasks.length < all.length ? tasks.at(-1)?.taskId : undefined;
    return Promise.resolve({ tasks, scanned: tasks.length, ...(next !== undefined && { next }) });
  };

  it('is read page by page, and given oldest first', async () => {
    const { tasks, complete } = await readHistory({ finishedTasks, signal }, { sinceDays: 30, maxTasks: 100 });
    expect(tasks).toEqual([...all].reverse());
    expect(complete).toBe(true);
  });

  it('says when there is more than was wanted', async () => {
    const { tasks, complete } = await readHistory({ finishedTasks, signal }, { sinceDays: 30, maxTasks: 12 });
    expect(tasks).toEqual(all.slice(0, 12).reverse());
    expect(complete).toBe(false);
  });

  it('stops when it is cancelled', async () => {
    const reading = readHistory({ finishedTasks, signal: AbortSignal.abort() }, { sinceDays: 30, maxTasks: 100 });
    await expect(reading).rejects.toThrow('aborted');
  });
});

describe('what a task is about', () => {
  it('are the phrases of its payload, without the names of fields and settings', () => {
    const description = 'operation: answer\nregion: north\ntext: How do I get a refund?\nrows: 10';
    expect(topicOf(finished(1, { description }))).toBe('How do I get a refund?');
  });

  it('is nothing when there are no phrases; then its text is all that is known of it', () => {
    const task = finished(1, { description: 'operation: query\nrows: 10' });
    expect(topicOf(task)).toBeUndefined();
    expect(textOf(task)).toBe('analytics.query operation: query rows: 10');
  });

  it('is bounded, between characters', () => {
    const text = topicOf(finished(1, { description: `text: a b ${'\u{1F600}'.repeat(1_000)}` })) ?? '';
    expect(Array.from(text)).toHaveLength(400);
    expect(text.endsWith('\u{1F600}')).toBe(true);
  });

  it('splits a line at its first colon', () => {
    expect([...fieldsOf({ description: 'url: https://a.example/b: c\nodd' })]).toEqual([
      ['url', 'https://a.example/b: c'],
    ]);
  });
});
