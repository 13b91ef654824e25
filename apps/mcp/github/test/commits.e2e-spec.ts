import { calling, type Calling } from './calling.js';

describe('changes of a repository', () => {
  let github: Calling;

  beforeEach(async () => {
    github = await calling();
    github.fake.git.push('main', { 'README.md': '# Rockets\n', 'old.md': 'old' });
    github.fake.git.branches.set('feature', github.fake.git.branches.get('main') ?? '');
  });
  afterEach(async () => {
    await github.stop();
    expect(github.fake.vendor.violations).toEqual([]);
  });

  const head = (branch: string): string => github.fake.git.branches.get(branch) ?? '';

  it('creates a branch, once', async () => {
    const created = await github.call('branch_create', { branch: 'fix/leak', from: 'main' });
    expect(created.result).toEqual({ branch: 'fix/leak', sha: head('main'), created: true });
    const again = await github.call('branch_create', { branch: 'fix/leak' });
    expect(again.result).toEqual({ branch: 'fix/leak', sha: head('main'), created: false });
    github.fake.git.push('main', { 'more.md': 'more' });
    const moved = await github.call('branch_create', { branch: 'fix/leak' });
    expect(moved.error).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('fix/leak is there already') as string,
    });
  });

  it('says of an unknown start that it is none', async () => {
    const { error } = await github.call('branch_create', { branch: 'fix/leak', from: 'nowhere' });
    expect(error).toMatchObject({
      code: 'invalid_args',
      message: expect.stringContaining('No commit found') as string,
    });
  });

  it('commits several files as one commit', async () => {
    const before = head('feature');
    const { result } = await github.call('file_commit', {
      branch: 'feature',
      message: 'docs: say more',
      files: [
        { path: 'README.md', content: '# Rockets\n\nThey fly.\n' },
        { path: 'img/a.bin', content: 'AP8B', encoding: 'base64' },
        { path: 'run.sh', content: '#!/bin/sh\n', executable: true },
        { path: 'old.md', delete: true },
      ],
      expected_head: before,
    });
    expect(result).toMatchObject({ branch: 'feature', sha: head('feature'), committed: true });
    const commit = github.fake.git.commits.get(head('feature'));
    expect(commit).toMatchObject({ message: 'docs: say more', parents: [before] });
    const files = github.fake.git.filesOf(head('feature'));
    expect([...files.keys()]).toEqual(['README.md', 'img/a.bin', 'run.sh']);
    expect(files.get('run.sh')?.mode).toBe('100755');
    expect(github.fake.git.blobs.get(files.get('img/a.bin')?.sha ?? '')).toEqual(Buffer.from([0, 255, 1]));
  });

  it('makes no commit of a repeat', async () => {
    const change = { branch: 'feature', message: 'docs: say more', files: [{ path: 'README.md', content: 'new' }] };
    await github.call('file_commit', change);
    const after = head('feature');
    const again = await github.call('file_commit', change);
    expect(again.result).toEqual({ branch: 'feature', sha: after, committed: false, url: null });
    expect(head('feature')).toBe(after);
  });

  it.each([
    ['the default branch', { branch: 'main' }, 'refused'],
    ['the default branch by its whole name', { branch: 'refs/heads/main' }, 'invalid_args'],
    ['a branch that is not there', { branch: 'none' }, 'not_found'],
    ['a branch that has moved', { expected_head: 'f'.repeat(40) }, 'conflict'],
    ['a path outside', { files: [{ path: '../x', content: '' }] }, 'invalid_args'],
    ['a path into git itself', { files: [{ path: 'a/.GIT/config', content: '' }] }, 'invalid_args'],
    [
      'a path twice',
      {
        files: [
          { path: 'a', content: '' },
          { path: 'a', content: 'b' },
        ],
      },
      'invalid_args',
    ],
    ['a file without content', { files: [{ path: 'a' }] }, 'invalid_args'],
    ['a file to delete that is not there', { files: [{ path: 'none.md', delete: true }] }, 'invalid_args'],
  ])('commits nothing to %s', async (_, args, code) => {
    const before = new Map(github.fake.git.branches);
    const { error } = await github.call('file_commit', {
      branch: 'feature',
      message: 'm',
      files: [{ path: 'a', content: 'a' }],
      ...args,
    });
    expect(error?.code).toBe(code);
    expect(github.fake.git.branches).toEqual(before);
  });

  it('never commits to a default branch with another name', async () => {
    github.fake.defaultBranch = 'feature';
    const { error } = await github.call('file_commit', {
      branch: 'feature',
      message: 'm',
      files: [{ path: 'a', content: 'a' }],
    });
    expect(error?.code).toBe('refused');
  });

  it('does not overwrite a commit that came in between', async () => {
    github.fake.vendor.fail('git/update-ref', {
      kind: 'answer',
      answer: { status: 422, body: { message: 'Update is not a fast forward', documentation_url: 'x' } },
    });
    const { error } = await github.call('file_commit', {
      branch: 'feature',
      message: 'm',
      files: [{ path: 'a', content: 'a' }],
    });
    expect(error?.code).toBe('conflict');
  });
});
