import { HookOrder, type HookView } from '@pulser/contracts';

import { causeText, emptyForm, formOf, orderOf } from './hook-form.policy.js';

const viewOf = ({ description, ...order }: HookOrder): HookView => ({
  ...order,
  description: description ?? null,
  name: 'deploys',
  revision: 1,
  path: null,
  author: 'me',
  created_at: '2027-01-01T00:00:00Z',
  changed_at: '2027-01-01T00:00:00Z',
  last: null,
  refused: null,
});

const task = {
  task_type: 'analytics',
  priority: 'high',
  payload: { operation: 'query' },
  unique: { key: 'a', window_s: 60 },
  notify: ['ops'],
};

describe('the form of a hook', () => {
  it('makes an order that the API takes', () => {
    expect(HookOrder.parse(orderOf({ ...emptyForm, name: 'x', secret: ' deployer ' }))).toMatchObject({
      on: { kind: 'request', secret: 'deployer' },
      map: [],
    });
  });

  it.each([
    { on: { kind: 'request', secret: 'deployer' }, map: [{ from: '/a', to: '/b', default: 1 }], description: 'Why' },
    { on: { kind: 'task.failed' }, enabled: false },
    { on: { kind: 'task.failed', agent: 'dash', task_type: 'analytics', operation: 'query', code: 'no_luck' } },
    { on: { kind: 'dataset.version', dataset: 'sales' } },
    { on: { kind: 'dataset.version' } },
  ])('shows a hook, and makes the same of it: %j', (fields) => {
    const order = HookOrder.parse({ ...fields, task });
    expect(HookOrder.parse(orderOf(formOf(viewOf(order)), viewOf(order)))).toEqual(order);
  });

  it.each([
    [{ kind: 'request', secret: 'deployer' }, 'a request signed with deployer'],
    [{ kind: 'task.failed' }, 'a task that fails'],
    [
      { kind: 'task.failed', agent: 'dash', task_type: 'analytics', operation: 'query', code: 'no_luck' },
      'a failed analytics: query of dash with no_luck',
    ],
    [{ kind: 'dataset.version' }, 'a new version of any dataset'],
  ] as const)('says what it waits for: %j', (on, text) => {
    expect(causeText(on)).toBe(text);
  });
});
