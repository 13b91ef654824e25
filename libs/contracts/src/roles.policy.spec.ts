import { reaches, roleNames, roles } from './roles.js';

describe('a role', () => {
  it.each([
    ['viewer', ['viewer']],
    ['operator', ['viewer', 'operator']],
    ['approver', ['viewer', 'operator', 'approver']],
    ['admin', ['viewer', 'operator', 'approver', 'admin']],
  ] as const)('%s may what %j may, and nothing more', (role, reached) => {
    expect(roleNames.filter((least) => reaches(role, least))).toEqual(reached);
  });

  it('has a rank that it shares with no other', () => {
    expect(new Set(roleNames.map((name) => roles[name].rank)).size).toBe(roleNames.length);
  });
});
