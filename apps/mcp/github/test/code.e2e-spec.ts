import { calling, type Calling } from './calling.js';
import { repository } from './fake-answers.js';

describe('the code of a repository', () => {
  let github: Calling;
  let first: string;

  beforeAll(async () => {
    github = await calling();
    first = github.fake.git.push(
      'main',
      { 'README.md': '# Rockets\n', 'src/engine/burn.ts': 'export const burn = 1;\n' },
      'first',
      'ada',
    );
    github.fake.git.push('main', { 'src/index.ts': 'export {};\n', 'logo.bin': Buffer.from([0, 255, 1]) }, 'second');
    github.fake.git.push('main', { 'large.txt': 'é'.repeat(600_000) }, 'third');
  });
  afterEach(() => {
    const violations = [...github.fake.vendor.violations];
    github.fake.vendor.clear();
    expect(violations).toEqual([]);
  });
  afterAll(() => github.stop());

  it('says what a repository is, its languages most used first', async () => {
    const { result } = await github.call('repo_get');
    expect(result).toMatchObject({
      repository,
      default_branch: 'main',
      visibility: 'private',
      license: 'MIT',
      may: ['push', 'triage', 'pull'],
      languages: [
        { name: 'TypeScript', bytes: 900 },
        { name: 'Shell', bytes: 10 },
      ],
    });
  });

  it('lists a directory, and everything below it', async () => {
    const root = await github.call('repo_tree_list');
    expect(root.result).toMatchObject({
      entries: [
        { path: 'README.md', kind: 'file', size: 10 },
        { path: 'large.txt', kind: 'file' },
        { path: 'logo.bin', kind: 'file' },
        { path: 'src', kind: 'directory', size: null },
      ],
      next_cursor: null,
      truncated: false,
    });
    const below = await github.call('repo_tree_list', { path: 'src', recursive: true });
    expect(below.result?.['entries']).toMatchObject([
      { path: 'engine' },
      { path: 'engine/burn.ts' },
      { path: 'index.ts' },
    ]);
    const then = await github.call('repo_tree_list', { ref: first, path: 'src/engine' });
    expect(then.result?.['entries']).toMatchObject([{ path: 'burn.ts', kind: 'file' }]);
  });

  it('goes on through the pages of a tree although the branch has moved', async () => {
    const { result } = await github.call('repo_tree_list', { limit: 3 });
    const head = github.fake.git.branches.get('main') ?? '';
    github.fake.git.push('main', { 'AAA.md': 'new' });
    const rest = await github.call('repo_tree_list', { limit: 3, cursor: result?.['next_cursor'] });
    github.fake.git.branches.set('main', head);
    expect(rest.result).toMatchObject({ tree: result?.['tree'], entries: [{ path: 'src' }], next_cursor: null });
  });

  it('loses no entry of a tree whose paths are too long for one answer', async () => {
    const paths = Array.from({ length: 1_000 }, (_, number) => `${String(number).padStart(4, '0')}-${'x'.repeat(990)}`);
    github.fake.git.push('long', Object.fromEntries(paths.map((path) => [path, ''])));
    const listed: string[] = [];
    let cursor: unknown;
    do {
      const { result } = await github.call('repo_tree_list', {
        ref: 'long',
        limit: 1_000,
        ...(cursor !== undefined && { cursor }),
      });
      listed.push(...(result?.['entries'] as { path: string }[]).map(({ path }) => path));
      cursor = result?.['next_cursor'] ?? undefined;
    } while (cursor !== undefined);
    expect(listed).toEqual(paths);
    expect(github.fake.vendor.count('git/get-tree')).toBe(2);
  });

  it('names what is no directory, and what is not there', async () => {
    await expect(github.call('repo_tree_list', { path: 'README.md' })).resolves.toMatchObject({
      error: { code: 'invalid_args' },
    });
    await expect(github.call('repo_tree_list', { path: 'src/none' })).resolves.toMatchObject({
      error: { code: 'not_found' },
    });
    await expect(github.call('repo_file_get', { path: 'src' })).resolves.toMatchObject({
      error: { code: 'invalid_args' },
    });
    await expect(github.call('repo_file_get', { path: 'none.md' })).resolves.toMatchObject({
      error: { code: 'not_found' },
    });
  });

  it('reads a file as text, or in base64 where it is none', async () => {
    const text = await github.call('repo_file_get', { path: 'README.md' });
    expect(text.result).toMatchObject({
      encoding: 'utf-8',
      content: '# Rockets\n',
      size: 10,
      truncated: false,
      next_offset: null,
    });
    const bytes = await github.call('repo_file_get', { path: 'logo.bin', ref: 'main' });
    expect(bytes.result).toMatchObject({ encoding: 'base64', content: 'AP8B' });
  });

  it('reads a file of more than 1 MB in parts that lose no character', async () => {
    const start = await github.call('repo_file_get', { path: 'large.txt', max_bytes: 1_001 });
    expect(start.result).toMatchObject({
      content: 'é'.repeat(500),
      size: 1_200_000,
      truncated: true,
      next_offset: 1_000,
    });
    const end = await github.call('repo_file_get', { path: 'large.txt', offset: 1_199_998, max_bytes: 1_000 });
    expect(end.result).toMatchObject({ content: 'é', truncated: false, next_offset: null });
  });

  it('lists commits by path and author, page by page', async () => {
    const all = await github.call('commit_list', { limit: 2 });
    expect(all.result).toMatchObject({ commits: [{ message: 'third' }, { message: 'second' }], next_cursor: '2' });
    const rest = await github.call('commit_list', { limit: 2, cursor: '2' });
    expect(rest.result).toMatchObject({
      commits: [{ sha: first, message: 'first', author: 'ada', parents: [], verified: false }],
      next_cursor: null,
    });
    const ada = await github.call('commit_list', {
      author: 'ada',
      path: 'README.md',
      since: '2025-01-01T00:00:00Z',
      until: '2027-01-01T00:00:00Z',
    });
    expect(ada.result?.['commits']).toHaveLength(1);
  });

  describe('searched', () => {
    const found = (name: string) => ({
      name: 'burn.ts',
      path: 'src/burn.ts',
      repository: { full_name: name },
      text_matches: [{ fragment: 'const burn' }],
    });
    const asked = (): string | null | undefined => github.fake.vendor.requests.at(-1)?.query.get('q');

    it('is found in the named repositories', async () => {
      github.fake.codeFound = [found(repository)];
      const { result } = await github.client.call(
        'code_search',
        { query: 'burn in:file', repositories: [repository], language: 'typescript', path: 'src' },
        { variables: { GITHUB_TOKEN: 'ghp_0123456789abcdef', GITHUB_API_URL: github.fake.vendor.url } },
      );
      expect(asked()).toBe('burn in:file repo:acme/rockets language:typescript path:src');
      expect(result).toMatchObject({
        files: [{ repository, path: 'src/burn.ts', fragments: ['const burn'] }],
        incomplete: false,
        next_cursor: null,
      });
    });

    const search = (args: Record<string, unknown>, allowed?: string) =>
      github.client.call('code_search', args, {
        variables: {
          GITHUB_TOKEN: 'ghp_0123456789abcdef',
          GITHUB_API_URL: github.fake.vendor.url,
          ...(allowed !== undefined && { GITHUB_REPOSITORIES: allowed }),
        },
      });

    it('is found in allowed repositories only, whatever GitHub answers', async () => {
      github.fake.codeFound = [found('acme/web-shop'), found('acme/secrets'), found('other/web-shop')];
      const { result } = await search({ query: 'burn' }, 'acme/web-*, octocat/hello-world');
      expect(asked()).toBe('burn user:acme repo:octocat/hello-world');
      expect(result).toMatchObject({ files: [{ repository: 'acme/web-shop' }] });
    });

    it.each([
      ['a query that names a place by itself', { query: 'x OR repo:acme/secrets' }, 'acme/*', 'invalid_args'],
      ['a query with another spelling of it', { query: '-(ORG : acme)' }, 'acme/*', 'invalid_args'],
      ['a repository that is not allowed', { query: 'x', repositories: ['acme/secrets'] }, 'acme/web-*', 'refused'],
      ['no repository where none is listed', { query: 'x' }, undefined, 'invalid_args'],
      ['no repository where any owner is allowed', { query: 'x' }, '*/docs', 'invalid_args'],
    ])('asks nothing for %s', async (_, args, allowed, code) => {
      const { error } = await search(args, allowed);
      expect(error?.code).toBe(code);
      expect(github.fake.vendor.requests).toEqual([]);
    });
  });
});
