import { setTimeout as pause } from 'node:timers/promises';

import type { Job, Rows } from '../src/inside/job/job.js';
import { Sandboxes } from '../src/sandbox.js';
import { withStagedSources } from '../src/sources/sources.js';

const sandboxes = new Sandboxes(1);
afterAll(() => {
  sandboxes.close();
});

const job = (sql: string): Job => ({ sources: [], sql, keepRows: 10, chart: undefined });
const run = (sql: string, signal = AbortSignal.timeout(100_000)): Promise<Rows> => sandboxes.run(job(sql), signal);
const endless = 'SELECT sum(a.range * b.range) FROM range(10000000) a, range(10000000) b';

/** Milliseconds from the abort to the rejection. */
const abortAfter = async (ms: number, sql: string): Promise<number> => {
  await run('SELECT 1');
  const controller = new AbortController();
  const reason = new Error('cancelled');
  const running = run(sql, controller.signal).catch((error: unknown) => error);
  await pause(ms);
  const aborted = performance.now();
  controller.abort(reason);
  expect(await running).toBe(reason);
  return performance.now() - aborted;
};

describe('a sandbox', () => {
  it('keeps a field that is named __proto__ like any other', async () => {
    const field = `{"__proto__":{"a":1},"b":2}`;
    const { rows } = await run(
      `SELECT {'__proto__': {'a': 1}, 'b': 2}, '${field}'::JSON, '${field}'::JSON::VARIANT, {'__proto__': 1}, {'__proto__': NULL}`,
    );
    expect(JSON.stringify(rows)).toBe(`[[${field},${field},${field},{"__proto__":1},{"__proto__":null}]]`);
  });

  it('leaves the event loop free while a query runs', async () => {
    await run('SELECT 1');
    let ticks = 0;
    const ticking = setInterval(() => (ticks += 1), 5);
    await run('SELECT sum(range % 7) FROM range(1000000000)');
    clearInterval(ticking);
    expect(ticks).toBeGreaterThan(10);
  });

  it.each([
    ['a join', endless],
    // Neither of these heeds DuckDB's own interrupt: they go on for half a minute.
    ['one long function call', "SELECT levenshtein(repeat('ab', 50000), repeat('ba', 50000))"],
    ['the planner', `SELECT 1${'+1'.repeat(900)}`],
  ])('ends soon after an abort: %s', async (_case, sql) => {
    expect(await abortAfter(300, sql)).toBeLessThan(20_000);
    expect((await run('SELECT 42')).rows).toEqual([[42]]);
  });

  it('does not start a job that is aborted already', async () => {
    const reason = new Error('cancelled');
    await expect(run('SELECT 1', AbortSignal.abort(reason))).rejects.toBe(reason);
  });

  it.each([
    ['a sort', 'FROM range(100000000) ORDER BY hash(range)'],
    // These escape DuckDB's memory limit.
    ['a list', 'SELECT sum(n) FROM (SELECT unnest(range(1000000000)) AS n)'],
    ['a string', "SELECT length(repeat('x', 4000000000))"],
    ['a row', "SELECT repeat('y', 5000000) FROM range(100000)"],
  ])('refuses a query that needs too much memory, for good: %s', async (_case, sql) => {
    const before = process.memoryUsage.rss();
    await expect(run(sql)).rejects.toMatchObject({ code: 'resource_limit', permanent: true });
    expect(process.memoryUsage.rss() - before).toBeLessThan(200_000_000);
    expect((await run('SELECT 42')).rows).toEqual([[42]]);
  });

  it('keeps nothing of one job for the next', async () => {
    const content = 'a\n1\n';
    await withStagedSources([{ name: 'mine', format: 'csv', content }], (sources) =>
      sandboxes.run({ ...job('FROM mine'), sources }, AbortSignal.timeout(100_000)),
    );
    await expect(run('FROM mine')).rejects.toMatchObject({ code: 'query_failed' });
  });

  it('takes more jobs than it has processes one after the other', async () => {
    const results = await Promise.all([1, 2, 3, 4].map((n) => run(`SELECT ${n}`)));
    expect(results.map(({ rows }) => rows)).toEqual([[[1]], [[2]], [[3]], [[4]]]);
  });

  it('lets an aborted job leave the queue at once', async () => {
    const first = new AbortController();
    const second = new AbortController();
    const running = run(endless, first.signal);
    const waiting = run('SELECT 1', second.signal);
    const third = run('SELECT 3');
    second.abort(new Error('not needed any more'));
    await expect(waiting).rejects.toThrow('not needed any more');
    first.abort(new Error('cancelled'));
    await expect(running).rejects.toThrow('cancelled');
    expect((await third).rows).toEqual([[3]]);
  });

  it('answers wrong SQL with a permanent error', async () => {
    await expect(run('SELECT nope')).rejects.toMatchObject({
      code: 'query_failed',
      permanent: true,
      facts: { details: { position: 7, line: 1, excerpt: 'SELECT nope' } },
    });
  });
});
