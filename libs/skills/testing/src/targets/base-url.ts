// The base URL of a test, and URLs below it.
import { z } from 'zod';

const isBase = (text: string): boolean => {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) return false;
  return url.search === '' && url.hash === '' && url.username === '' && url.password === '' && !text.includes('{');
};

/** Scheme, host, port and the path that all paths of the test are below. */
export const BaseUrl = z
  .string()
  .max(2_000)
  .refine(isBase, 'An http or https URL without query, fragment, user name, password and braces')
  .transform((text) => new URL(text));

/**
 * A URL below a base: what is in `path` cannot change the host.
 * @param path begins with a slash, and is encoded
 */
export const below = (base: URL, path: string): URL => {
  const url = new URL(base.origin + base.pathname.replace(/\/$/, '') + path);
  if (url.origin !== base.origin) throw new RangeError('A path cannot change the host');
  return url;
};
