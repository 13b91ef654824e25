import { healthCsv, timelineCsv, wantsCsv } from './telemetry-csv.policy.js';

describe('telemetry as a table', () => {
  it('is a row for every bucket of every series, which says whether it is complete', () => {
    const times = [0, 60].map((s) => Date.parse('2026-11-29T10:00:00Z') / 1_000 + s);
    const answer = {
      ...{ step_s: 60, complete_until: '2026-11-29T10:01:00.000Z', group_by: ['agent', 'operation'] as const, times },
      columns: [{ name: 'failed' }, { name: 'error_rate' }],
      series: [
        { key: { agent: 'dash', operation: '=1+1' }, values: { failed: [0, 2], error_rate: [null, 0.5] } },
        { key: { agent: 'maya', operation: '' }, values: { failed: [null, 0], error_rate: [null, null] } },
      ],
    };
    expect(timelineCsv(answer).split('\r\n')).toEqual([
      'at,agent,operation,failed,error_rate,complete',
      `2026-11-29T10:00:00.000Z,dash,'=1+1,0,,true`,
      `2026-11-29T10:01:00.000Z,dash,'=1+1,2,0.5,false`,
      '2026-11-29T10:00:00.000Z,maya,,,,true',
      '2026-11-29T10:01:00.000Z,maya,,0,,false',
      '',
    ]);
  });

  it('of health is a row for every agent', () => {
    const instant = '2026-11-29T10:00:00.000Z';
    const span = {
      from: instant,
      to: instant,
      resolution: 'minute',
      kept_from: null,
      complete_until: instant,
    } as const;
    const none = { completed: 0, failed: 0, error_rate: null, wait_p95_ms: null, run_p95_ms: null };
    const agent = { agent: 'dash', state: 'up', reason: 'It is, still', last_seen: instant, open: 1, ...none } as const;
    expect(healthCsv({ ...span, silent_after_s: 60, agents: [agent] })).toBe(
      'agent,state,reason,last_seen,open,completed,failed,error_rate,wait_p95_ms,run_p95_ms\r\n' +
        `dash,up,"It is, still",${instant},1,0,0,,,\r\n`,
    );
  });

  it.each([
    ['csv', undefined, true],
    ['csv', 'application/json', true],
    ['json', 'text/csv', false],
    [undefined, undefined, false],
    [undefined, '*/*', false],
    [undefined, 'text/csv; header=present, */*;q=0.1', true],
    [undefined, 'application/x-ndjson', false],
  ] as const)('is sent for format %s and Accept %s: %s', (format, accept, wanted) => {
    expect(wantsCsv(format, accept)).toBe(wanted);
  });
});
