import { calling, type Calling } from './calling.js';
import { pullFields } from './fake-work.js';

const headSha = 'a'.repeat(40);
const passed = (name: string) => ({
  name,
  status: 'completed',
  conclusion: 'success',
  html_url: `https://github.example/${name}`,
});

describe('pull requests', () => {
  let github: Calling;

  beforeEach(async () => {
    github = await calling();
    github.fake.git.push('main', { 'README.md': '# Rockets\n' });
    github.fake.git.push('feature', { 'README.md': '# Rockets, faster\n' });
    github.fake.pulls = [pullFields(1), pullFields(2, { user: { login: 'ada' }, state: 'closed' }, 'old')];
    github.fake.checkRuns = [passed('build')];
  });
  afterEach(async () => {
    await github.stop();
    expect(github.fake.vendor.violations).toEqual([]);
  });

  it('are listed by state, base and head', async () => {
    const open = await github.call('pr_list', { base: 'main', head: 'feature' });
    expect(open.result).toMatchObject({
      pull_requests: [
        { number: 1, state: 'open', merged: false, author: 'octocat', head: { branch: 'feature', sha: headSha } },
      ],
      next_cursor: null,
    });
    const all = await github.call('pr_list', { state: 'all', limit: 1 });
    expect(all.result).toMatchObject({ pull_requests: [{ number: 1 }], next_cursor: '2' });
  });

  it('are found by author on later pages, too', async () => {
    const others = Array.from({ length: 130 }, (_, index) => pullFields(index + 10));
    github.fake.pulls = [...others, pullFields(500, { user: { login: 'Ada' } })];
    const { result } = await github.call('pr_list', { author: 'ada', limit: 5 });
    expect(result).toMatchObject({ pull_requests: [{ number: 500 }], next_cursor: null });
    expect(github.fake.vendor.count('pulls/list')).toBe(2);
  });

  it('come with diff, reviews and checks', async () => {
    github.fake.files = [
      { filename: 'README.md', status: 'modified', additions: 1, deletions: 1, patch: '@@ -1 +1 @@' },
      { filename: 'logo.png', status: 'added' },
    ];
    github.fake.reviews = [{ user: { login: 'ada' }, state: 'APPROVED', body: 'Good.' }];
    github.fake.statuses = [{ context: 'ci/legacy', state: 'pending' }];
    const { result } = await github.call('pr_get', { number: 1, limit: 1 });
    expect(result).toMatchObject({
      number: 1,
      mergeable: true,
      files: [{ path: 'README.md', status: 'modified', patch: '@@ -1 +1 @@', patch_truncated: false }],
      next_cursor: '2',
      reviews: [{ author: 'ada', state: 'APPROVED' }],
      checks: [
        { name: 'build', outcome: 'passed' },
        { name: 'ci/legacy', outcome: 'pending' },
      ],
      checks_complete: true,
      checks_unavailable: null,
      truncated: false,
    });
    const more = await github.call('pr_get', { number: 1, limit: 1, cursor: '2', diff: false });
    expect(more.result).toMatchObject({ files: [{ path: 'logo.png', patch: null }], next_cursor: null });
  });

  it('come with as much of the diff as there is room for', async () => {
    github.fake.files = ['a', 'b', 'c'].map((filename) => ({ filename, patch: filename.repeat(120_000) }));
    const { result } = await github.call('pr_get', { number: 1 });
    expect(result).toMatchObject({
      truncated: true,
      files: [{ patch_truncated: false }, { patch_truncated: true }, { patch: null, patch_truncated: true }],
    });
  });

  it('come without checks where the credential may not read them, and say so', async () => {
    github.fake.vendor.fail('checks/list-for-ref', {
      kind: 'answer',
      answer: {
        status: 403,
        headers: { 'x-accepted-github-permissions': 'checks=read' },
        body: { message: 'Resource not accessible by personal access token' },
      },
    });
    const { result } = await github.call('pr_get', { number: 1 });
    expect(result).toMatchObject({
      checks: [],
      checks_complete: false,
      checks_unavailable: expect.stringContaining('checks=read') as string,
    });
  });

  it('are opened, and the one that is open already is named', async () => {
    github.fake.pulls = [];
    const order = { head: 'feature', base: 'main', title: 'Faster', draft: true };
    const { result } = await github.call('pr_create', order);
    expect(result).toMatchObject({ number: 1, draft: true, title: 'Faster' });
    github.fake.vendor.fail('pulls/create', {
      kind: 'answer',
      answer: {
        status: 422,
        body: {
          message: 'Validation Failed',
          errors: [{ code: 'custom', message: 'A pull request already exists for acme:feature.' }],
        },
      },
    });
    const again = await github.call('pr_create', order);
    expect(again.error).toMatchObject({ code: 'conflict', message: 'Pull request 1 is open for feature already' });
    const none = await github.call('pr_create', { ...order, head: 'nowhere' });
    expect(none.error).toMatchObject({
      code: 'invalid_args',
      message: expect.stringContaining('head: invalid') as string,
    });
  });

  it('are reviewed with inline comments', async () => {
    const { result } = await github.call('pr_review_create', {
      number: 1,
      event: 'REQUEST_CHANGES',
      body: 'Two questions.',
      comments: [
        { path: 'README.md', line: 3, body: 'Why?' },
        { path: 'README.md', start_line: 5, line: 7, side: 'LEFT', body: 'How?' },
      ],
    });
    expect(result).toMatchObject({ state: 'CHANGES_REQUESTED', comments: 2 });
    expect(github.fake.comments).toEqual([
      { path: 'README.md', line: 3, side: 'RIGHT', body: 'Why?' },
      { path: 'README.md', line: 7, side: 'LEFT', start_line: 5, start_side: 'LEFT', body: 'How?' },
    ]);
    const silent = await github.call('pr_review_create', { number: 1, event: 'COMMENT' });
    expect(silent.error).toMatchObject({ code: 'invalid_args' });
    expect(github.fake.reviews).toHaveLength(1);
  });

  describe('are merged', () => {
    const merge = (args: Record<string, unknown> = {}) =>
      github.call('pr_merge', { number: 1, head_sha: headSha, ...args });

    it('when the checks pass and the rules allow it, once', async () => {
      github.fake.requiredContexts = ['build'];
      github.fake.rules = [{ type: 'pull_request', parameters: rule({ required_approving_review_count: 1 }) }];
      github.fake.reviews = [{ user: { login: 'ada' }, state: 'APPROVED' }];
      await expect(merge()).resolves.toMatchObject({
        result: { merged: true, sha: 'c'.repeat(40), already_merged: false },
      });
      await expect(merge()).resolves.toMatchObject({ result: { merged: true, already_merged: true } });
      expect(github.fake.vendor.count('pulls/merge')).toBe(1);
      expect(github.fake.vendor.requests.find(({ operation }) => operation === 'pulls/merge')?.body).toEqual({
        sha: headSha,
        merge_method: 'squash',
      });
    });

    it.each([
      [
        'a check that failed',
        () => void github.fake.checkRuns.push({ ...passed('lint'), conclusion: 'failure' }),
        'check lint is failed (failure)',
      ],
      [
        'a check that still runs',
        () => void github.fake.checkRuns.push({ ...passed('lint'), status: 'in_progress', conclusion: null }),
        'check lint is pending',
      ],
      [
        'a status that failed',
        () => void github.fake.statuses.push({ context: 'ci', state: 'error' }),
        'check ci is failed (error)',
      ],
      [
        'a failed check on a later page',
        () =>
          (github.fake.checkRuns = [
            ...Array.from({ length: 100 }, (_, n) => passed(`ok ${n}`)),
            { ...passed('last'), conclusion: 'failure' },
          ]),
        'check last is failed',
      ],
      [
        'a required check that is missing',
        () => (github.fake.requiredContexts = ['deploy']),
        'required check deploy has not reported',
      ],
      [
        'a check that a ruleset requires',
        () =>
          void github.fake.rules.push({
            type: 'required_status_checks',
            parameters: { strict_required_status_checks_policy: false, required_status_checks: [{ context: 'e2e' }] },
          }),
        'required check e2e has not reported',
      ],
      [
        'an approval that is missing',
        () =>
          void github.fake.rules.push({
            type: 'pull_request',
            parameters: rule({ required_approving_review_count: 2 }),
          }),
        '0 of 2 required approvals',
      ],
      [
        'a verdict that GitHub does not explain',
        () => Object.assign(github.fake.pulls[0] ?? {}, { mergeable_state: 'blocked' }),
        'the rules of the base branch do not allow it',
      ],
      [
        'a conflict',
        () => Object.assign(github.fake.pulls[0] ?? {}, { mergeable: false, mergeable_state: 'dirty' }),
        'it conflicts with its base',
      ],
      [
        'a draft',
        () => Object.assign(github.fake.pulls[0] ?? {}, { draft: true, mergeable_state: 'draft' }),
        'it is a draft',
      ],
    ])('not with %s', async (_, arrange, reason) => {
      arrange();
      const { error } = await merge();
      expect(error).toMatchObject({ code: 'refused', message: expect.stringContaining(reason) as string });
      expect(github.fake.vendor.count('pulls/merge')).toBe(0);
    });

    it('not when the head is another one than was reviewed, or the pull request is closed', async () => {
      await expect(merge({ head_sha: 'd'.repeat(40) })).resolves.toMatchObject({ error: { code: 'conflict' } });
      await expect(merge({ number: 2 })).resolves.toMatchObject({ error: { code: 'conflict' } });
      expect(github.fake.vendor.count('pulls/merge')).toBe(0);
    });

    it('not when the checks cannot be read', async () => {
      github.fake.vendor.fail('checks/list-for-ref', {
        kind: 'answer',
        answer: { status: 403, body: { message: 'Resource not accessible' } },
      });
      await expect(merge()).resolves.toMatchObject({ error: { code: 'refused' } });
      expect(github.fake.vendor.count('pulls/merge')).toBe(0);
    });

    it('after GitHub has worked out that they can be', async () => {
      const unknown = pullFields(1, { mergeable: null, mergeable_state: 'unknown' });
      const [known] = github.fake.pulls;
      github.fake.pulls = [unknown];
      const looked = github.fake.vendor;
      const answer = merge();
      const timer = setInterval(() => {
        if (looked.count('pulls/get') > 0 && known !== undefined) github.fake.pulls = [known];
      }, 5);
      await expect(answer).resolves.toMatchObject({ result: { merged: true } });
      clearInterval(timer);
      expect(looked.count('pulls/get')).toBeGreaterThan(1);
    });

    it('not with a method that the base branch does not allow', async () => {
      github.fake.rules = [{ type: 'required_linear_history' }];
      await expect(merge({ method: 'merge' })).resolves.toMatchObject({
        error: { code: 'refused', message: expect.stringContaining('method merge') as string },
      });
    });
  });
});

const rule = (given: Record<string, number>) => ({
  ...{ dismiss_stale_reviews_on_push: false, require_code_owner_review: false, require_last_push_approval: false },
  ...{ required_review_thread_resolution: false, ...given },
});
