import { submitSearchOf } from './submit-search.policy.js';

describe('the address of the submit page', () => {
  it('has what was chosen, and nothing that is none', () => {
    expect(submitSearchOf({ task_type: 'analytics', operation: 'query', sql: 'x', from: 3 })).toEqual({
      task_type: 'analytics',
      operation: 'query',
    });
    expect(submitSearchOf({})).toEqual({});
  });
});
