import { pagePolicy } from './page-policy.policy.js';

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
