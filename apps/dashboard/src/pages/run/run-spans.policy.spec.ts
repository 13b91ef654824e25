import { spansOf } from './run-spans.policy.js';

const at = (s: number): string => new Date(Date.UTC(2027, 0, 1) + s * 1_000).toISOString();
const step = (name: string, from: number | undefined, to?: number) => ({
  name,
  started_at: from === undefined ? null : at(from),
  ended_at: to === undefined ? null : at(to),
});

describe('the waterfall of a run', () => {
  it('has what ran within the time of all', () => {
    const { spans, total } = spansOf(
      { created_at: at(0), ended_at: at(10), steps: [step('a', 1, 3), step('b', 3, 10), step('c', undefined)] },
      Date.parse(at(99)),
    );
    expect(total).toBe(10_000);
    expect([...spans]).toEqual([
      ['a', { from: 10, width: 20 }],
      ['b', { from: 30, width: 70 }],
    ]);
  });

  it('goes on as long as the run does, also with a clock that is behind', () => {
    const run = { created_at: at(0), ended_at: null, steps: [step('a', 0, 2), step('b', 2)] };
    expect(spansOf(run, Date.parse(at(4))).spans.get('b')).toEqual({ from: 50, width: 50 });
    const behind = spansOf(run, Date.parse(at(-5)));
    expect([behind.total, behind.spans.get('b')]).toEqual([2_000, { from: 99, width: 1 }]);
  });
});
