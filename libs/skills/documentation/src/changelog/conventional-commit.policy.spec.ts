import { CommitParser } from 'conventional-commits-parser';

import { conventional, revertOf } from './conventional-commit.policy.js';

const read = (message: string): unknown => {
  const found = conventional(message);
  return found && [found.type, found.scope, found.description, found.breaking];
};

describe('a conventional commit', () => {
  // The examples of the specification, and what it says in words.
  it.each([
    ['docs: correct spelling of CHANGELOG', ['docs', undefined, 'correct spelling of CHANGELOG', undefined]],
    ['feat(lang): add Polish language', ['feat', 'lang', 'add Polish language', undefined]],
    [
      'feat!: send an email to the customer',
      ['feat', undefined, 'send an email to the customer', 'send an email to the customer'],
    ],
    ['feat(api)!: send an email', ['feat', 'api', 'send an email', 'send an email']],
    [
      'chore!: drop support for Node 6\n\nBREAKING CHANGE: use JavaScript features not available in Node 6.',
      ['chore', undefined, 'drop support for Node 6', 'use JavaScript features not available in Node 6.'],
    ],
    [
      'feat: a\n\nBREAKING CHANGE: `extends` key is used\n  for other files\nReviewed-by: Z',
      ['feat', undefined, 'a', '`extends` key is used for other files'],
    ],
    ['fix: a\n\nBREAKING-CHANGE: b', ['fix', undefined, 'a', 'b']],
    ['fix: a\n\nBREAKING CHANGE #12', ['fix', undefined, 'a', '12']],
    ['fix: a\n\nbreaking change: b', ['fix', undefined, 'a', undefined]],
    ['FEAT: a', ['feat', undefined, 'a', undefined]],
  ])('%j', (message, expected) => {
    expect(read(message)).toEqual(expected);
  });

  it.each([
    'Initial commit',
    'feat:no blank',
    'feat : a',
    'feat(: a',
    'feat(a: b',
    ': a',
    'feat:',
    'Merge branch a: b',
    'http://a',
    '',
  ])('is not %j', (message) => {
    expect(read(message)).toBeUndefined();
  });

  it('is read as conventional-commits-parser does it', () => {
    const parser = new CommitParser({ headerPattern: /^(\w*)(?:\(([^()]*)\))?!?: (.*)$/ });
    for (const message of ['feat(a): b', 'fix: c', 'perf(x-y)!: z', 'docs(a, b): c', 'no', 'a b: c']) {
      const { type, scope, subject } = parser.parse(message);
      const own = conventional(message);
      expect([own?.type ?? null, own?.scope ?? null, own?.description ?? null]).toEqual([
        type ?? null,
        scope ?? null,
        subject ?? null,
      ]);
    }
  });

  it('is read at once, whatever its length', () => {
    const started = process.cpuUsage();
    for (const text of [
      'a'.repeat(1_000_000),
      `feat(${'('.repeat(500_000)}`,
      `feat: ${' '.repeat(500_000)}`,
      'BREAKING CHANGE:'.repeat(60_000),
      '\n'.repeat(1_000_000),
    ]) {
      conventional(text);
      revertOf(text);
    }
    // Processor time, in microseconds: a busy machine does not stretch it.
    expect(process.cpuUsage(started).user).toBeLessThan(2_000_000);
  });

  it.each([
    [
      'Revert "feat: a"\n\nThis reverts commit 676104e0b8a2b8a2b8a2b8a2b8a2b8a2b8a2b8a2.',
      { hash: '676104e0b8a2b8a2b8a2b8a2b8a2b8a2b8a2b8a2', header: 'feat: a' },
    ],
    [
      'revert: let us never again speak of it\n\nRefs: 676104e, a215868',
      { hash: '676104e', header: 'let us never again speak of it' },
    ],
    ['feat: revert a', undefined],
  ])('takes another one back: %j', (message, expected) => {
    expect(revertOf(message)).toEqual(expected);
  });
});
