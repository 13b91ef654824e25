import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';

import { history } from './fixtures/history.js';
import { GitRepository } from './git-repository.js';
import { changelog } from './run.js';

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0);

describe('the changelog of a history', () => {
  const repository = new GitRepository();
  let bundle: Buffer;

  beforeAll(() => {
    for (const commit of history) repository.commit(commit);
    bundle = repository.bundle('--all');
  });

  afterAll(() => {
    repository.remove();
  });

  const ofBundle = (more: Readonly<Record<string, unknown>> = {}): ReturnType<typeof changelog> =>
    changelog({ bundle: { content_base64: bundle.toString('base64') }, ...more });

  it('has every commit of the bundle in one release, and each in one place', async () => {
    const { result } = await ofBundle();
    expect(result.commits).toBe(Number(repository.git('rev-list', '--count', 'HEAD')));
    expect(result.releases.map(({ version, commits }) => [version, commits])).toEqual([
      [null, Number(repository.git('rev-list', '--count', 'v1.1.0..HEAD'))],
      ['1.1.0', Number(repository.git('rev-list', '--count', 'v1.0.0..v1.1.0'))],
      ['1.0.0', Number(repository.git('rev-list', '--count', 'v1.0.0'))],
    ]);
    for (const { commits, notable, internal, not_conventional, merges, reverted, reverts } of result.releases)
      expect(sum(Object.values(notable)) + internal + not_conventional + merges + reverted + reverts).toBe(commits);
  });

  it('names the next version, and what breaks', async () => {
    const { result, text } = await ofBundle({ date: '2026-11-29', project: 'greeter' });
    expect(result).toMatchObject({ current_version: '1.1.0', next_version: '2.0.0', release: 'major' });
    expect(result.releases[0]).toMatchObject({ breaking: 3, merges: 1, reverted: 2, reverts: 1 });
    expect(text).toContain('## [2.0.0] - 2026-11-29');
    expect(text).toContain('## [1.1.0] - 2026-01-01');
    expect(text).toMatch(/- \*\*Breaking:\*\* the exit code\. scripts that ignore the code see 3 now \([0-9a-f]{9}\)/);
    expect(text).toMatch(/- \*\*Breaking:\*\* newer node\. node 24 is needed/);
    expect(text).toContain('- **api:** greet in `fr` and de (');
    expect(text).not.toContain('the moon');
    expect(text).toContain('- Taken back: feat(cli): --shout');
  });

  it('lists what is not conventional, without HTML', async () => {
    const { result, text } = await ofBundle();
    expect(result.not_conventional.map(({ subject, version }) => [subject, version])).toEqual([
      ['fixup! feat: greet by name', null],
      ['Tidy up <script>alert(1)</script>', null],
      ['Initial commit', '1.0.0'],
    ]);
    expect(text).toContain('### Other commits');
    expect(text).toContain('Tidy up \\<script\\>alert(1)\\</script\\>');
    expect(result.internal_by_type).toEqual({ chore: 1, docs: 1 });
  });

  it('is the same from what git log prints', async () => {
    const ofLog = await changelog({ commits: repository.git('log', '--decorate') });
    const { result } = await ofBundle();
    expect(ofLog.result.next_version).toBe(result.next_version);
    expect(ofLog.result.releases).toEqual(result.releases);
    expect((await changelog({ commits: repository.git('log', '--oneline', '--decorate') })).result.commits).toBe(
      result.commits,
    );
  });

  it('reads the bundle from a file that a reference names', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'bundle-'));
    writeFileSync(join(folder, 'a.bundle'), bundle);
    const reference = `upload:${'0'.repeat(64)}`;
    const { result } = await changelog(
      { bundle: { reference } },
      { data: { [reference]: { path: join(folder, 'a.bundle') } } },
    );
    rmSync(folder, { recursive: true });
    expect(result.releases).toEqual((await ofBundle()).result.releases);
  });

  it('says where the history of a bundle of some commits begins', async () => {
    const part = repository.bundle('main', '^v1.1.0');
    const { result } = await changelog({
      bundle: { content_base64: part.toString('base64') },
      current_version: '1.1.0',
    });
    expect(result.commits).toBe(Number(repository.git('rev-list', '--count', 'v1.1.0..HEAD')));
    expect(result.notes[1]).toBe('The bundle begins after 1 commits that it does not have: what is older is not told');
    expect(result.next_version).toBe('2.0.0');
  });

  it('finds commits that the pack keeps as differences to others', async () => {
    const large = new GitRepository();
    const body = Array.from({ length: 400 }, (_, line) => `Line ${line} of a long body that all of them share`).join(
      '\n',
    );
    for (let index = 0; index < 30; index += 1) large.commit({ message: `feat: part ${index}\n\n${body}` });
    large.git('repack', '-adfq', '--depth=50');
    expect(large.deltas()).toBeGreaterThan(10);
    const { result } = await changelog({ bundle: { content_base64: large.bundle('--all').toString('base64') } });
    large.remove();
    expect(result.releases[0]?.notable).toEqual({ Added: 30 });
  });

  it.each([
    ['1.4.2', 'fix: a', '1.4.3'],
    ['1.4.2', 'feat: a', '1.5.0'],
    ['1.4.2', 'docs: a', '1.4.2'],
    ['0.4.2', 'feat!: a', '0.5.0'],
    ['0.4.2', 'feat: a', '0.4.3'],
    [undefined, 'feat: a', '0.1.0'],
    ['tomorrow', 'feat: a', null],
  ])('goes from %s by %j to %s', async (current_version, commits, next) => {
    expect((await changelog({ commits, current_version })).result.next_version).toBe(next);
  });

  it('says when what is not conventional may change the version', async () => {
    const { result } = await changelog({ commits: 'fix: a\nSomething', current_version: '1.0.0' });
    expect(result.notes).toEqual([
      '1 unreleased commits are not conventional: if one of them breaks something, the next version is another',
    ]);
  });

  it('knows that a revert was taken back', async () => {
    const commits = [
      { hash: 'ccccccc', message: 'Revert "Revert "feat: a""\n\nThis reverts commit bbbbbbb.' },
      { hash: 'bbbbbbb', message: 'Revert "feat: a"\n\nThis reverts commit aaaaaaa.' },
      { hash: 'aaaaaaa', message: 'feat: a' },
    ];
    const { result } = await changelog({ commits });
    expect(result.releases[0]).toMatchObject({ notable: { Added: 1 }, reverted: 2 });
  });

  const packOf = (...objects: readonly Buffer[]): string => {
    const head = Buffer.from('PACK\0\0\0\x02\0\0\0\0', 'latin1');
    head.writeUInt32BE(objects.length, 8);
    const header = Buffer.from(`# v2 git bundle\n${'a'.repeat(40)} refs/heads/main\n\n`);
    return Buffer.concat([header, head, ...objects, Buffer.alloc(20)]).toString('base64');
  };

  it.each([
    ['no bundle', () => Buffer.from('PACK').toString('base64')],
    ['half of a bundle', () => bundle.subarray(0, bundle.length / 2).toString('base64')],
    ['a pack of nothing', () => packOf()],
    ['an object of 2 GB', () => packOf(Buffer.from([0xb0, 0x80, 0x80, 0x80, 0x80, 0x7f]))],
    [
      'more bytes than an object says',
      () => packOf(Buffer.concat([Buffer.from([0x35]), deflateSync(Buffer.alloc(50_000_000))])),
    ],
    [
      'a delta without a base',
      () => packOf(Buffer.concat([Buffer.from([0x65, 0x05]), deflateSync(Buffer.from('abcde'))])),
    ],
  ])('is refused for %s', async (_, content) => {
    await expect(changelog({ bundle: { content_base64: content() } })).rejects.toMatchObject({
      code: 'document_unreadable',
    });
  });

  it.each([{}, { commits: 'feat: a', bundle: { content_base64: 'AAAA' } }])(
    'wants commits or a bundle: %j',
    async (input) => {
      await expect(changelog(input)).rejects.toMatchObject({ code: 'invalid_payload' });
    },
  );
});
