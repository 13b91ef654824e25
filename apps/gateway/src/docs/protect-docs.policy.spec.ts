import { docsKey, pagePolicy } from './protect-docs.js';

const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;

describe('the key of a request for the documentation', () => {
  it.each([['Bearer abc'], [basic('anybody:abc')], [basic(':abc')]])('is read from %j', (header) => {
    expect(docsKey(header)).toBe('abc');
  });

  it.each([[undefined], [''], ['Basic'], ['Basic é'], [basic('abc')], [basic('a:')], [basic(`a:${'x'.repeat(201)}`)]])(
    'is not read from %j',
    (header) => {
      expect(docsKey(header)).toBeUndefined();
    },
  );
});

describe('the content security policy of a page', () => {
  const policy = pagePolicy('<style>a{}</style><svg style="width:0"></svg><style>a{}</style><script>x()</script>');

  it('allows the styles that the page has, by their hashes', () => {
    // printf 'a{}' | openssl dgst -sha256 -binary | base64
    expect(policy).toContain("style-src 'self' 'sha256-X1RutGBrXCt9KkSaXMK7tHftWiRscFHOhxsS8tv8hBk=';");
    expect(policy).toMatch(/style-src-attr 'unsafe-hashes' 'sha256-[^']+';/);
  });

  it('allows no script within the page, and nothing from elsewhere', () => {
    expect(policy).toContain("default-src 'none'; script-src 'self'; connect-src 'self';");
    expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|https?:/);
  });
});
