// Which web pages may ask. A page that a browser was led to could otherwise ask servers of the machine it runs on, by a name that
// was rebound to a private address: https://modelcontextprotocol.io/specification/2025-11-25/basic/security_best_practices
const ownMachine = new Set(['localhost', '127.0.0.1', '[::1]']);

/** @param origin of the page; undefined: no browser asks. @param allowed origins that the operator names */
export const mayAsk = (origin: string | undefined, allowed: readonly string[]): boolean => {
  if (origin === undefined) return true;
  const url = URL.parse(origin);
  return url !== null && (ownMachine.has(url.hostname) || allowed.includes(url.origin));
};
