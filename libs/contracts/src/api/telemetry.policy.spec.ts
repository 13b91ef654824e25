import { fieldProblems } from '../field-problems.js';
import { DepthQuery, TelemetryLatency, TelemetryQuery } from './telemetry.js';

const problems = (query: object): unknown => {
  const parsed = TelemetryQuery.safeParse(query);
  return parsed.success ? parsed.data : fieldProblems(parsed.error);
};

describe('a query of telemetry', () => {
  it('takes nothing at all, or everything', () => {
    expect(problems({})).toEqual({});
    const query = { from: '2026-11-01T00:00:00Z', step: '1h', agent: 'dash', operation: '', format: 'csv' };
    expect(problems({ ...query, group_by: 'agent,operation' })).toEqual({ ...query, group_by: ['agent', 'operation'] });
  });

  it.each(['', 'agent,agent', 'agent,task_type,operation', 'agent, operation', 'priority', ',', 'agent,'])(
    'refuses to group by %j, and says by what it can',
    (group_by) => {
      const detail = 'Must be one or two of agent, task_type, operation, with a comma between them';
      expect(problems({ group_by })).toEqual([{ pointer: '/group_by', detail }]);
    },
  );

  it.each([
    [{ step: '2m' }, '/step'],
    [{ from: 'yesterday' }, '/from'],
    [{ group: 'agent' }, '/group'],
    [{ operation: 'x'.repeat(201) }, '/operation'],
    [{ operation: 'a\u0000' }, '/operation'],
    [{ format: 'xlsx' }, '/format'],
    [{ group_by: ['agent', 'operation'] }, '/group_by'],
  ])('refuses %j at the member that is wrong', (query, pointer) => {
    expect(problems(query)).toEqual([expect.objectContaining({ pointer })]);
  });
});

describe('a query of open tasks', () => {
  it('groups by type alone, and says where agents are', () => {
    expect(DepthQuery.parse({ group_by: 'task_type', step: '1h' })).toEqual({ group_by: 'task_type', step: '1h' });
    const parsed = DepthQuery.safeParse({ group_by: 'agent', agent: 'dash' });
    expect(parsed.error && fieldProblems(parsed.error)).toEqual([
      { pointer: '/group_by', detail: 'Must be task_type; `now` has the open tasks by agent, too' },
      { pointer: '/agent', detail: 'Unknown field' },
    ]);
  });
});

describe('an answer of telemetry', () => {
  const kept = { from: '2026-11-01T00:00:00Z', to: '2026-11-01T00:01:00Z', step: '1m', step_s: 60 };
  const figures = { completed: 0, wait_mean_ms: null, wait_p50_ms: null, wait_p95_ms: null, wait_p99_ms: null };
  const ofRun = { run_mean_ms: null, run_p50_ms: null, run_p95_ms: null, run_p99_ms: null };
  const total = { ...figures, ...ofRun };
  const values = Object.fromEntries(Object.entries(total).map(([name, value]) => [name, [value]]));
  const answer = {
    ...kept,
    resolution: 'minute',
    kept_from: null,
    complete_until: '2026-11-01T00:01:00Z',
    group_by: [],
    columns: [{ name: 'completed', unit: 'tasks' }],
    times: [1_793_491_200],
    series: [{ key: {}, total, values }],
    left_out: 0,
  };

  it('has an array for every column of a series', () => {
    expect(TelemetryLatency.parse(answer)).toEqual(answer);
    expect(TelemetryLatency.safeParse({ ...answer, series: [{ key: {}, total, values: total }] }).success).toBe(false);
  });
});
