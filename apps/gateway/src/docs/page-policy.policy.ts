import { createHash } from 'node:crypto';

const hashed = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

const contentsOf = (html: string, pattern: RegExp): string[] =>
  [...html.matchAll(pattern)].map(([, text = '']) => text);

const sources = (...list: readonly string[]): string => [...new Set(list)].join(' ');

/**
 * The Content-Security-Policy of a page of ours: it loads from its own server alone, and of styles within the page
 * exactly those are allowed that it has. Scripts within the page are not.
 */
export const pagePolicy = (html: string): string => {
  const styles = contentsOf(html, /<style>([^]*?)<\/style>/g).map(hashed);
  const attributes = contentsOf(html, /\sstyle="([^"]*)"/g).map(hashed);
  return [
    "default-src 'none'",
    "script-src 'self'",
    "connect-src 'self'",
    "img-src 'self' data:",
    `style-src ${sources("'self'", ...styles)}`,
    // By CSP 3 hashes count for attributes only beside this word, which allows nothing by itself.
    ...(attributes.length === 0 ? [] : [`style-src-attr ${sources("'unsafe-hashes'", ...attributes)}`]),
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ');
};
