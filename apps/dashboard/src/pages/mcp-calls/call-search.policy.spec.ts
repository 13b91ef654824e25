import { callSearchOf, chipsOf, queryOf, searchWith, searchWithout } from './call-search.policy.js';

const task = '019a0000-0000-7000-8000-000000000009';

describe('the search of the log of calls', () => {
  it('takes names of filters, and guesses a word alone', () => {
    expect(searchWith({}, 'outcome:timeout')).toEqual({ outcome: 'timeout' });
    expect(searchWith({}, 'by:ada@example.com')).toEqual({ principal: 'ada@example.com' });
    expect(searchWith({}, 'github__repo_get')).toEqual({ tool: 'github__repo_get' });
    expect(searchWith({}, task)).toEqual({ task });
    expect(searchWith({}, ' lost ')).toEqual({ outcome: 'lost' });
    expect(searchWith({ agent: 'dash', open: task }, 'github')).toEqual({ agent: 'dash', server: 'github' });
    expect(searchWith({ agent: 'dash' }, '')).toEqual({ agent: 'dash' });
  });

  it('drops what no filter takes', () => {
    expect(callSearchOf({ outcome: 'wild', task: 'x', tool: 'a.b', limit: 5 })).toEqual({});
  });

  it('is shown as chips, of which each can go', () => {
    const search = { tool: 'a__b', principal: 'ada', open: task };
    expect(chipsOf(search)).toEqual([
      { id: 'tool', name: 'tool', value: 'a__b' },
      { id: 'principal', name: 'by', value: 'ada' },
    ]);
    expect(searchWithout(search, 'tool')).toEqual({ principal: 'ada', open: task });
    expect(queryOf(search)).toEqual({ tool: 'a__b', principal: 'ada' });
  });
});
