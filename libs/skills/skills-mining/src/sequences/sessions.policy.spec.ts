import { finished } from '../../test/fixtures/finished.js';
import { sessionsOf } from './sessions.policy.js';

const minutes = (count: number): number => count * 60_000;

const ids = (sessions: readonly (readonly { readonly taskId: string }[])[]): number[][] =>
  sessions.map((session) => session.map(({ taskId }) => Number(taskId.slice(-12))));

describe('the sessions of tasks', () => {
  it('are one for each submitter, and end with a pause', () => {
    const tasks = [0, 1, 2, 40, 41].map((n) => finished(n, { submitter: n % 2 === 0 ? 'ada' : 'bob' }));
    expect(ids(sessionsOf(tasks, minutes(30)))).toEqual([[0, 2], [40], [1], [41]]);
  });

  it('are one for each parent, however long it takes', () => {
    const tasks = [0, 1, 900].map((n) => finished(n, { parentId: n === 1 ? null : finished(5).taskId }));
    expect(ids(sessionsOf(tasks, minutes(30)))).toEqual([[0, 900], [1]]);
  });

  it('are cut after 20 tasks', () => {
    const tasks = Array.from({ length: 45 }, (_, n) => finished(n));
    expect(sessionsOf(tasks, minutes(30)).map(({ length }) => length)).toEqual([20, 20, 5]);
  });
});
