import { WorkflowDefinition, type WorkflowPlan } from '@pulser/contracts';

import { inputProblems, inputsOf } from './inputs.policy.js';
import { plan, type PayloadVerdicts } from './plan.policy.js';

const step = (name: string, more: object = {}) => ({
  name,
  task_type: 'analytics',
  payload: { operation: 'x' },
  ...more,
});

const planOf = (steps: readonly object[], more: object = {}, verdicts?: PayloadVerdicts): WorkflowPlan =>
  plan(WorkflowDefinition.parse({ steps, ...more }), verdicts);

const codes = ({ problems }: WorkflowPlan): string[] => problems.map(({ pointer, code }) => `${pointer} ${code}`);

describe('a plan', () => {
  it('has the levels of a good definition and counts its tasks', () => {
    const steps = [
      step('a'),
      step('b', { needs: ['a'], map: { over: [1, 2, 3] }, payload: { n: { $path: '$.item' } } }),
      step('c', { needs: ['a'], when: 'steps.a.result.ok' }),
      { name: 'pause', needs: ['b', 'c'], wait: { for_s: 5 } },
      { name: 'gate', needs: ['pause'], wait: { signal: 'approved', within_s: 60 } },
      { name: 'inner', needs: ['gate'], workflow: 'other@2', inputs: { from: { $artifact: 'a/x.csv' } } },
    ];
    expect(planOf(steps, { output: { sum: { $cel: 'size(steps.b.results)' } } })).toEqual({
      ok: true,
      problems: [],
      levels: [['a'], ['b', 'c'], ['pause'], ['gate'], ['inner']],
      tasks: { least: 5, most: 6 },
      unchecked: ['a', 'b', 'c'],
      signals: ['approved'],
    });
  });

  it('finds circles, unknown and double names', () => {
    const circle = planOf([step('a', { needs: ['c'] }), step('b', { needs: ['a'] }), step('c', { needs: ['b'] })]);
    expect(circle.problems).toEqual([
      { pointer: '/steps', code: 'circle', detail: 'Steps need each other in a circle: a needs c needs b needs a' },
    ]);
    expect(codes(planOf([step('a', { needs: ['a'] })]))).toEqual(['/steps circle']);
    expect(codes(planOf([step('a'), step('a', { needs: ['z'] })]))).toEqual([
      '/steps/1/name duplicate_step',
      '/steps/1/needs/0 unknown_step',
    ]);
  });

  it('finds expressions that read what is not there yet, or nowhere', () => {
    const steps = [
      step('a', {
        payload: { x: { $path: '$.steps.b.result' }, y: { $cel: 'item + 1' }, z: { $path: '$.inputs.no' } },
      }),
      step('b', { when: 'steps.a.result.matches("a")' }),
      step('c', { payload: { deep: [{ $nonsense: 1 }] }, on_failure: { tolerate: 1 } }),
    ];
    expect(codes(planOf(steps))).toEqual([
      '/steps/0/payload/x not_needed',
      '/steps/0/payload/y unknown_name',
      '/steps/0/payload/z unknown_input',
      '/steps/1/when invalid_expression',
      '/steps/2/on_failure no_map',
      '/steps/2/payload/deep/0 invalid_expression',
    ]);
  });

  it('finds what keys of steps do wrong', () => {
    const steps = [
      step('a', { concurrency: { key: 'reports', limit: 1 }, unique: { key: { $cel: 'item' }, window_s: 60 } }),
      step('b', { map: { over: [1] }, unique: { key: 'one', window_s: 60 } }),
      step('c', { map: { over: [1] }, unique: { key: { $cel: '"c" + item' }, window_s: 60 } }),
    ];
    expect(codes(planOf(steps))).toEqual(['/steps/0/unique/key unknown_name', '/steps/1/unique/key one_key']);
  });

  it('reports what a payload does wrong, but for what an expression will put there', () => {
    const verdicts = new Map([
      [
        'a',
        [
          { pointer: '/payload/sql', detail: 'Must be a string' },
          { pointer: '/payload/limit', detail: 'Must be a number' },
        ],
      ],
    ]);
    const steps = [step('a', { payload: { sql: { $cel: '"select 1"' }, limit: 'x' } })];
    expect(codes(planOf(steps, {}, verdicts))).toEqual(['/steps/0/payload/limit invalid_payload']);
  });
});

describe('the inputs of a run', () => {
  const definition = WorkflowDefinition.parse({
    inputs: { url: { type: 'string' }, rows: { type: 'integer', default: 5 }, tags: { type: 'array', default: [] } },
    steps: [step('a')],
  });

  it('are checked by name and type', () => {
    expect(inputProblems(definition, { url: 'x' })).toEqual([]);
    expect(inputProblems(definition, { rows: 1.5, other: 1 })).toEqual([
      { pointer: '/other', detail: 'Unknown input' },
      { pointer: '/url', detail: 'Must be given' },
      { pointer: '/rows', detail: 'Must be of type integer' },
    ]);
  });

  it('have defaults', () => {
    expect(inputsOf(definition, { url: 'x' })).toEqual({ url: 'x', rows: 5, tags: [] });
  });
});
