import { filtersOf, memoryChipsOf, memorySearchOf, memorySearchWith, searchBodyOf } from './memory-search.policy.js';

describe('what is typed into the search of the memories', () => {
  it.each([
    ['who signs large transfers?', { q: 'who signs large transfers?' }],
    ['type:rule subject:"Acme Inc" payments', { type: 'rule', subject: 'Acme Inc', q: 'payments' }],
    ['about:payments', { subject: 'payments' }],
    ['trust:stated agent:maya', { trust: 'stated', agent: 'maya' }],
    ['trust:nonsense', {}],
    ['at 10:30', { q: 'at 10:30' }],
    ['constructor:x', { q: 'constructor:x' }],
  ])('%s', (typed, search) => {
    expect(memorySearchWith({}, typed)).toEqual(search);
  });

  it('changes filters that are there, and replaces the text', () => {
    expect(memorySearchWith({ q: 'before', type: 'rule' }, 'type:note after')).toEqual({ q: 'after', type: 'note' });
    expect(memorySearchWith({ q: 'before' }, 'type:note')).toEqual({ q: 'before', type: 'note' });
  });
});

describe('the filters of an address', () => {
  it('leave out what is none', () => {
    expect(memorySearchOf({ trust: 'none', type: '', agent: 5, q: 'x' })).toEqual({ q: 'x' });
  });

  it('are chips, the text among them', () => {
    expect(memoryChipsOf({ q: 'x', type: 'rule' }).map(({ name, value }) => `${name} ${value}`)).toEqual([
      'meaning x',
      'type rule',
    ]);
  });

  it('go to the list without the text, and to the search with it', () => {
    expect(filtersOf({ q: 'x', type: 'rule' })).toEqual({ type: 'rule' });
    expect(searchBodyOf({ q: 'x', agent: 'dash' }, 'x')).toEqual({ agent: 'dash', text: 'x', limit: 100 });
  });
});
