// The cookies of logins. `__Host-` (RFC 6265bis, 4.1.3.2): the browser takes them over TLS, or from this machine, only; from
// this host alone, and for all of its paths.

/** Holds the secret of the session. */
export const sessionCookie = '__Host-pulser';

/** Holds what a login at the identity provider must come back with. */
export const loginCookie = '__Host-pulser-login';

const secret = /^[\w-]{43}$/;

/** The value of a cookie in a `Cookie` header. One that is there twice counts as missing: which is right cannot be known. */
export const cookieIn = (header: string | undefined, name: string): string | undefined => {
  if (header === undefined) return undefined;
  const values = header
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(`${name}=`))
    .map((pair) => pair.slice(name.length + 1));
  return values.length === 1 ? values[0] : undefined;
};

/** The secret of the session that a request came with. @returns undefined when there is none that could be one */
export const sessionSecretIn = (header: string | undefined): string | undefined => {
  const value = cookieIn(header, sessionCookie);
  return value !== undefined && secret.test(value) ? value : undefined;
};

export interface CookieRules {
  /** Strict: with requests of our own pages only. Lax: also when another page leads here, as the identity provider does. */
  readonly sameSite: 'Strict' | 'Lax';
  /** Seconds that the browser keeps it; 0 deletes it. */
  readonly maxAgeS: number;
}

/** A `Set-Cookie` header. No script can read the cookie. @param value of characters that a cookie can have */
export const setCookie = (name: string, value: string, { sameSite, maxAgeS }: CookieRules): string =>
  `${name}=${value}; Path=/; Max-Age=${maxAgeS}; HttpOnly; Secure; SameSite=${sameSite}`;
