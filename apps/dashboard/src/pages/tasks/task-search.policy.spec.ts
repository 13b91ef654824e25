import { chipsOf, mayMatch, queryOf, searchOf, searchWith, searchWithout } from './task-search.policy.js';

describe('what is typed into the search of tasks', () => {
  it.each([
    ['invoice', { q: 'invoice' }],
    ['status:failed agent:dash', { status: ['failed'], agent: 'dash' }],
    ['status:failed,cancelled', { status: ['failed', 'cancelled'] }],
    ['is:failed is:running', { status: ['running', 'failed'] }],
    ['type:analytics op:query priority:high', { task_type: 'analytics', operation: 'query', priority: 'high' }],
    ['label:customer:acme', { label: ['customer:acme'] }],
    ['label:"customer:Acme, Inc"', { label: ['customer:Acme%2C Inc'] }],
    ['error:worker_lost 0199', { error_code: 'worker_lost', q: '0199' }],
    ['https://example.org', { q: 'https://example.org' }],
    ['status:unknown', {}],
    ['agent:', { q: 'agent:' }],
    ['', {}],
  ])('%j is %j', (typed, search) => {
    expect(searchWith({}, typed)).toEqual(search);
  });

  it('goes with the filters that there are', () => {
    const before = { status: ['failed'], label: ['a:b'], q: 'old', agent: 'dash' } as const;
    expect(searchWith(before, 'status:queued label:c:d agent:maya new')).toEqual({
      status: ['queued', 'failed'],
      label: ['a:b', 'c:d'],
      q: 'new',
      agent: 'maya',
    });
  });
});

describe('the filters of the task list', () => {
  it('are read from a URL, without what is none', () => {
    expect(
      searchOf({ status: 'failed,nonsense', agent: '', priority: 'urgent', label: 'a:b,c:d', foreign: '1' }),
    ).toEqual({
      status: ['failed'],
      label: ['a:b', 'c:d'],
    });
  });

  it('are asked of the API with the values of labels as they are', () => {
    expect(queryOf({ agent: 'dash', label: ['customer:Acme%2C Inc', 'share:50%25'] })).toEqual({
      agent: 'dash',
      label: { each: ['customer:Acme, Inc', 'share:50%'] },
    });
  });

  it('are chips, each of which can be taken away', () => {
    const search = searchOf({ status: 'failed,queued', label: 'a:b%2C c', agent: 'dash' });
    const chips = chipsOf(search);
    expect(chips.map(({ name, value }) => `${name} ${value}`)).toEqual([
      'status queued',
      'status failed',
      'agent dash',
      'label a:b, c',
    ]);
    const none = chips.reduce((left, chip) => searchWithout(left, chip), search);
    expect(none).toEqual({});
  });
});

describe('a change of a task', () => {
  const task = { status: 'running', agent: 'dash', task_type: 'analytics' } as const;

  it('may belong to a list whose filters it does not contradict', () => {
    expect(mayMatch({}, task)).toBe(true);
    expect(mayMatch({ status: ['running', 'queued'], agent: 'dash', operation: 'query', q: 'x' }, task)).toBe(true);
    expect(mayMatch({ status: ['failed'] }, task)).toBe(false);
    expect(mayMatch({ agent: 'maya' }, task)).toBe(false);
    expect(mayMatch({ operation: 'query' }, { ...task, operation: 'report' })).toBe(false);
  });
});
