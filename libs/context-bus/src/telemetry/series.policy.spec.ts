import { depthSeries, errorSeries, latencySeries, throughputSeries } from './series.policy.js';
import { rangeOf } from './telemetry-range.policy.js';
import type { CountSeries, DurationSeries } from './timelines.js';

const nowS = Date.parse('2026-11-29T10:30:00Z') / 1_000;
const asked = { from: '2026-11-29T10:00:00Z', to: '2026-11-29T10:20:00Z', step: '5m' } as const;
const always = { minute: -Infinity, hour: -Infinity, day: -Infinity };
/** Four buckets. */
const range = rangeOf(asked, { nowS, knownFromS: always });
/** The first two of them are past their retention. */
const half = rangeOf(asked, { nowS, knownFromS: { ...always, minute: Date.parse('2026-11-29T10:10:00Z') / 1_000 } });

const key = { agent: 'dash', taskType: '', operation: '', series: 1 };
const counts: CountSeries = {
  ...{ ...key, buckets: [3, 0], submitted: [5, 2], started: [4, 2], completed: [1, 2], failed: [3, 0] },
  ...{ cancelled: [0, 1], retries: [7, 0] },
};

describe('series', () => {
  it('have a zero where nothing happened, and totals', () => {
    expect(throughputSeries([counts], ['agent'], range)).toEqual([
      {
        key: { agent: 'dash' },
        total: { submitted: 7, started: 6, completed: 3, failed: 3, cancelled: 1, retries: 7 },
        values: {
          ...{ submitted: [2, 0, 0, 5], started: [2, 0, 0, 4], completed: [2, 0, 0, 1], failed: [0, 0, 0, 3] },
          ...{ cancelled: [1, 0, 0, 0], retries: [0, 0, 0, 7] },
        },
      },
    ]);
  });

  it('have null where nothing is known, and count buckets from where reading began', () => {
    const [one] = throughputSeries([{ ...counts, buckets: [1, 0] }], ['agent'], half);
    expect(one?.values.submitted).toEqual([null, null, 2, 5]);
    expect(one?.total.submitted).toBe(7);
  });

  it('of all tasks are one even if there are none, those by agent are none', () => {
    expect(throughputSeries([], ['agent'], range)).toEqual([]);
    const [all] = throughputSeries([], [], range);
    expect(all).toMatchObject({ key: {}, total: { submitted: 0 }, values: { submitted: [0, 0, 0, 0] } });
    expect(latencySeries([], [], range)[0]).toMatchObject({
      total: { completed: 0, wait_mean_ms: null, run_p95_ms: null },
      values: { completed: [0, 0, 0, 0], wait_p50_ms: [null, null, null, null] },
    });
    expect(depthSeries(new Map(), [], [], range)[0]?.values.open).toEqual([0, 0, 0, 0]);
  });

  it('of errors have no rate where nothing ended', () => {
    const [one] = errorSeries([counts], ['agent'], range);
    expect(one?.total).toEqual({ completed: 3, failed: 3, retries: 7, error_rate: 0.5 });
    expect(one?.values.error_rate).toEqual([0, null, null, 0.75]);
  });

  it('of latency have quantiles and means where something completed', () => {
    const durations: DurationSeries = {
      ...{ ...key, buckets: [2, 1], completed: [4, 0], waitMs: [40, 0], runMs: [400, 0] },
      wait: [
        [1, 2, 3],
        [null, null, null],
      ],
      run: [
        [10, 20, 30],
        [null, null, null],
      ],
      ...{ totalWait: [1, 2, 3], totalRun: [10, 20, 30] },
    };
    const [one] = latencySeries([durations], ['agent'], range);
    expect(one?.total).toEqual({
      ...{ completed: 4, wait_mean_ms: 10, wait_p50_ms: 1, wait_p95_ms: 2, wait_p99_ms: 3 },
      ...{ run_mean_ms: 100, run_p50_ms: 10, run_p95_ms: 20, run_p99_ms: 30 },
    });
    expect(one?.values).toMatchObject({
      ...{ completed: [0, 0, 4, 0], run_mean_ms: [null, null, 100, null], run_p99_ms: [null, null, 30, null] },
    });
  });

  it('of open tasks lead back from now: less what came since, with what ended since', () => {
    // Ten are open; since 10:20 three came and one ended, in the last bucket two came, in the second four ended.
    const changes = [
      { taskType: '', bucket: 4, change: 2 },
      { taskType: '', bucket: 3, change: 2 },
      { taskType: '', bucket: 1, change: -4 },
    ];
    const [all] = depthSeries(new Map([['', 10]]), changes, [], range);
    expect(all).toEqual({ key: {}, total: { open: 8 }, values: { open: [10, 6, 6, 8] } });
    const later = [
      { taskType: '', bucket: 2, change: 2 },
      { taskType: '', bucket: 1, change: 2 },
    ];
    const [kept] = depthSeries(new Map([['', 10]]), later, [], half);
    expect(kept?.values.open).toEqual([null, null, 6, 8]);
  });

  it('of open tasks are there for types of which all have ended, and for those that did not change', () => {
    const changes = [{ taskType: 'testing', bucket: 1, change: -3 }];
    expect(depthSeries(new Map([['analytics', 4]]), changes, ['task_type'], range)).toEqual([
      { key: { task_type: 'analytics' }, total: { open: 4 }, values: { open: [4, 4, 4, 4] } },
      { key: { task_type: 'testing' }, total: { open: 0 }, values: { open: [3, 0, 0, 0] } },
    ]);
  });
});
