import type { TaskSpan } from '@pulser/contracts';

import { placeOf, rangeOf, rowsOf } from './trace-rows.policy.js';

const start = Date.parse('2026-01-01T00:00:00.000Z');

const span = (id: string, parent: string | null, fromMs = 0, ms: number | null = 10): TaskSpan => ({
  span_id: id,
  parent_id: parent,
  name: id,
  kind: 'internal',
  service: null,
  attempt: null,
  at: new Date(start + fromMs).toISOString(),
  duration_ms: ms,
  error: null,
  derived: false,
  attributes: {},
});

const shown = (spans: readonly TaskSpan[], folded: readonly string[] = []): string[] =>
  rowsOf(spans, new Set(folded)).map((row) => `${'-'.repeat(row.depth)}${row.span.span_id}`);

const tree = [span('task', null), span('wait', 'task'), span('attempt', 'task'), span('call', 'attempt')];

describe('the rows of a trace', () => {
  it('stand below what they are a part of, in the order of the API', () => {
    expect(shown([...tree, span('back-off', 'task')])).toEqual(['task', '-wait', '-attempt', '--call', '-back-off']);
  });

  it('are left out below a folded one, which says how many there are', () => {
    expect(shown(tree, ['attempt'])).toEqual(['task', '-wait', '-attempt']);
    expect(rowsOf(tree, new Set(['task']))).toMatchObject([{ parts: 2, isFolded: true }]);
  });

  it('come once each, whatever parents are named', () => {
    const odd = [span('a', 'b'), span('b', 'a'), span('self', 'self'), span('lost', 'nowhere')];
    expect(shown([span('task', null), ...odd]).sort()).toEqual(['-b', 'a', 'lost', 'self', 'task'].sort());
  });

  it('may be as deep as there are spans', () => {
    const deep = Array.from({ length: 20_000 }, (_, n) => span(`s${n}`, n === 0 ? null : `s${n - 1}`));
    expect(rowsOf(deep, new Set()).at(-1)?.depth).toBe(19_999);
  });
});

describe('the bars of a trace', () => {
  it('are reckoned from the first beginning to the last end', () => {
    const spans = [span('task', null, 0, 100), span('late', 'task', 50, 150)];
    const range = rangeOf(spans, start);
    expect(range).toEqual({ from: start, to: start + 200 });
    expect(spans.map((one) => placeOf(one, range, start))).toEqual([
      { left: 0, width: 50 },
      { left: 25, width: 75 },
    ]);
  });

  it('of what goes on reach until now', () => {
    const spans = [span('task', null, 0, null)];
    expect(rangeOf(spans, start + 400)).toEqual({ from: start, to: start + 400 });
    expect(placeOf(span('task', null, 0, null), rangeOf(spans, start + 400), start + 400)).toEqual({
      left: 0,
      width: 100,
    });
  });

  it('have a place also when nothing has lasted', () => {
    const range = rangeOf([span('task', null, 0, 0)], start);
    expect(placeOf(span('task', null, 0, 0), range, start)).toEqual({ left: 0, width: 0 });
  });
});
