// Where one was before the login.

const nowhere = 'https://page.invalid';

/** The place to go back to: a path of the page itself, nothing else, so that no link leads out through the login. */
export const returnPath = (wanted: unknown): string => {
  if (typeof wanted !== 'string' || !wanted.startsWith('/') || wanted.length > 2_000) return '/';
  // As a browser reads it: it skips tabs and line breaks, and takes a backslash for a slash.
  const place = URL.parse(wanted, nowhere);
  if (place?.origin !== nowhere || place.pathname.startsWith('//')) return '/';
  const path = place.pathname + place.search + place.hash;
  return path.startsWith('/login') ? '/' : path;
};

/** Where one is, without what stands behind `#`: that may be a code, and the way back stands in a query. */
export const withoutFragment = ({
  pathname,
  searchStr,
}: {
  readonly pathname: string;
  readonly searchStr: string;
}): string => pathname + searchStr;

/** The code of a one-time link: `#code=...`. A fragment is never sent to a server, nor written to its log. */
export const codeOf = (fragment: string): string | undefined => {
  const code = new URLSearchParams(fragment.replace(/^#/, '')).get('code');
  return code === null || !/^[\w.~-]{8,200}$/.test(code) ? undefined : code;
};
