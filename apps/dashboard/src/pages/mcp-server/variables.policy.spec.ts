import { withVariable } from './variables.policy.js';

describe('the variables of a tenant', () => {
  const all = { github: { GITHUB_API_URL: 'https://one.example' }, superset: { URL: 'x' } };

  it('get a value, or another one, and keep all others', () => {
    expect(withVariable({}, 'github', 'GITHUB_API_URL', 'u')).toEqual({ github: { GITHUB_API_URL: 'u' } });
    expect(withVariable(all, 'github', 'GITHUB_REPOSITORIES', 'a/b')).toEqual({
      ...all,
      github: { GITHUB_API_URL: 'https://one.example', GITHUB_REPOSITORIES: 'a/b' },
    });
  });

  it('lose one, and the server with its last', () => {
    expect(withVariable(all, 'github', 'GITHUB_API_URL', '')).toEqual({ superset: { URL: 'x' } });
  });
});
