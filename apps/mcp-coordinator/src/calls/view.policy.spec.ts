import { mcpCatalogue } from '@pulser/roster';

import { type Caller, fits, patternsOfPerson, sees } from './view.policy.js';

const tool = (exposedName: string, flag: 'read' | 'write' | 'destructive' = 'write') => ({ exposedName, flag });

describe('a pattern', () => {
  it.each([
    ['github__repo_get', 'github__repo_get', true],
    ['github__repo_get', 'github__repo_get2', false],
    ['*', 'anything', true],
    ['github__*', 'github__pr_merge', true],
    ['github__*', 'gitlab__pr_merge', false],
    ['*_list', 'github__pr_list', true],
    ['*_list', 'github__pr_list_all', false],
    ['github__*_list', 'github__pr_list', true],
    ['github__*_list', 'github__list', false],
    ['a*b*c', 'a-b-b-c', true],
    ['a*b*c', 'a-c-b', false],
    ['aa*aa', 'aaa', false],
  ])('%s fits %s: %s', (pattern, name, expected) => {
    expect(fits(pattern, tool(name))).toBe(expected);
  });

  it('read fits every tool that only reads', () => {
    expect([fits('read', tool('a', 'read')), fits('read', tool('a'))]).toEqual([true, false]);
  });
});

describe('what a person sees', () => {
  it.each([
    ['admin', { admin: ['*'] }, ['*']],
    ['approver', { admin: ['*'] }, null],
    ['admin', { operator: ['read'], admin: ['github__*'] }, ['read', 'github__*']],
    ['approver', { operator: ['read'], admin: ['github__*'] }, ['read']],
    ['viewer', { operator: ['read'] }, null],
    ['admin', undefined, null],
    // Of a version that knows other roles.
    ['admin', { owner: ['*'] }, null],
  ] as const)('as %s, where %j is named: %j', (role, named, patterns) => {
    expect(patternsOfPerson(role, named)).toEqual(patterns);
  });
});

describe('the view', () => {
  const as = (agent: string): Caller => ({ kind: 'task', tenantId: '', taskId: '', epoch: 1, agent });

  it('of agents are those of the catalogue', () => {
    const counts = ['dash', 'maya', 'echo', 'data_fabcon', 'arkie', 'learnbot', 'pulser', 'greeter'].map(
      (agent) => mcpCatalogue.filter((row) => sees(as(agent), row)).length,
    );
    expect(counts).toEqual([35, 26, 41, 40, 66, 25, 98, 0]);
  });

  it('of a key that names none is what only reads, and of a viewer nothing', () => {
    const key = { kind: 'principal', tenantId: '', id: 'k', name: 'k', mayAct: true, patterns: null } as const;
    expect(mcpCatalogue.filter((row) => sees(key, row))).toHaveLength(52);
    expect(mcpCatalogue.filter((row) => sees({ ...key, mayAct: false }, row))).toHaveLength(0);
    expect(mcpCatalogue.filter((row) => sees({ ...key, patterns: [] }, row))).toHaveLength(0);
  });
});
