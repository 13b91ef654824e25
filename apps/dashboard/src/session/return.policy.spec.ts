import { codeOf, returnPath, withoutFragment } from './return.policy.js';

describe('the way back from the login', () => {
  it.each(['/tasks?status=failed', '/', '/tasks/01a20706-61b3-75f5-bc08-21fcde8b6b89'])(
    'leads to a place of the page: %s',
    (place) => {
      expect(returnPath(place)).toBe(place);
    },
  );

  it.each([
    '//evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '\t//evil.example',
    '/\n\\evil.example',
    '/.//evil.example',
    'https://evil.example',
    'javascript:alert(1)',
    '/login?back=/',
    undefined,
    7,
    `/${'x'.repeat(3_000)}`,
  ])('leads nowhere else: %j', (place) => {
    expect(returnPath(place)).toBe('/');
  });
});

it('is known without the fragment, which may hold a code', () => {
  const place = { pathname: '/tasks', searchStr: '?status=failed', hash: 'code=abcdefgh' };
  expect(withoutFragment(place)).toBe('/tasks?status=failed');
});

describe('the code of a one-time link', () => {
  it('stands in the fragment', () => {
    expect(codeOf('#code=abcDEF_123-~.')).toBe('abcDEF_123-~.');
  });

  it.each(['', '#', '#code=', '#code=a b', '#code=<script>', '#other=abcdefgh'])('is none in %j', (fragment) => {
    expect(codeOf(fragment)).toBeUndefined();
  });
});
