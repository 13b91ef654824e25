import { safeHref } from './href.policy.js';

describe('a link in the text of a tenant', () => {
  it.each(['https://example.com/a?b=c', 'http://example.com/', 'mailto:a@example.com'])('may lead to %s', (url) => {
    expect(safeHref(url)).toBe(url);
  });

  it.each([
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'java\nscript:alert(1)',
    'data:text/html,<script>alert(1)</script>',
    'vbscript:x',
    'blob:https://example.com/1',
    '//example.com',
    '/api/v1/keys',
    'file:///etc/passwd',
    '',
  ])('leads nowhere: %j', (url) => {
    expect(safeHref(url)).toBeUndefined();
  });
});
