import { calling, type Calling } from './calling.js';
import { issueFields } from './fake-work.js';

describe('issues', () => {
  let github: Calling;

  beforeEach(async () => {
    github = await calling();
  });
  afterEach(async () => {
    await github.stop();
    expect(github.fake.vendor.violations).toEqual([]);
  });

  const asked = () => github.fake.vendor.requests.at(-1)?.query;

  it('are listed without pull requests, page by page', async () => {
    github.fake.issues = [
      issueFields(1, 'Cold', { labels: [{ name: 'bug' }, 'docs'], assignees: [{ login: 'ada' }] }),
      issueFields(2, 'A pull request', {
        pull_request: { url: null, html_url: null, diff_url: null, patch_url: null },
      }),
      issueFields(3, 'Hot', { body: 'x'.repeat(5_000) }),
    ];
    const { result } = await github.call('issue_list', {
      limit: 2,
      labels: ['bug', 'docs'],
      author: 'octocat',
      assignee: 'ada',
      updated_since: '2026-01-01T00:00:00Z',
    });
    expect(result).toMatchObject({
      issues: [{ number: 1, title: 'Cold', labels: ['bug', 'docs'], assignees: ['ada'], author: 'octocat' }],
      incomplete: false,
      next_cursor: '2',
    });
    expect(Object.fromEntries(asked() ?? [])).toMatchObject({
      labels: 'bug,docs',
      creator: 'octocat',
      assignee: 'ada',
      since: '2026-01-01T00:00:00Z',
    });
    const rest = await github.call('issue_list', { limit: 2, cursor: '2' });
    expect(rest.result).toMatchObject({ issues: [{ number: 3, excerpt: 'x'.repeat(500) }], next_cursor: null });
  });

  it('are searched in the repository alone, whatever GitHub answers', async () => {
    github.fake.issuesFound = [
      issueFields(4, 'Leak'),
      issueFields(5, 'Elsewhere', { repository_url: 'https://github.example/api/v3/repos/acme/secrets' }),
    ];
    const { result } = await github.call('issue_list', { query: 'leak OR drip', labels: ['bug'], author: 'octocat' });
    expect(asked()?.get('q')).toBe('repo:acme/rockets is:issue state:open label:"bug" author:octocat leak OR drip');
    expect(result).toMatchObject({ issues: [{ number: 4 }], incomplete: true });
    const elsewhere = await github.call('issue_list', { query: 'leak repo:acme/secrets' });
    expect(elsewhere.error?.code).toBe('invalid_args');
  });

  it('are opened, and what GitHub left out is named', async () => {
    const { result } = await github.call('issue_create', {
      title: 'Cold',
      body: 'At night.',
      labels: ['bug', 'unknown'],
      assignees: ['octocat', 'stranger'],
    });
    expect(result).toMatchObject({
      number: 1,
      labels: ['bug'],
      assignees: ['octocat'],
      ignored: ['unknown', 'stranger'],
    });
  });

  it('are commented on', async () => {
    github.fake.issues = [issueFields(1, 'Cold')];
    const { result } = await github.call('issue_comment_create', { number: 1, body: 'Here as well.' });
    expect(result).toMatchObject({ id: 1, created_at: '2026-03-01T00:00:00Z' });
    expect(github.fake.comments).toEqual([{ body: 'Here as well.' }]);
    const none = await github.call('issue_comment_create', { number: 9, body: 'x' });
    expect(none.error?.code).toBe('not_found');
  });
});
