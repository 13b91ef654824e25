import { outgoingRulesOf, parseOutgoingEnv } from '@pulser/outgoing/client';
import { testClient } from '@pulser/mcp-server-kit/testing';
import { mcpCatalogue } from '@pulser/roster';

import { github as server } from '../src/server.js';
import { calling, variablesOf, type Calling } from './calling.js';
import { repository, token } from './fake-answers.js';

const answer = (status: number, body: Record<string, unknown>, headers: Record<string, string> = {}) =>
  ({ kind: 'answer', answer: { status, headers, body: body as Record<string, string> } }) as const;

describe('the tools of GitHub', () => {
  let github: Calling;

  beforeAll(async () => {
    github = await calling();
    github.fake.git.push('main', { 'README.md': '# Rockets\n' });
  });
  beforeEach(() => {
    github.fake.vendor.clear();
  });
  afterAll(() => github.stop());

  const examples = server.tools.map(({ name, examples: [example] }) => [name, example?.arguments ?? {}] as const);

  it('are those of the catalogue, with its flags', () => {
    const rows = mcpCatalogue.filter((row) => row.server === 'github').map(({ tool, flag }) => ({ name: tool, flag }));
    const ours = server.tools.map(({ name, flag }) => ({ name, flag }));
    const byName = (left: { name: string }, right: { name: string }): number => (left.name < right.name ? -1 : 1);
    expect(ours.toSorted(byName)).toEqual(rows.toSorted(byName));
    expect(ours).toHaveLength(18);
  });

  it.each(examples)('%s says without a token which variable is missing, and asks nothing', async (name, args) => {
    const variables = { GITHUB_API_URL: github.fake.vendor.url };
    const { error } = await github.client.call(name, args, { variables });
    expect(error).toMatchObject({ code: 'not_configured', message: expect.stringContaining('GITHUB_TOKEN') as string });
    expect(github.fake.vendor.requests).toEqual([]);
  });

  it.each(examples)('%s refuses a repository that is not allowed, and asks nothing', async (name, args) => {
    const variables = { ...variablesOf(github.fake), GITHUB_REPOSITORIES: 'acme/*' };
    const { error } = await github.client.call(name, args, { variables });
    expect(error?.code).toBe('refused');
    expect(github.fake.vendor.requests).toEqual([]);
  });

  it.each(['../x', 'acme/..', 'acme/.', 'acme/a/b', 'acme', 'acme/a?x', 'acme/a%2Fb', ''])(
    'take %p for no repository',
    async (name) => {
      const { error } = await github.call('repo_get', { repository: name });
      expect(error?.code).toBe('invalid_args');
      expect(github.fake.vendor.requests).toEqual([]);
    },
  );

  it.each([
    [
      'a token that is not valid',
      answer(401, { message: 'Bad credentials' }),
      { code: 'refused', message: /does not accept GITHUB_TOKEN/ },
    ],
    [
      'a right that is missing',
      answer(
        403,
        { message: 'Resource not accessible by personal access token' },
        { 'x-accepted-github-permissions': 'contents=read' },
      ),
      { code: 'refused', message: /it needs contents=read/ },
    ],
    [
      'a token without single sign-on',
      answer(
        403,
        { message: 'Resource protected by organization SAML enforcement.' },
        { 'x-github-sso': 'required; url=https://github.example/sso' },
      ),
      { code: 'refused', message: /single sign-on/ },
    ],
    [
      'a used up rate limit',
      answer(
        403,
        { message: 'API rate limit exceeded' },
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(Math.ceil(Date.now() / 1000) + 3_600) },
      ),
      { code: 'rate_limited', retry: [1, 3_601] },
    ],
    [
      'the second rate limit',
      answer(429, { message: 'You have exceeded a secondary rate limit' }, { 'retry-after': '17' }),
      { code: 'rate_limited', retry: [17, 17] },
    ],
    ['what is not there', answer(404, { message: 'Not Found' }), { code: 'not_found', message: /may not see it/ }],
    ['a conflict', answer(409, { message: 'Git Repository is empty.' }), { code: 'conflict', message: /is empty/ }],
    [
      'fields that are wrong',
      answer(422, {
        message: 'Validation Failed',
        errors: [{ resource: 'Issue', field: 'title', code: 'missing_field' }, 'and more'],
      }),
      { code: 'invalid_args', message: /Validation Failed; title: missing_field; and more/ },
    ],
    [
      'what the law forbids',
      answer(451, { message: 'Repository access blocked' }),
      { code: 'refused', message: /blocked/ },
    ],
    [
      'a repository that was renamed',
      answer(301, { message: 'Moved Permanently' }, { location: '/repositories/1' }),
      { code: 'not_found', message: /another name/ },
    ],
    ['a failure', answer(502, { message: 'Server Error' }), { code: 'upstream_error', message: /502/ }],
    [
      'a page of a proxy',
      { kind: 'answer', answer: { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' } } as const,
      { code: 'upstream_error' },
    ],
    ['JSON that is none', { kind: 'malformed' } as const, { code: 'upstream_error', message: /not JSON/ }],
    ['another shape than documented', answer(200, { name: 'x' }), { code: 'upstream_error' }],
    ['an answer that is cut', { kind: 'truncated' } as const, { code: 'upstream_error', message: /lost/ }],
  ])('end as themselves: %s', async (_, fault, expected: { code: string; message?: RegExp; retry?: number[] }) => {
    github.fake.vendor.fail('repos/get', fault);
    const { error, result } = await github.call('repo_get');
    expect(result).toBeUndefined();
    expect(error?.code).toBe(expected.code);
    if (expected.message) expect(error?.message).toMatch(expected.message);
    const [least, most] = expected.retry ?? [];
    if (least !== undefined) expect(error?.retry_after_s).toBeGreaterThanOrEqual(least);
    if (most !== undefined) expect(error?.retry_after_s).toBeLessThanOrEqual(most);
    expect(error?.message).not.toContain(token);
  });

  it('end with their time when GitHub does not answer', async () => {
    const outgoing = outgoingRulesOf(parseOutgoingEnv({ OUTGOING_TIMEOUT_S: '0.3' }));
    const client = await testClient(server, { outgoing });
    github.fake.vendor.fail('repos/get', { kind: 'silent' });
    const { error } = await client.call('repo_get', { repository }, { variables: variablesOf(github.fake) });
    await client.close();
    expect(error?.code).toBe('timeout');
  });

  it('never send the token to a private address that the operator did not allow', async () => {
    const { error } = await github.call('repo_get', {}, { privateAddresses: false });
    expect(error?.code).toBe('refused');
    expect(github.fake.vendor.requests).toEqual([]);
  });

  it('do not repeat a write that GitHub may have done', async () => {
    github.fake.vendor.fail('issues/create', { kind: 'truncated' });
    const { error } = await github.call('issue_create', { title: 'Cold' });
    expect(error?.code).toBe('upstream_error');
    expect(github.fake.vendor.count('issues/create')).toBe(1);
  });
});
